"""INV-14: what is kept of loans was written when the audit saw it, and reads as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from loanops.kernel.account import BroughtIn, Disbursed, RateChanged, Repaid, Reversed
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.floating import is_reset
from loanops.loanbook.servicing.domain.replay import content_of, event_of
from loanops.loanbook.servicing.invariants.replays import in_pieces
from loanops.loanbook.servicing.models import (
    BookImport,
    Change,
    ChangeRequest,
    ClassChange,
    ClassOrder,
    ImportUndo,
    Loan,
    LoanEvent,
    Reread,
    Restructuring,
    SetAside,
)
from loanops.platform.audit import Violation, named, witness
from loanops.platform.audit.witness import Written

_LOAN = Loan._meta.db_table
# Tables, how a row is named, and its pairs of a moment and the business day of that moment.
_OF_LOANS = (
    (LoanEvent, "' event ' || x.key", (("at", "booked_on"),)),
    (Change, "' change ' || x.id", (("at", "changed_on"),)),
    (ClassChange, "' class change ' || x.id", (("at", "changed_on"),)),
    (ClassOrder, "' class order ' || x.id", (("at", "begins_on"), ("ended_at", "ended_on"))),
    (ChangeRequest, "' request ' || x.number", (("asked_at", "asked_on"), ("decided_at", ""))),
    (Restructuring, "' restructuring ' || x.event", (("at", "booked_on"),)),
    (SetAside, "' set aside ' || x.id", (("at", ""), ("released_at", ""))),
)

# What the audit calls an event of a kind, where it is not called by the kind alone.
_CODES = {Reversed.KIND: ("servicing.undone", "servicing.reversed")}


def unwitnessed() -> Iterator[Violation]:
    """Rows of a moment or a day that the audit does not know, or numbered for another moment."""
    written = [
        Written(
            source=f"{model._meta.db_table} x JOIN {_LOAN} l ON l.id = x.loan_id",
            name=f"'loan ' || l.number || {name}",
            at=f"x.{at}",
            book="l.book_id",
            on=f"x.{on}" if on else "",
        )
        for model, name, moments in _OF_LOANS
        for at, on in moments
    ]
    imports = Written(
        source=f"{BookImport._meta.db_table} x",
        name="'import ' || x.number",
        at="x.at",
        book="x.book_id",
        on="x.imported_on",
    )
    undone = imports._replace(at="x.undone_at", on="x.undone_on")
    runs = Written(
        source=f"{Reread._meta.db_table} x",
        name="'run ' || x.number",
        at="x.asked_at",
        book="x.book_id",
        on="x.asked_on",
    )
    asked = Written(
        source=f"{ImportUndo._meta.db_table} x JOIN {BookImport._meta.db_table} b "
        "ON b.id = x.brought_id",
        name="'request ' || x.number",
        at="x.asked_at",
        book="b.book_id",
        on="x.asked_on",
    )
    decided = asked._replace(at="x.decided_at", on="")
    yield from witness.unwitnessed([*written, imports, undone, runs, asked, decided])
    yield from witness.misnumbered(ImportUndo.objects.all(), "UR", "asked_at")
    yield from witness.misnumbered(Reread.objects.all(), "RR", "asked_at")
    yield from witness.misnumbered(ChangeRequest.objects.all(), "CR", "asked_at")


def unreadable_events() -> Iterator[Violation]:
    """Events that do not read back as they were written, or whose key or digest is another."""
    kinds = LoanEvent.objects.values_list("kind", flat=True).order_by().distinct()
    shown = {
        (said.subject, said.values["digest"]): said.values.get("amount_minor", 0)
        for kind in kinds.exclude(kind__in=(Disbursed.KIND, Repaid.KIND))
        for code in _CODES.get(kind, (f"servicing.{kind}",))
        for said in witness.said(code)
        if "digest" in said.values
    }
    for ids in in_pieces():
        rows = LoanEvent.objects.filter(loan_id__in=ids).order_by("id")
        for row in rows.select_related("loan").iterator():
            if wrong := _wrong(row, shown):
                yield from named(
                    "INV-14",
                    "the event was changed by hand: its loan replays from what it says",
                    [(f"loan {row.loan.number} event {row.key}", wrong, "otherwise")],
                )


def _wrong(row: LoanEvent, shown: Mapping[tuple[str, str], int]) -> str:
    """What does not hold of a stored event; empty where all does."""
    try:
        event = event_of(row.key, row.kind, row.counts_on, row.amount_minor, row.content_json)
        values = json.loads(row.values_json) if row.values_json else None
    except (Refusal, ValueError, TypeError, AttributeError):
        return "an event that can be read"
    if content_of(event) != row.content_json:
        return f"content {content_of(event)}"
    if not isinstance(values, dict) and (values is not None or row.kind != Disbursed.KIND):
        return "what it did when it was booked"
    ours = row.kind != BroughtIn.KIND and not row.receipt
    # A rate that was read from an index is booked under the day for which it was read.
    is_read = isinstance(event, RateChanged) and is_reset(event)
    if ours and not is_read and not re.fullmatch(rf"{row.kind}(-[0-9]+)?", row.key):
        return f"key {row.kind}"
    if values and "digest" in values and (row.loan.number, values["digest"]) not in shown:
        return "the digest that the audit saw booked"
    if (
        values
        and "digest" in values
        and shown[row.loan.number, values["digest"]] != (row.amount_minor)
    ):
        return f"amount {shown[row.loan.number, values['digest']]}"
    return ""
