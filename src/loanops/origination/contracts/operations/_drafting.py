"""An offer in the making: every rule that can refuse it, then its terms, schedule and cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from loanops.kernel.calendar import Unit
from loanops.kernel.money import format_amount
from loanops.kernel.pricing import AllInCost, all_in_cost
from loanops.kernel.refusals import BadField, NotFound
from loanops.kernel.schedule import FirstRead, Schedule, Terms, schedule
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.contracts.domain.lifecycle import OfferState
from loanops.origination.contracts.domain.refusals import (
    CostAboveCap,
    LawForbids,
    NotApproved,
    OfferAboveApproved,
    OutsideAgreement,
    OutsideProduct,
)
from loanops.origination.contracts.domain.statement import STATEMENT_VERSION, rows_of, statement
from loanops.origination.contracts.domain.witness import canonical, witness
from loanops.origination.contracts.operations._frame import Frame, OfferIn
from loanops.registry.compliance.queries import Answer
from loanops.registry.partners.queries import AgreementCard
from loanops.registry.products import queries as products
from loanops.registry.products.queries import ProductVersionCard, PromotionCard

APPROVED: Final = "approved"
OFFERED: Final = "offered"

OFFER_COLUMNS: Final = (
    "number", "book_id", "application", "party", "product", "product_version", "agreement",
    "agreement_version", "funder", "lender_kind", "guarantor", "signing_mode", "currency",
    "principal_minor", "instalments", "rate_annual", "start_date", "terms_json", "schedule_json",
    "upfront_fees_minor", "cost_simple", "cost_effective", "cost_method", "cost_measure",
    "statement_json", "statement_sha256", "answer_json", "state", "made_at", "made_on",
    "expires_on", "version", "promotion", "replaces",
)  # fmt: skip


@dataclass(frozen=True)
class Under:
    """The promotion that lowers an offer, and the offer it takes the place of with its day."""

    promotion: PromotionCard
    replaces: str
    made_on: date


@dataclass(frozen=True)
class Draft:
    """An offer that passed every rule; ``under`` is what lowered it, if anything did."""

    given: OfferIn
    application: ApplicationCard
    agreement: AgreementCard
    version: ProductVersionCard
    terms: Terms
    plan: Schedule
    cost: AllInCost
    answer: Answer
    under: Under | None = None
    first: FirstRead | None = None


def draft(given: OfferIn, frame: Frame, under: Under | None = None) -> Draft:
    """Hold an offer against application, product, agreement and law.

    :raises NotFound, NotApproved, OfferAboveApproved, OutsideProduct, OutsideAgreement: it does
        not fit what it stands on.
    :raises LawForbids, CostAboveCap: the law or the agreed ceiling forbids it.
    :raises PromotionDoesNotFit: its promotion lowers nothing of these terms.
    :raises IndexUnknown: its first rate is read from an index of which no figure is known.
    :raises BadField: it cannot be scheduled, or names a rate that is read, or lacks one.
    """
    application = _application(given, frame)
    version = _version(given, application, frame)
    agreement = _agreement(given, application, frame)
    if application.stage not in {APPROVED, OFFERED}:
        raise NotApproved(application=application.number, stage=application.stage)
    approved_minor = application.offered_minor or application.amount_minor
    if given.principal_minor > approved_minor:
        raise OfferAboveApproved(
            field="principal_minor",
            offered=format_amount(given.principal_minor, version.currency),
            approved=format_amount(approved_minor, version.currency),
        )
    months = _months(given, version)
    _fit_product(given, version, months)
    # Who takes a promotion was offered the figure of the day of that offer.
    day = frame.on if under is None else under.made_on
    first = products.first_rate(version, series=frame.series, on=day)
    annual_rate = _rate(given, first)
    _fit_agreement(given, annual_rate, agreement, version, months)
    _fit_law(given, agreement, version, months, frame)
    terms = products.terms_for(
        version,
        principal_minor=given.principal_minor,
        instalments=given.instalments,
        annual_rate=annual_rate,
        start_date=given.start_date,
        fees=agreement.fees,
    )
    if under is not None:
        terms = products.lower(terms, under.promotion.rule)
    plan = schedule(terms)
    cost = all_in_cost(terms, plan)
    answer = frame.law.may_offer(
        lender_kind=agreement.lender_kind,
        cost=cost,
        measure=agreement.cost_measure,
        agreed=agreement.cost_cap_annual,
        months=months,
    )
    if not answer.allowed:
        raise CostAboveCap(
            **{name: answer.values[name] for name in ("found", "measure", "limit")},
            source=f"{answer.source} {answer.article}".strip() or agreement.number,
        )
    return Draft(given, application, agreement, version, terms, plan, cost, answer, under, first)


def _application(given: OfferIn, frame: Frame) -> ApplicationCard:
    application = frame.applications.get(given.application)
    if application is None or application.book != frame.book.code:
        raise NotFound(kind="application", number=given.application)
    return application


def _version(given: OfferIn, application: ApplicationCard, frame: Frame) -> ProductVersionCard:
    version = frame.versions.get(given.product_version)
    if version is None or version.book != frame.book.code:
        raise NotFound(kind="product version", number=given.product_version)
    if version.product != application.product:
        raise OutsideProduct(
            field="product_version",
            what="application",
            found=application.number,
            product=version.product,
            allowed=application.product,
        )
    return version


def _agreement(given: OfferIn, application: ApplicationCard, frame: Frame) -> AgreementCard:
    agreement = frame.agreements.get(given.agreement)
    if agreement is None or agreement.book != frame.book.code:
        raise NotFound(kind="agreement", number=given.agreement)
    if not agreement.live:
        raise OutsideAgreement(
            field="agreement", what="agreement", found=agreement.state, agreement=agreement.number,
            allowed="active",
        )  # fmt: skip
    if agreement.products and application.product not in agreement.products:
        raise OutsideAgreement(
            field="agreement",
            what="product",
            found=application.product,
            agreement=agreement.number,
            allowed=", ".join(agreement.products),
        )
    return agreement


def _months(given: OfferIn, version: ProductVersionCard) -> int | None:
    frequency = version.terms["frequency"]
    if frequency["unit"] != Unit.MONTHS.value:
        return None
    return given.instalments * int(frequency["every"])


def _fit_product(given: OfferIn, version: ProductVersionCard, months: int | None) -> None:
    low, high = version.amount_min_minor, version.amount_max_minor
    if not low <= given.principal_minor <= high:
        raise OutsideProduct(
            field="principal_minor",
            what="amount",
            found=format_amount(given.principal_minor, version.currency),
            product=version.product,
            allowed=_range(low, high, version.currency),
        )
    if months is not None and months not in version.terms_months:
        raise OutsideProduct(
            field="instalments",
            what="term",
            found=months,
            product=version.product,
            allowed=", ".join(str(each) for each in version.terms_months),
        )


def _rate(given: OfferIn, first: FirstRead | None) -> Decimal:
    """The first rate of the loan: read from the index, or as it was named."""
    named = given.annual_rate
    if first is not None:
        if named is not None and named != first.rate_annual:
            raise BadField(
                field="annual_rate", problem="must be left out: it is read from the index"
            )
        return first.rate_annual
    if named is None:
        raise BadField(field="annual_rate", problem="must be given")
    if named < 0:
        raise BadField(field="annual_rate", problem="must be zero or more")
    return named


def _fit_agreement(
    given: OfferIn,
    annual_rate: Decimal,
    agreement: AgreementCard,
    version: ProductVersionCard,
    months: int | None,
) -> None:
    low, high = agreement.amount_min_minor, agreement.amount_max_minor
    if not low <= given.principal_minor <= high:
        raise OutsideAgreement(
            field="principal_minor",
            what="amount",
            found=format_amount(given.principal_minor, version.currency),
            agreement=agreement.number,
            allowed=_range(low, high, version.currency),
        )
    if months is not None and months not in agreement.terms_months:
        raise OutsideAgreement(
            field="instalments",
            what="term",
            found=months,
            agreement=agreement.number,
            allowed=", ".join(str(each) for each in agreement.terms_months),
        )
    # A funder may grant a lower rate than agreed, never a higher one.
    ceiling = agreement.rate_annual if agreement.rate_annual is not None else version.rate_annual
    if ceiling is not None and annual_rate > ceiling:
        raise OutsideAgreement(
            field="annual_rate",
            what="rate",
            found=annual_rate,
            agreement=agreement.number,
            allowed=ceiling,
        )


def _fit_law(
    given: OfferIn,
    agreement: AgreementCard,
    version: ProductVersionCard,
    months: int | None,
    frame: Frame,
) -> None:
    answers = list(frame.forbidden_charges(agreement, version))
    answers.append(
        frame.law.may_lend(lender_kind=agreement.lender_kind, amount_minor=given.principal_minor)
    )
    if months is not None:
        answers.append(frame.law.may_run_for(method=version.method, months=months))
    for answer in answers:
        if not answer.allowed:
            source = f"{answer.source} {answer.article}"
            raise LawForbids(problem=answer.template, source=source, **answer.values)


def _range(low_minor: int, high_minor: int, currency: str) -> str:
    return f"{format_amount(low_minor, currency)} - {format_amount(high_minor, currency)}"


def offer_row(number: str, made: Draft, frame: Frame, at: datetime) -> tuple[Any, ...]:
    """The row of an offer, in the order of ``OFFER_COLUMNS``."""
    given, agreement, version = made.given, made.agreement, made.version
    kept = made.answer.to_dict()
    shown = canonical(
        statement(
            offer=number,
            book=frame.book.code,
            terms=made.terms,
            plan=made.plan,
            cost=made.cost,
            measure=agreement.cost_measure,
            parties=frame.parties(agreement),
            rule=kept,
            first=made.first,
        )
    )
    return (
        number, frame.book.code, given.application, made.application.party or "", version.product,
        version.number, agreement.number, agreement.version, agreement.partner,
        agreement.lender_kind, agreement.guarantor or "", agreement.signing_mode,
        version.currency, given.principal_minor, len(made.plan.rows), made.terms.annual_rate,
        given.start_date, canonical(made.terms.to_dict()), canonical(rows_of(made.plan)),
        made.plan.upfront_fees_minor, made.cost.simple, made.cost.effective, made.cost.method,
        agreement.cost_measure, shown, witness(STATEMENT_VERSION, shown), canonical(kept),
        OfferState.MADE.value, at, frame.on, frame.expires_on, 0,
        made.under.promotion.number if made.under else "",
        made.under.replaces if made.under else "",
    )  # fmt: skip


def offer_told(number: str, made: Draft, frame: Frame) -> dict[str, Any]:
    """What the event of an offer says, alone or as a row of many."""
    return {
        "application": made.given.application,
        "offer": number,
        "funder": made.agreement.partner,
        "agreement": made.agreement.number,
        "principal_minor": made.given.principal_minor,
        "instalments": made.given.instalments,
        "rate_annual": format(made.terms.annual_rate, "f"),
        "expires_on": frame.expires_on.isoformat(),
    }
