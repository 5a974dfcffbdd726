"""What the register shows: frozen cards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from loanops.kernel.guarantee import Guarantee
from loanops.kernel.schedule import Fee
from loanops.kernel.sharing import Sharing
from loanops.registry.partners.domain.lifecycle import STANDING, Standing
from loanops.registry.partners.domain.terms import AgreementTerms
from loanops.registry.partners.models import AgreementVersion, Partner, WhitelistEntry


@dataclass(frozen=True)
class PartnerCard:
    """A partner; ``name`` is by language, ``moves`` is what may come next."""

    code: str
    book: str
    kind: str
    name: dict[str, str]
    legal_name: str
    licence_number: str
    licence_expires_on: date | None
    contact: str
    state: str
    version: int
    moves: tuple[str, ...]

    def licensed(self, on: date) -> bool:
        """Whether the licence (where one is recorded) is valid on that day."""
        return self.licence_expires_on is None or on < self.licence_expires_on


@dataclass(frozen=True)
class AgreementCard:
    """An agreement by one of its versions; see ``AgreementTerms`` for the meaning of each term."""

    number: str
    version: int
    book: str
    partner: str
    partner_kind: str
    partner_name: dict[str, str]
    lender_kind: str
    state: str
    partner_state: str
    licence_expires_on: date | None
    guarantor: str | None
    products: tuple[str, ...]
    amount_min_minor: int
    amount_max_minor: int
    terms_months: tuple[int, ...]
    regions: tuple[str, ...]
    age_min: int
    age_max: int
    cost_cap_annual: Decimal | None
    cost_measure: str
    quota_daily_minor: int
    quota_total_minor: int
    cutoff: time
    concentration_max: Decimal | None
    priority: int
    signing_mode: str
    gateway: str
    gateway_config: dict[str, str]
    rate_annual: Decimal | None
    fees: tuple[Fee, ...]
    share_base: str
    share_rate: Decimal
    compensation_days: int | None
    guarantee: Guarantee | None
    co_lending: Sharing
    valid_from: date
    valid_to: date
    moves: tuple[str, ...]

    @property
    def live(self) -> bool:
        """Whether neither the agreement nor the partner is suspended or ended."""
        return self.state == self.partner_state == Standing.ACTIVE.value


@dataclass(frozen=True)
class VersionCard:
    """One version of an agreement with its terms as plain values."""

    number: int
    terms: dict[str, object]
    terms_sha256: str
    valid_from: date
    valid_to: date
    signed_at: datetime
    signed_by: str


@dataclass(frozen=True)
class WhitelistCard:
    """A place on the list (名单制)."""

    number: str
    partner: str
    partner_name: dict[str, str]
    legal_name: str
    role: str
    valid_from: date
    valid_to: date
    source_url: str
    captured_at: datetime


def moves_of(state: str) -> tuple[str, ...]:
    """What may be done with a partner or agreement in this state."""
    return tuple(move.value for move in STANDING.moves(Standing(state)))


def partner_card(row: Partner) -> PartnerCard:
    """A row as a card."""
    return PartnerCard(
        code=row.code,
        book=row.book_id,
        kind=row.kind,
        name=row.name,
        legal_name=row.legal_name,
        licence_number=row.licence_number,
        licence_expires_on=row.licence_expires_on,
        contact=row.contact,
        state=row.state,
        version=row.version,
        moves=moves_of(row.state),
    )


def agreement_card(row: AgreementVersion) -> AgreementCard:
    """A version with its agreement and partner (fetched with the row) as a card."""
    agreement, partner = row.agreement, row.agreement.partner
    terms = AgreementTerms.from_dict(json.loads(row.terms_json))
    return AgreementCard(
        number=agreement.number,
        version=row.number,
        book=agreement.book_id,
        partner=partner.code,
        partner_kind=partner.kind,
        partner_name=partner.name,
        lender_kind=partner.kind,
        state=agreement.state,
        partner_state=partner.state,
        licence_expires_on=partner.licence_expires_on,
        guarantor=terms.guarantor or None,
        products=terms.products,
        amount_min_minor=terms.amount_min_minor,
        amount_max_minor=terms.amount_max_minor,
        terms_months=terms.terms_months,
        regions=terms.regions,
        age_min=terms.age_min,
        age_max=terms.age_max,
        cost_cap_annual=terms.cost_cap_annual,
        cost_measure=terms.cost_measure.value,
        quota_daily_minor=terms.quota_daily_minor,
        quota_total_minor=terms.quota_total_minor,
        cutoff=terms.cutoff_time,
        concentration_max=terms.concentration_max,
        priority=terms.priority,
        signing_mode=terms.signing_mode.value,
        gateway=terms.gateway,
        gateway_config=terms.config,
        rate_annual=terms.rate_annual,
        fees=terms.fees,
        share_base=terms.share.base,
        share_rate=terms.share.rate,
        compensation_days=terms.compensation_days,
        guarantee=terms.guarantee,
        co_lending=terms.co_lending,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        moves=moves_of(agreement.state),
    )


def whitelist_card(row: WhitelistEntry) -> WhitelistCard:
    """An entry with its partner (fetched with the row) as a card."""
    return WhitelistCard(
        number=row.number,
        partner=row.partner.code,
        partner_name=row.partner.name,
        legal_name=row.partner.legal_name,
        role=row.role,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source_url=row.source_url,
        captured_at=row.captured_at,
    )
