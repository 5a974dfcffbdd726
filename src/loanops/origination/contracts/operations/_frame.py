"""What a batch of offers is judged by, loaded once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from loanops.kernel.schedule import IndexValue
from loanops.origination.applications import queries as applications
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.contracts.domain.statement import Party
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard
from loanops.platform.parameters import queries as parameters
from loanops.registry.compliance import queries as compliance
from loanops.registry.compliance.queries import Answer, Law
from loanops.registry.partners import queries as partners
from loanops.registry.partners.queries import AgreementCard, PartnerCard
from loanops.registry.products import queries as products
from loanops.registry.products.queries import ProductVersionCard


@dataclass(frozen=True, kw_only=True)
class OfferIn:
    """What a funder is ready to lend on an application.

    ``agreement`` and ``product_version`` are numbers; the agreement counts by its version in force
    on the book's business day. The rate is a fraction a year, the amount in minor units;
    ``annual_rate`` is nothing where the product's first rate is read from its index.
    """

    application: str
    agreement: str
    product_version: str
    principal_minor: int
    instalments: int
    annual_rate: Decimal | None
    start_date: date


@dataclass(frozen=True)
class Frame:
    """One book on one day, with every card that the offers of a batch name."""

    book: BookCard
    on: date
    law: Law
    expires_on: date
    applications: dict[str, ApplicationCard]
    agreements: dict[str, AgreementCard]
    versions: dict[str, ProductVersionCard]
    partners: dict[str, PartnerCard]
    series: dict[str, list[IndexValue]]
    charged: dict[tuple[str, str], tuple[Answer, ...]] = field(default_factory=dict)

    def parties(self, agreement: AgreementCard) -> dict[str, Party]:
        """Who may charge under an agreement, by role, with their registered names."""
        found = {
            "funder": Party("funder", self.partners[agreement.partner].legal_name),
            "platform": Party("platform", self.book.legal_entity),
        }
        if agreement.guarantor:
            guarantor = self.partners[agreement.guarantor]
            found[guarantor.kind] = Party(guarantor.kind, guarantor.legal_name)
        return found

    def forbidden_charges(
        self, agreement: AgreementCard, version: ProductVersionCard
    ) -> tuple[Answer, ...]:
        """The answers that forbid a party of these terms to charge the borrower."""
        key = (agreement.number, version.number)
        if key not in self.charged:
            roles = {fee.charging_party for fee in agreement.fees}
            roles |= {str(fee["charging_party"]) for fee in version.fees}
            answers = [self.law.may_charge(charging_party=role) for role in sorted(roles)]
            self.charged[key] = tuple(answer for answer in answers if not answer.allowed)
        return self.charged[key]


def frame_of(book: str, offers: Sequence[OfferIn]) -> Frame:
    """Load what the offers of one book are judged by; a handful of queries for any number."""
    card = books.get_book(book)
    on = card.business_date
    agreements = partners.agreements_in_force({offer.agreement for offer in offers}, on=on)
    codes = {agreement.partner for agreement in agreements.values()}
    codes |= {agreement.guarantor for agreement in agreements.values() if agreement.guarantor}
    law = compliance.law_of(book=book, on=on)
    valid_days = parameters.value_on("contracts.offer_valid_days", on)
    return Frame(
        book=card,
        on=on,
        law=law,
        expires_on=on + timedelta(days=valid_days),
        applications=applications.cards_of([offer.application for offer in offers]),
        agreements=agreements,
        versions=products.find_versions({offer.product_version for offer in offers}),
        partners=partners.find_partners(codes),
        series=law.series(),
    )
