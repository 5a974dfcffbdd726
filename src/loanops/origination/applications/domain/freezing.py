"""What is frozen at submission: every fact a strategy may ever see of this request."""

from __future__ import annotations

from decimal import Decimal

from loanops.origination.applications.domain.request import ApplicationRequest, Fact


def frozen_facts(
    request: ApplicationRequest, *, age_years: int | None, identity_check: str
) -> dict[str, Fact]:
    """The sender's facts, and those the house makes of the request and of the person.

    An unknown value is kept as null, so that it can be seen to be missing.
    """
    rate = request.annual_rate
    person = request.applicant
    return {
        **request.facts,
        "amount_minor": request.amount_minor,
        "term_months": request.term_months,
        "rate_annual_ppm": None if rate is None else int(rate * Decimal(1_000_000)),
        "instalment_minor": request.instalment_minor,
        "purpose": request.purpose,
        "region": request.region or None,
        "channel": request.channel,
        "age_years": age_years,
        "identity_check": identity_check,
        "income_monthly_minor": person.income_monthly_minor if person else None,
        "industry": (person.industry or None) if person else None,
    }
