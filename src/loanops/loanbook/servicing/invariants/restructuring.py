"""INV-14: what is kept of restructurings is what their events make, by what was known then.

An event names what was kept of it; those booked before both sides were kept name nothing, and
nothing is asked of them. What was booked later does not count: a restructuring that was undone, or
that counts otherwise since, keeps what was shown. One that was made by an earlier folding of
events is held to the name that its event gives it, and not to what today's kernel makes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from loanops.kernel.account import Restructured
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.replay import event_of
from loanops.loanbook.servicing.domain.restructuring import (
    FOLD,
    KEPT,
    derived,
    digest_kept,
    digest_of_texts,
    texts_of,
)
from loanops.loanbook.servicing.models import Loan, LoanEvent, LoanTerms, Restructuring
from loanops.platform.audit import Violation, named

_CHUNK = 1_000
_HINT = "what is kept of a restructuring was changed by hand: it stands as it was shown"


def kept() -> Iterator[Violation]:
    """Restructurings kept otherwise than their events make them; rows missing, rows too many."""
    loans = set(
        LoanEvent.objects.filter(kind=Restructured.KIND).values_list("loan_id", flat=True)
    ) | set(Restructuring.objects.values_list("loan_id", flat=True))
    ids = sorted(loans)
    for start in range(0, len(ids), _CHUNK):
        yield from named("INV-14", _HINT, _strayed(ids[start : start + _CHUNK]))


def _strayed(ids: Sequence[int]) -> Iterator[tuple[object, object, object]]:
    """What is wrong of some loans: its name, what should be there, and what is."""
    numbers = dict(Loan.objects.filter(pk__in=ids).values_list("id", "number"))
    terms = dict(LoanTerms.objects.filter(loan_id__in=ids).values_list("loan_id", "terms_json"))
    events: dict[int, list[LoanEvent]] = defaultdict(list)
    for event in LoanEvent.objects.filter(loan_id__in=ids).order_by("id"):
        events[event.loan_id].append(event)
    rows: dict[int, dict[str, Restructuring]] = defaultdict(dict)
    for row in Restructuring.objects.filter(loan_id__in=ids).order_by("id"):
        rows[row.loan_id][row.event] = row
    for loan_id in ids:
        of_loan = rows[loan_id]
        for place, event in enumerate(events[loan_id]):
            mark = _mark(event)
            if not mark:
                continue
            name = f"loan {numbers[loan_id]} restructuring {event.key}"
            found = of_loan.pop(event.key, None)
            if found is None:
                yield name, "both sides of it", "nothing"
                continue
            known = events[loan_id][: place + 1]
            yield from _compared(name, terms.get(loan_id, "{}"), known, found, mark)
        for key in of_loan:
            yield (
                f"loan {numbers[loan_id]} restructuring {key}",
                "nothing of an event that names nothing",
                "a row",
            )


def _mark(event: LoanEvent) -> str:
    """What an event names as kept of it; what cannot be read, another check says."""
    if event.kind != Restructured.KIND:
        return ""
    try:
        return str(json.loads(event.values_json or "{}").get(KEPT, ""))
    except (ValueError, AttributeError):
        return ""


def _compared(
    name: str, terms: str, known: Sequence[LoanEvent], found: Restructuring, mark: str
) -> Iterator[tuple[object, object, object]]:
    event = known[-1]
    when = (event.counts_on, event.booked_on, event.at)
    if (found.counts_on, found.booked_on, found.at) != when:
        yield name, f"{when}", f"{(found.counts_on, found.booked_on, found.at)}"
    sides = (found.before_json, found.after_json, found.treated_json)
    if found.fold != FOLD:
        # Today's kernel may make other figures of it: what was shown is held to its own name.
        if mark != digest_of_texts(sides):
            yield f"{name} digest", digest_of_texts(sides)[:12], mark[:12]
        return
    try:
        agreed = derived(
            Terms.from_dict(json.loads(terms)),
            [event_of(e.key, e.kind, e.counts_on, e.amount_minor, e.content_json) for e in known],
            event.booked_on,
        )
    except (Refusal, ValueError, KeyError, TypeError):
        # The replay of every loan names terms and events that cannot be folded.
        return
    for side, right, stored in zip(
        ("before", "after", "treated"), texts_of(agreed), sides, strict=True
    ):
        if right != stored:
            yield f"{name} {side}", *_difference(right, stored)
    if mark != digest_kept(agreed):
        yield f"{name} digest", digest_kept(agreed)[:12], mark[:12]


def _difference(right: str, stored: str) -> tuple[str, str]:
    """The first place at which two texts part, with what follows it."""
    pairs = zip(right, stored, strict=False)
    at = next(
        (place for place, (a, b) in enumerate(pairs) if a != b), min(map(len, (right, stored)))
    )
    since = max(at - 30, 0)
    return right[since : at + 30], stored[since : at + 30]
