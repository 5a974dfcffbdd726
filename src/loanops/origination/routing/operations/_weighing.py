"""What applications and agreements are weighed by, read once for a whole batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum

from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import FirstRead, IndexValue
from loanops.money.limits import operations as limits
from loanops.money.limits import permissions as limit_grants
from loanops.money.limits import queries as limits_asked
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.routing.domain.eligibility import (
    SHARE_ACT,
    Candidate,
    Considered,
    Request,
    chosen,
    consider,
    person_owner,
    quota_owner,
)
from loanops.origination.routing.domain.lifecycle import LIVE_ATTEMPTS, AttemptState
from loanops.origination.routing.models import Attempt
from loanops.origination.routing.operations._asking import lend
from loanops.platform.books.queries import BookCard
from loanops.platform.work import Work
from loanops.registry.compliance import queries as compliance
from loanops.registry.compliance.queries import Law
from loanops.registry.partners import queries as partners
from loanops.registry.partners.queries import AgreementCard, PartnerCard
from loanops.registry.products import queries as products
from loanops.registry.products.queries import ProductVersionCard

_LIVE = [state.value for state in LIVE_ATTEMPTS]
_CHUNK = 5_000


@dataclass
class Month:
    """What was routed to one funder in the business month."""

    total_minor: int = 0
    count: int = 0


@dataclass
class Frame:
    """One book on one day. Quotas and shares move on with every choice."""

    book: BookCard
    on: date
    at: datetime
    law: Law
    agreements: list[AgreementCard]
    enhancers: Mapping[str, PartnerCard]
    listed: Mapping[str, frozenset[str]]
    versions: Mapping[str, ProductVersionCard]
    missing: Mapping[tuple[str, str], tuple[str, ...]]
    past: Mapping[tuple[str, str], set[str]]
    refused_on: Mapping[tuple[str, str], date]
    left_minor: dict[str, int]
    months: dict[str, Month] = field(default_factory=dict)
    series: Mapping[str, Sequence[IndexValue]] = field(default_factory=dict)


def frame_of(work: Work, book: BookCard, asked: Sequence[ApplicationCard]) -> Frame:
    """Load what the applications of one book are weighed by; a handful of queries for any number.

    Quotas are brought in line with the agreements on the way.
    """
    on = work.on
    agreements = partners.list_agreements(book=book.code, on=on, suspended=True)
    parties = sorted({each.party for each in asked if each.party})
    align_quotas(work, agreements, parties)
    owners = {quota_owner(each.partner, each.number) for each in agreements}
    owners |= {person_owner(party) for party in parties}
    law = compliance.law_of(book=book.code, on=on)
    return Frame(
        book=book,
        on=on,
        at=work.at,
        law=law,
        agreements=agreements,
        enhancers=partners.find_partners({each.guarantor for each in agreements if each.guarantor}),
        listed={
            role.value: partners.whitelisted(book=book.code, role=role.value, on=on)
            for role in (partners.Role.FUNDER, partners.Role.GUARANTOR, partners.Role.INSURER)
        },
        versions=_versions(book.code, asked, on),
        missing=_missing_consents(book.code, parties, agreements, on),
        past=_past(asked),
        refused_on=_refusals(parties),
        left_minor=limits_asked.headroom_of(book=book.code, owners=owners, on=on),
        months=_months(book.code, on),
        series=law.series(),
    )


def align_quotas(work: Work, agreements: Sequence[AgreementCard], parties: Sequence[str]) -> None:
    """Set the quotas that agreements name and the line that the law gives a person.

    A quota that an amendment lowers below what is taken is lowered to just that.
    """
    actor = lend(work.actor, limit_grants.HOLD, limit_grants.SET, limit_grants.VIEW)
    owners = {quota_owner(each.partner, each.number): each for each in agreements}
    known = {
        (card.owner, card.kind): card
        for card in limits_asked.list_quotas(
            book=work.book, on=work.on, owners=owners, viewer=actor
        )
    }
    for owner, agreement in owners.items():
        for kind, period, limit_minor in (
            ("daily", limits_asked.Period.DAY, agreement.quota_daily_minor),
            ("total", limits_asked.Period.TOTAL, agreement.quota_total_minor),
        ):
            card = known.get((owner, kind))
            taken = card.reserved_minor + card.used_minor if card else 0
            wanted = max(limit_minor, taken)
            if card is None or card.limit_minor != wanted:
                limits.set_quota(
                    book=work.book, owner=owner, kind=kind, period=period.value,
                    limit_minor=wanted, actor=actor, at=work.at,
                )  # fmt: skip
    law = compliance.law_of(book=work.book, on=work.on)
    kinds = {each.lender_kind for each in agreements} if parties else set()
    answers = [law.may_lend(lender_kind=kind, amount_minor=0) for kind in sorted(kinds)]
    ceilings = [int(Decimal(answer.limit)) for answer in answers if answer.limit]
    if ceilings:
        limits.ensure_quotas_many(
            book=work.book, owners=[person_owner(party) for party in parties], kind="exposure",
            period=limits_asked.Period.TOTAL.value, limit_minor=min(ceilings),
            actor=actor, at=work.at,
        )  # fmt: skip


def _versions(
    book: str, asked: Sequence[ApplicationCard], on: date
) -> dict[str, ProductVersionCard]:
    wanted = {each.product for each in asked}
    return {
        card.product: card
        for card in products.list_versions(book=book, on=on)
        if card.product in wanted
    }


def _missing_consents(
    book: str, parties: Sequence[str], agreements: Sequence[AgreementCard], on: date
) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for funder in sorted({each.partner for each in agreements}) if parties else ():
        missing = compliance.missing_consents(
            book=book, subjects=parties, act=SHARE_ACT, recipient=funder, on=on
        )
        found |= {(party, funder): purposes for party, purposes in missing.items()}
    return found


def _past(asked: Sequence[ApplicationCard]) -> dict[tuple[str, str], set[str]]:
    """The states in which earlier attempts of these applications ended, by funder."""
    found: dict[tuple[str, str], set[str]] = {}
    numbers = [each.number for each in asked]
    for start in range(0, len(numbers), _CHUNK):
        rows = Attempt.objects.filter(application__in=numbers[start : start + _CHUNK])
        for application, funder, state in rows.values_list("application", "funder", "state"):
            found.setdefault((application, funder), set()).add(state)
    return found


def _refusals(parties: Sequence[str]) -> dict[tuple[str, str], date]:
    """When a funder last refused each person, over all applications."""
    found: dict[tuple[str, str], date] = {}
    for start in range(0, len(parties), _CHUNK):
        rows = Attempt.objects.filter(
            party__in=parties[start : start + _CHUNK], state=AttemptState.REFUSED.value
        ).order_by("planned_on")
        found |= {
            (party, funder): on
            for party, funder, on in rows.values_list("party", "funder", "planned_on")
        }
    return found


def _months(book: str, on: date) -> dict[str, Month]:
    first = on.replace(day=1)
    rows = (
        Attempt.objects.filter(
            book_id=book, state__in=_LIVE, planned_on__gte=first, planned_on__lte=on
        )
        .values_list("funder")
        .annotate(total=Sum("amount_minor"), count=Count("id"))
    )
    return {funder: Month(total, count) for funder, total, count in rows}


def weigh(frame: Frame, asked: ApplicationCard) -> list[Considered]:
    """Every candidate for an application in order, with what excludes each."""
    request = Request(
        number=asked.number,
        product=asked.product,
        amount_minor=asked.offered_minor or asked.amount_minor,
        term_months=asked.term_months,
        region=asked.region,
        age_years=asked.facts.get("age_years"),
        has_person=asked.party is not None,
    )
    candidates = {each.number: _candidate(frame, asked, each) for each in frame.agreements}
    first = consider(request, list(candidates.values()))
    for each in first:
        if not each.exclusions:
            candidate = each.candidate
            candidates[candidate.agreement] = _priced(frame, asked, request, candidate)
    return consider(request, list(candidates.values()))


def take(
    frame: Frame, asked: ApplicationCard, considered: Sequence[Considered]
) -> Candidate | None:
    """The candidate that is chosen; its quota and share move on for the next application."""
    candidate = chosen(considered)
    if candidate is None:
        return None
    amount_minor = asked.offered_minor or asked.amount_minor
    owners = [quota_owner(candidate.funder, candidate.agreement)]
    owners += [person_owner(asked.party)] if asked.party else []
    for owner in owners:
        if owner in frame.left_minor:
            frame.left_minor[owner] -= amount_minor
    month = frame.months.setdefault(candidate.funder, Month())
    month.total_minor += amount_minor
    month.count += 1
    return candidate


def _candidate(frame: Frame, asked: ApplicationCard, agreement: AgreementCard) -> Candidate:
    guarantor = frame.enhancers.get(agreement.guarantor or "")
    states = frame.past.get((asked.number, agreement.partner), set())
    version = frame.versions.get(asked.product)
    own = frame.months.get(agreement.partner, Month())
    index, first = _first_rate(frame, version)
    return Candidate(
        agreement=agreement.number,
        version=agreement.version,
        funder=agreement.partner,
        guarantor=agreement.guarantor or "",
        priority=agreement.priority,
        suspended=not agreement.live,
        licence_expired=(
            agreement.licence_expires_on is not None and agreement.licence_expires_on <= frame.on
        )
        or (guarantor is not None and not guarantor.licensed(frame.on)),
        funder_listed=agreement.partner in frame.listed[partners.Role.FUNDER.value],
        guarantor_listed=(
            guarantor is not None
            and guarantor.code in frame.listed.get(guarantor.kind, frozenset())
        ),
        products=agreement.products if version else ("-",),
        amount_min_minor=agreement.amount_min_minor,
        amount_max_minor=agreement.amount_max_minor,
        terms_months=agreement.terms_months,
        regions=agreement.regions,
        age_min=agreement.age_min,
        age_max=agreement.age_max,
        closed_at=_closed_at(frame, agreement),
        quota_left_minor=frame.left_minor.get(quota_owner(agreement.partner, agreement.number)),
        person_left_minor=frame.left_minor.get(person_owner(asked.party)) if asked.party else None,
        concentration_max=agreement.concentration_max,
        month_own_minor=own.total_minor,
        month_all_minor=sum(month.total_minor for month in frame.months.values()),
        month_payouts=sum(month.count for month in frame.months.values()),
        rate_known=index is not None or rate_of(frame, agreement, asked, version) is not None,
        rate_annual=first.rate_annual if first else None,
        rate_max=agreement.rate_annual,
        index_missing=index if index and first is None else "",
        refused_this_request=AttemptState.REFUSED.value in states,
        not_taken=AttemptState.LAPSED.value in states,
        cooling_until=_cooling_until(frame, asked, agreement, version),
        consents_missing=frame.missing.get((asked.party or "", agreement.partner), ()),
        signing_forbidden=_signing_forbidden(frame, agreement),
    )


def _first_rate(
    frame: Frame, version: ProductVersionCard | None
) -> tuple[str | None, FirstRead | None]:
    """The index from which a product reads its first rate, and what it reads today."""
    if version is None or not products.begins_at_index(version):
        return None, None
    index = str(version.terms["floating"]["index"])
    try:
        return index, products.first_rate(version, series=frame.series, on=frame.on)
    except Refusal:
        return index, None


def rate_of(
    frame: Frame,
    agreement: AgreementCard,
    asked: ApplicationCard,
    version: ProductVersionCard | None,
) -> Decimal | None:
    """The yearly rate: read from the index, else the funder's, the application's, the product's."""
    index, first = _first_rate(frame, version)
    if index is not None:
        return first.rate_annual if first else None
    if agreement.rate_annual is not None:
        return agreement.rate_annual
    if asked.annual_rate is not None:
        return asked.annual_rate
    return version.rate_annual if version else None


def _closed_at(frame: Frame, agreement: AgreementCard) -> str:
    """The cut-off where it has passed; a book that is not on today's date has no clock."""
    local = frame.at.astimezone(ZoneInfo(frame.book.zone))
    passed = local.date() == frame.on and local.time() > agreement.cutoff
    return agreement.cutoff.isoformat("minutes") if passed else ""


def _cooling_until(
    frame: Frame,
    asked: ApplicationCard,
    agreement: AgreementCard,
    version: ProductVersionCard | None,
) -> date | None:
    """Until when the funder is not asked about the person again after it refused."""
    refused_on = frame.refused_on.get((asked.party or "", agreement.partner))
    if refused_on is None or version is None:
        return None
    until = refused_on + timedelta(days=version.cooling_off_days)
    return until if frame.on < until else None


def _signing_forbidden(frame: Frame, agreement: AgreementCard) -> str:
    answer = frame.law.may_sign(mode=agreement.signing_mode, funder=agreement.partner)
    return "" if answer.allowed else agreement.signing_mode


def _priced(
    frame: Frame, asked: ApplicationCard, request: Request, candidate: Candidate
) -> Candidate:
    """The candidate with its all-in cost, where a ceiling of law or agreement applies."""
    agreement = next(each for each in frame.agreements if each.number == candidate.agreement)
    caps = frame.law.cost_caps(lender_kind=agreement.lender_kind)
    if not caps and agreement.cost_cap_annual is None:
        return candidate
    version = frame.versions[asked.product]
    rate = rate_of(frame, agreement, asked, version)
    try:
        cost = products.preview(
            version,
            principal_minor=request.amount_minor,
            instalments=request.term_months,
            annual_rate=rate or Decimal(0),
            start_date=asked.start_on or frame.on,
            fees=agreement.fees,
        ).cost
    except Refusal:
        return replace(candidate, terms_months=())
    answer = frame.law.may_offer(
        lender_kind=agreement.lender_kind,
        cost=cost,
        measure=agreement.cost_measure,
        agreed=agreement.cost_cap_annual,
        months=request.term_months,
    )
    if answer.allowed:
        return candidate
    limit = Decimal(answer.limit)
    return replace(candidate, cost_annual=cost.by(agreement.cost_measure), cost_limit=limit)
