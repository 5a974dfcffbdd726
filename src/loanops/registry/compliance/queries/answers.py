"""May we? Each answer carries its rule, source, article and standing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from loanops.kernel.pricing import AllInCost, Measure
from loanops.registry.compliance.domain.answers import Answer
from loanops.registry.compliance.queries.packs import law_of


def may_offer(
    *,
    book: str,
    lender_kind: str,
    cost: AllInCost,
    on: date,
    measure: str = Measure.SIMPLE.value,
    agreed: Decimal | None = None,
    months: int | None = None,
) -> Answer:
    """Whether a loan of this all-in cost may be offered; compared unrounded, by the measure.

    :raises NotFound: there is no such book or pack.
    """
    law = law_of(book=book, on=on)
    return law.may_offer(
        lender_kind=lender_kind, cost=cost, measure=measure, agreed=agreed, months=months
    )


def signing_answer(*, book: str, mode: str, funder: str, on: date) -> Answer:
    """Whether the parties may sign by this mode (``funder_page`` or ``ours``) for this funder.

    :raises NotFound: there is no such book or pack.
    """
    return law_of(book=book, on=on).may_sign(mode=mode, funder=funder)


def may_use_for(*, book: str, purpose: str, on: date) -> Answer:
    """Whether a loan may be used for this purpose.

    :raises NotFound: there is no such book or pack.
    """
    return law_of(book=book, on=on).may_use_for(purpose=purpose)


def may_charge(*, book: str, charging_party: str, on: date) -> Answer:
    """Whether a party of this kind (such as ``platform``) may charge the borrower.

    :raises NotFound: there is no such book or pack.
    """
    return law_of(book=book, on=on).may_charge(charging_party=charging_party)


def may_penalise(*, book: str, multiple: Decimal, on: date, misuse: bool = False) -> Answer:
    """Whether penalty interest may be this multiple of the contract rate.

    :raises NotFound: there is no such book or pack.
    """
    return law_of(book=book, on=on).may_penalise(multiple=multiple, misuse=misuse)
