"""Questions to applications."""

from loanops.origination.applications.queries.cards import (
    ApplicationCard,
    Filter,
    Page,
    cards_of,
    channels_of,
    count_by_stage,
    get_application,
    list_applications,
    outcomes_of,
    stages_of,
)
from loanops.origination.applications.queries.documents import (
    ChecklistLine,
    DocumentCard,
    document_card,
    document_kinds,
    document_reasons,
    get_checklist,
    lacking_documents,
    list_documents,
    missing_documents,
    read_document,
)
from loanops.origination.applications.queries.timeline import (
    PassageCard,
    ordered_verdicts,
    timeline,
)

__all__ = [
    "ApplicationCard",
    "ChecklistLine",
    "DocumentCard",
    "Filter",
    "Page",
    "PassageCard",
    "cards_of",
    "channels_of",
    "count_by_stage",
    "document_card",
    "document_kinds",
    "document_reasons",
    "get_application",
    "get_checklist",
    "lacking_documents",
    "list_applications",
    "list_documents",
    "missing_documents",
    "ordered_verdicts",
    "outcomes_of",
    "read_document",
    "stages_of",
    "timeline",
]
