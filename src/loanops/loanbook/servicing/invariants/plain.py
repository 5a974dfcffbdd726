"""Plain loans, most of a book: those to which only money came are replayed together, by arrays.

What is found here is that a loan is its replay, in every column. Whatever is in doubt, be it a rule
that the arrays do not know or a figure that differs, is left to the replay of the loan alone,
which names what it finds.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from loanops.kernel.account import Disbursed, Repaid
from loanops.kernel.account.many import (
    NEVER,
    Folded,
    Kind,
    PlainLoans,
    fold_many,
    is_plain,
    penalty_of,
)
from loanops.kernel.alike import Asked, asked_alike
from loanops.kernel.portfolio import PortfolioTooLarge
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.position import Item, standing
from loanops.loanbook.servicing.domain.replay import counted
from loanops.loanbook.servicing.domain.rules import Rules, rules_of
from loanops.loanbook.servicing.domain.turn import settled_on
from loanops.loanbook.servicing.models import Loan, LoanEvent, LoanTerms
from loanops.loanbook.servicing.operations.loading import Held, hold

_NO_DAY = date.min.toordinal()


@dataclass(frozen=True, slots=True)
class _Told:
    """What a plain loan's events say: its payout, and the money that came, by day and amount."""

    out_on: date
    out_minor: int
    payments: tuple[tuple[int, int], ...]

    @property
    def last_on(self) -> date:
        return date.fromordinal(max([self.out_on.toordinal(), *(on for on, _ in self.payments)]))


@dataclass(frozen=True, slots=True)
class _Alike:
    """Loans that were agreed alike in all but their principal."""

    terms: Terms
    asked: Asked
    loans: list[Loan]


def replayed_alike(loans: Sequence[Loan], on: date) -> set[int]:
    """The ids of loans that are, in every column, what their terms and events make of them."""
    told = _told([loan.pk for loan in loans])
    stored = {held.id: held for held in hold(list(told), whole=True, locked=False)}
    kinds: dict[tuple[Kind, int], list[_Alike]] = defaultdict(list)
    for alike in _alike([loan for loan in loans if loan.pk in told], told):
        kinds[(Kind.of(alike.terms), len(alike.asked.due_dates))].append(alike)
    found: set[int] = set()
    for (kind, _), groups in kinds.items():
        try:
            folded = fold_many(_gathered(groups, told), kind, on)
        except PortfolioTooLarge:
            continue
        found |= set(_found(groups, folded, told, stored, on))
    return found


def _told(ids: Sequence[int]) -> dict[int, _Told]:
    """What the events of plain loans say, of those that begin with one payout."""
    rows: dict[int, list[tuple[str, date, int, str]]] = defaultdict(list)
    columns = ("loan_id", "kind", "counts_on", "amount_minor", "content_json")
    found = LoanEvent.objects.filter(loan_id__in=ids).order_by("id").values_list(*columns)
    for loan_id, kind, counts_on, amount_minor, content in found:
        rows[loan_id].append((kind, counts_on, amount_minor, content))
    told = {}
    for loan_id, events in rows.items():
        (kind, out_on, out_minor, _), *later = events
        if kind != Disbursed.KIND or any(said for *_, said in events):
            continue
        if all(kind == Repaid.KIND and on >= out_on for kind, on, *_ in later):
            came = sorted((on.toordinal(), minor) for _, on, minor, _ in later)
            told[loan_id] = _Told(out_on, out_minor, tuple(came))
    return told


def _alike(loans: Sequence[Loan], told: Mapping[int, _Told]) -> Iterator[_Alike]:
    """Loans in groups of like terms; those whose terms or payout are in doubt are left out."""
    texts = dict(
        LoanTerms.objects.filter(loan_id__in=list(told)).values_list("loan_id", "terms_json")
    )
    groups: dict[str, list[tuple[Loan, int]]] = defaultdict(list)
    for loan in loans:
        agreed: dict[str, Any] = json.loads(texts.get(loan.pk, "{}"))
        minor, out = agreed.pop("principal_minor", None), told[loan.pk]
        if minor == out.out_minor and agreed.get("start_date") == out.out_on.isoformat():
            groups[json.dumps(agreed, sort_keys=True)].append((loan, minor))
    for text, members in groups.items():
        principals = [minor for _, minor in members]
        try:
            terms = Terms.from_dict({**json.loads(text), "principal_minor": principals[0]})
            asked = asked_alike(terms, principals) if is_plain(terms) else None
        except Refusal:
            continue
        if asked is not None:
            yield _Alike(terms, asked, [loan for loan, _ in members])


def _gathered(groups: Sequence[_Alike], told: Mapping[int, _Told]) -> PlainLoans:
    """Groups of one kind side by side."""
    came = [told[loan.pk].payments for group in groups for loan in group.loans]
    longest = max(len(each) for each in came)
    padded = np.array(
        [[*each, *[(_NO_DAY, 0)] * (longest - len(each))] for each in came], np.int64
    ).reshape(len(came), longest, 2)
    sizes = [len(group.loans) for group in groups]
    numerators, denominators, ends = (
        np.repeat(np.array(each, np.int64), sizes)
        for each in zip(*(penalty_of(group.terms) for group in groups), strict=True)
    )
    dues = [[day.toordinal() for day in group.asked.due_dates] for group in groups]
    return PlainLoans(
        due_on=np.repeat(np.array(dues, np.int64).T, sizes, axis=1),
        principal_minor=np.concatenate([group.asked.principal_minor for group in groups], 1),
        interest_minor=np.concatenate([group.asked.interest_minor for group in groups], 1),
        fee_minor=np.concatenate([group.asked.fee_minor for group in groups], 1),
        paid_on=padded[:, :, 0].T,
        paid_minor=padded[:, :, 1].T,
        penalty=(numerators, denominators, ends),
    )


def _found(
    groups: Sequence[_Alike],
    folded: Folded,
    told: Mapping[int, _Told],
    stored: Mapping[int, Held],
    on: date,
) -> Iterator[int]:
    """The loans of groups whose stored rows are those that were folded."""
    place = 0
    for group in groups:
        for number, loan in enumerate(group.loans):
            held = stored[loan.pk]
            items = {
                item.number: item
                for item in _items(group.asked, number, folded, place, held.rules, on)
            }
            credit_minor = int(folded.credit_minor[place])
            place += 1
            if held.items == items and _is_its_replay(
                loan, held, group.terms, told[loan.pk], credit_minor, on
            ):
                yield loan.pk


def _items(
    asked: Asked, number: int, folded: Folded, place: int, rules: Rules, on: date
) -> Iterator[Item]:
    """The instalments of one loan as the projection keeps them."""
    columns = zip(
        asked.start_dates,
        asked.due_dates,
        asked.principal_minor[:, number].tolist(),
        asked.interest_minor[:, number].tolist(),
        asked.fee_minor[:, number].tolist(),
        folded.paid_minor[:, :, place].T.tolist(),
        folded.settled_on[:, place].tolist(),
        folded.penal_minor_days[:, place].tolist(),
        folded.held_from[:, place].tolist(),
        folded.held_minor_days[:, place].tolist(),
        strict=True,
    )
    for row, (start, due, principal, interest, fee, paid, settled, penal, since, days) in enumerate(
        columns, start=1
    ):
        item = Item(
            number=row,
            due_on=due,
            principal_minor=principal,
            interest_minor=interest,
            fee_minor=fee,
            paid_principal_minor=paid[0],
            paid_interest_minor=paid[1],
            paid_fee_minor=paid[2],
            paid_penalty_minor=paid[3],
            settled_on=None if settled == NEVER else date.fromordinal(settled),
            starts_on=start,
        )
        yield counted(item, penal, (date.fromordinal(since), days), rules, on)


def _is_its_replay(
    loan: Loan, held: Held, terms: Terms, told: _Told, credit_minor: int, on: date
) -> bool:
    """Whether the figures and days of a loan follow from its instalments, terms and events."""
    seen = standing(held.items.values(), held.rules, on)
    paid_minor = sum(item.paid_principal_minor for item in held.items.values())
    ended_on = settled_on(held.items.values()) or told.last_on
    return (
        loan.outstanding_minor == told.out_minor - paid_minor
        and loan.advanced_minor == told.out_minor
        and loan.credit_minor == credit_minor
        and loan.claim_owner == loan.funder
        and loan.state != LoanState.WRITTEN_OFF
        and loan.oldest_due_on == seen.oldest_due_on
        and loan.settled_on == (ended_on if seen.is_settled else None)
        and loan.disbursed_on == told.out_on
        and loan.last_event_on == told.last_on
        and loan.changed_on is None
        and loan.counted_from is None
        and rules_of(terms, held.rules.sharing) == held.rules
    )
