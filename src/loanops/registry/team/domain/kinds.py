"""What kinds of work there are: what opens and ends an item, who may see and do it, how soon.

An event only says that it may stand otherwise with a subject now; whether the subject waits is
asked of the room that owns it (see ``ports``). So an event that comes twice, late or out of order
does no harm, and items can be built anew at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from loanops.registry.team.domain.levels import Level


class Kind(StrEnum):
    """What is to be done."""

    REVIEW = "review"
    """An application that a strategy referred to a person."""
    DOCUMENT = "document"
    """Documents of an application that nobody has judged."""
    SUPPLEMENT = "supplement"
    """Documents that the applicant still has to bring."""
    CHANGE = "change"
    """A change of a loan that a colleague asked for."""
    REREAD = "reread"
    """Rates that floating loans should have read, worked out and not let go."""
    UNDO = "undo"
    """An import that somebody asked to be taken back."""
    ASIDE = "aside"
    """A loan that a step of the close could not treat."""
    REFUND = "refund"
    """Money that somebody asked to be given back."""
    EXCEPTION = "exception"
    """What no rule may decide."""


@dataclass(frozen=True)
class Work:
    """A kind of work.

    ``opened_by`` are events after which a subject may begin to wait, ``ended_by`` those after
    which it may have stopped, ``rebuilt_by`` those after which everything of the kind is looked at
    anew; ``named_by`` is the field in which they name the subject, unless it is theirs. ``level``
    holds where a book has set no other.
    """

    opened_by: tuple[str, ...]
    ended_by: tuple[str, ...]
    named_by: str
    seen_with: str
    done_with: str
    level: Level
    rebuilt_by: tuple[str, ...] = ()


_OVER: Final = (
    "applications.declined",
    "applications.declined_many",
    "applications.withdrawn",
    "applications.expired_many",
)
_APPROVED: Final = ("applications.approved", "applications.approved_many")
_PAST_DOCUMENTS: Final = (*_OVER, "contracts.signed", "contracts.signed_many", "routing.refused")
_REQUESTS: Final = ("servicing.request_moved", "servicing.request_moved_many")


def _second_person(minutes: int, *, named_by: str = "request") -> Work:
    """What one asked for and another lets go; the event says of both that it moved."""
    return Work(
        opened_by=_REQUESTS,
        ended_by=_REQUESTS,
        named_by=named_by,
        seen_with="servicing.view",
        done_with="servicing.approve",
        level=Level(target_minutes=minutes),
    )


HOUR: Final = 60
REBUILD: Final = "team.rebuild"
"""The job that looks at everything anew."""
KINDS: Final[Mapping[Kind, Work]] = {
    Kind.REVIEW: Work(
        opened_by=("applications.referred", "applications.referred_many"),
        ended_by=(*_APPROVED, *_OVER),
        named_by="application",
        seen_with="applications.view",
        done_with="decisioning.review",
        level=Level(target_minutes=4 * HOUR),
    ),
    Kind.DOCUMENT: Work(
        opened_by=("applications.document_added",),
        ended_by=("applications.document_judged", *_PAST_DOCUMENTS),
        named_by="application",
        seen_with="applications.view",
        done_with="applications.review_documents",
        level=Level(target_minutes=4 * HOUR),
    ),
    Kind.SUPPLEMENT: Work(
        opened_by=(
            "applications.submitted",
            "applications.submitted_many",
            "applications.document_judged",
        ),
        ended_by=("applications.document_added", *_APPROVED, *_PAST_DOCUMENTS),
        named_by="application",
        seen_with="applications.view",
        done_with="applications.submit",
        level=Level(target_minutes=27 * HOUR),
        rebuilt_by=("applications.checklist_set",),
    ),
    # What was asked for lapses when its business day is closed.
    Kind.CHANGE: _second_person(2 * HOUR),
    Kind.REREAD: _second_person(9 * HOUR),
    # The subject is the import: one request for it waits at a time.
    Kind.UNDO: _second_person(2 * HOUR, named_by="import"),
    Kind.ASIDE: Work(
        opened_by=("servicing.loans_set_aside",),
        ended_by=("servicing.loan_released", "servicing.import_undone_many"),
        named_by="loan",
        seen_with="servicing.view",
        done_with="servicing.release",
        level=Level(target_minutes=4 * HOUR),
    ),
    Kind.REFUND: Work(
        opened_by=("payments.refund_moved",),
        ended_by=("payments.refund_moved",),
        named_by="refund",
        seen_with="payments.view",
        done_with="payments.decide_refund",
        level=Level(target_minutes=9 * HOUR),
    ),
    Kind.EXCEPTION: Work(
        opened_by=("routing.exceptions_opened",),
        ended_by=("routing.exception_closed",),
        named_by="exception",
        seen_with="routing.view",
        done_with="routing.resolve",
        level=Level(target_minutes=2 * HOUR),
    ),
}
FOLLOWED: Final = frozenset(
    name for work in KINDS.values() for name in (*work.opened_by, *work.ended_by, *work.rebuilt_by)
)
"""Every event after which work may come or go."""


def subjects_of(payload: Mapping[str, Any], subject: str, named_by: str) -> list[str]:
    """The subjects that an event may have moved; of a batch those of its rows."""
    rows = payload.get("rows")
    parts = rows if isinstance(rows, list) else [payload]
    return list(dict.fromkeys(str(part.get(named_by) or subject) for part in parts))
