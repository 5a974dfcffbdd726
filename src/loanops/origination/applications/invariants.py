"""What must always hold of applications."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, OuterRef

from loanops.kernel.refusals import NotFound
from loanops.origination.applications.domain.lifecycle import LIFECYCLE, Move, Stage
from loanops.origination.applications.models import Application, Document, Passage
from loanops.platform.audit import Check, Violation
from loanops.platform.files.queries import get_file

_EDGES = {(origin.value, move.value, target.value) for origin, move, target in LIFECYCLE.edges()}


def moves_that_the_table_forbids() -> Iterator[Violation]:
    """Rows of the log that are no edge, do not follow each other, or go back in time."""
    last: tuple[int, str, datetime] | None = None
    rows = Passage.objects.order_by("application_id", "place").values_list(
        "application_id", "application__number", "move", "from_stage", "to_stage", "at"
    )
    for application, number, move, origin, target, at in rows.iterator(chunk_size=5_000):
        if (origin, move, target) not in _EDGES:
            yield _bad(number, "a move of the table", f"{origin} -{move}-> {target}")
        before = last[1] if last and last[0] == application else LIFECYCLE.start.value
        if origin != before:
            yield _bad(number, f"a move from {before}", f"a move from {origin}")
        if last and last[0] == application and at < last[2]:
            yield _bad(number, "moves in the order of time", "a move before the one before it")
        last = (application, target, at)


def stages_that_the_log_does_not_end_in() -> Iterator[Violation]:
    """Applications whose stage is not the last one of their log."""
    newest = (
        Passage.objects.filter(application=OuterRef("pk")).order_by("-place").values("to_stage")[:1]
    )
    rows = (
        Application.objects.annotate(logged=newest)
        .exclude(stage=F("logged"))
        .values_list("number", "stage", "logged")
    )
    for number, stage, logged in rows.order_by("id"):
        if logged is None and stage == LIFECYCLE.start.value:
            continue
        yield _bad(number, f"stage {logged or LIFECYCLE.start.value}", f"stage {stage}")


def verdicts_without_their_columns() -> Iterator[Violation]:
    """Declined without a reason, or past approval without an approved amount."""
    for number, reasons in Application.objects.filter(stage=Stage.DECLINED).values_list(
        "number", "reasons"
    ):
        if not reasons:
            yield _bad(number, "reason codes", "none")
    approved = {
        target for _, move, target in LIFECYCLE.edges() if move in {Move.APPROVE, Move.OFFER}
    } | {Stage.SIGNED, Stage.DISBURSED}
    for number in Application.objects.filter(
        stage__in=approved, offered_minor__isnull=True
    ).values_list("number", flat=True):
        yield _bad(number, "an approved amount", "none")


def documents_without_a_file() -> Iterator[Violation]:
    """Documents whose file is not kept."""
    for document in Document.objects.order_by("id").iterator():
        try:
            get_file(document.file)
        except NotFound:
            yield Violation(
                code="INV-26",
                object=document.number,
                expected=f"a file {document.file}",
                found="none",
                hint="restore the file's row from a backup",
            )


def _bad(number: str, expected: str, found: str) -> Violation:
    return Violation(
        code="INV-10",
        object=number,
        expected=expected,
        found=found,
        hint="the row was changed outside the house; the log of its moves says what happened",
    )


CHECKS = (
    Check(
        code="INV-10",
        statement="Every move of an application is in the table, and follows the one before it.",
        find=moves_that_the_table_forbids,
    ),
    Check(
        code="INV-10",
        statement="An application stands where its log of moves ends.",
        find=stages_that_the_log_does_not_end_in,
    ),
    Check(
        code="INV-10",
        statement="A decline has reasons, an approval an amount.",
        find=verdicts_without_their_columns,
    ),
    Check(
        code="INV-26",
        statement="Each document of an application has its file.",
        find=documents_without_a_file,
    ),
)
