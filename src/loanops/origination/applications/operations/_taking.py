"""Taking requests in: every check that stands before a row is written, for one or for many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from loanops.kernel.money import format_amount
from loanops.kernel.refusals import Refusal
from loanops.origination.applications.domain.lifecycle import OPEN, Stage
from loanops.origination.applications.domain.refusals import (
    AmountNotOffered,
    ApplicantMissing,
    ConsentNeeded,
    ConsentNotKnown,
    ContentChanged,
    CoolingOff,
    DuplicateApplication,
    IdentityNotKept,
    ProductNotOffered,
    PurposeForbidden,
    TermNotOffered,
)
from loanops.origination.applications.domain.request import (
    Applicant,
    ApplicationRequest,
    Consent,
    check_request,
    content_digest,
)
from loanops.origination.applications.models import Application
from loanops.platform.books.queries import BookCard
from loanops.registry.compliance import queries as compliance
from loanops.registry.parties import queries as parties
from loanops.registry.parties.queries import Duplicate, Indexes, PersonIn
from loanops.registry.products import queries as products

CONSENT_ACT = "application"


@dataclass
class Taking:
    """One request on its way in; ``refusals`` stops it, ``repeats`` says it is known already."""

    place: int
    request: ApplicationRequest
    refusals: list[Refusal] = field(default_factory=list)
    repeats: str | None = None
    person: PersonIn | None = None
    indexes: Indexes | None = None
    duplicate: Duplicate | None = None
    digest: str = ""

    @property
    def party(self) -> str:
        """The number of the person, where the book's file knows one."""
        return (self.duplicate and self.duplicate.party) or ""

    @property
    def goes_on(self) -> bool:
        """Whether nothing stops the request so far."""
        return not self.refusals and self.repeats is None


class Intake:
    """The checks for one book, one source and one batch; each asks the database once."""

    def __init__(self, book: BookCard, source: str) -> None:
        self.book = book
        self.source = source
        self.on: date = book.business_date
        self._products: dict[str, products.ProductVersionCard | None] = {}
        self._purposes: dict[str, Refusal | None] = {}
        self._consents: dict[Consent, Refusal | None] = {}
        self._lacking: Mapping[str, tuple[str, ...]] = {}
        self._law = compliance.law_of(book=book.code, on=self.on)

    def check(self, requests: Sequence[ApplicationRequest]) -> list[Taking]:
        """Every check, in an order in which a repetition is recognised before it is refused."""
        taken = [Taking(place, request) for place, request in enumerate(requests)]
        for taking in taken:
            taking.refusals += check_request(taking.request)
        self._check_people([taking for taking in taken if taking.goes_on])
        for taking in taken:
            if taking.goes_on:
                taking.digest = content_digest(taking.request, _person_digest(taking.indexes))
        self._find_repeats([taking for taking in taken if taking.goes_on])
        for taking in taken:
            if taking.goes_on:
                taking.refusals += self.offered(taking.request)
        self._find_standing([taking for taking in taken if taking.goes_on])
        self._settle(taken)
        self._match_people([taking for taking in taken if taking.goes_on])
        return taken

    def product(self, code: str) -> products.ProductVersionCard | None:
        """The product's version in force, or None."""
        if code not in self._products:
            try:
                found = products.get_version(book=self.book.code, product=code, on=self.on)
            except Refusal:
                found = None
            self._products[code] = found
        return self._products[code]

    def offered(self, request: ApplicationRequest) -> Iterable[Refusal]:
        """Whether the book offers what is asked for, and the law allows the purpose."""
        card = self.product(request.product)
        if card is None:
            yield ProductNotOffered(
                field="product", book=self.book.code, product=request.product, on=self.on
            )
            return
        if not card.amount_min_minor <= request.amount_minor <= card.amount_max_minor:
            yield AmountNotOffered(
                field="amount_minor",
                product=request.product,
                least=format_amount(card.amount_min_minor, card.currency),
                most=format_amount(card.amount_max_minor, card.currency),
            )
        if request.term_months not in card.terms_months:
            terms = ", ".join(str(months) for months in card.terms_months)
            yield TermNotOffered(field="term_months", product=request.product, terms=terms)
        refusal = self._purpose(request.purpose)
        if refusal is not None:
            yield refusal

    def _purpose(self, purpose: str) -> Refusal | None:
        if purpose not in self._purposes:
            answer = self._law.may_use_for(purpose=purpose)
            self._purposes[purpose] = (
                None
                if answer.allowed
                else PurposeForbidden(
                    field="purpose", purpose=purpose, source=answer.source, article=answer.article
                )
            )
        return self._purposes[purpose]

    def _check_people(self, taken: Sequence[Taking]) -> None:
        named: list[tuple[Taking, Applicant]] = []
        for taking in taken:
            applicant = taking.request.applicant
            if self.book.without_identity:
                if applicant is not None:
                    taking.refusals.append(IdentityNotKept(field="applicant", book=self.book.code))
            elif applicant is None:
                taking.refusals.append(ApplicantMissing(field="applicant", book=self.book.code))
            else:
                named.append((taking, applicant))
        people = [PersonIn(**vars(applicant)) for _, applicant in named]
        checked = parties.check_people(book=self.book.code, people=people)
        for (taking, _), answer in zip(named, checked, strict=True):
            taking.refusals += answer.refusals
            taking.person = answer.person
            if not answer.refusals:
                taking.indexes = parties.indexes_of(answer.person)

    def _find_repeats(self, taken: Sequence[Taking]) -> None:
        keys = [taking.request.key for taking in taken]
        known: dict[str, tuple[str, str]] = {
            key: (number, digest)
            for key, number, digest in Application.objects.filter(
                book_id=self.book.code, source=self.source, key__in=keys
            ).values_list("key", "number", "content_digest")
        }
        for taking in taken:
            key = taking.request.key
            if key in known:
                number, digest = known[key]
                if digest == taking.digest:
                    taking.repeats = number
                else:
                    taking.refusals.append(ContentChanged(field="key", key=key, number=number))

    def _find_standing(self, taken: Sequence[Taking]) -> None:
        """What persons of the book's file asked for before, and the consents they lack."""
        self._match_people(taken)
        known = [taking.party for taking in taken if taking.party]
        past = self._past(known)
        for taking in taken:
            refusal = self._standing(taking.request, taking.party, past)
            if refusal is not None:
                taking.refusals.append(refusal)
        self._lacking = compliance.missing_consents(
            book=self.book.code, subjects=known, act=CONSENT_ACT, recipient="", on=self.on
        )

    def _match_people(self, taken: Sequence[Taking]) -> None:
        named = [(taking, taking.indexes) for taking in taken if taking.indexes is not None]
        matches = parties.match_indexes(
            book=self.book.code, indexes=[indexes for _, indexes in named]
        )
        for (taking, _), match in zip(named, matches, strict=True):
            taking.duplicate = match

    def _settle(self, taken: Sequence[Taking]) -> None:
        """Hold each request against those before it in the batch that stand, and those alone.

        So a batch takes what one by one would be taken: a refused row stops nobody.
        """
        keys: dict[str, str] = {}
        under_way: dict[tuple[str, str], str] = {}
        given: dict[str, set[str]] = defaultdict(set)
        for taking in taken:
            key = taking.request.key
            if taking.digest and key in keys:
                taking.refusals.clear()
                if keys[key] == taking.digest:
                    taking.repeats = ""
                else:
                    taking.refusals.append(ContentChanged(field="key", key=key, number=key))
            if not taking.goes_on:
                continue
            person = taking.indexes.id_index if taking.indexes else ""
            who = (person, taking.request.product)
            if person and who in under_way:
                taking.refusals.append(DuplicateApplication(number=under_way[who]))
            elif person:
                taking.refusals += self._consents_of(taking, given[person])
            if taking.goes_on:
                keys[key] = taking.digest
                under_way[who] = key
                given[person] |= {consent.purpose for consent in taking.request.consents}

    def _past(self, numbers: Sequence[str]) -> Mapping[tuple[str, str], list[Application]]:
        """What known persons already asked for: open requests and declined ones."""
        found: dict[tuple[str, str], list[Application]] = defaultdict(list)
        stages = [*(stage.value for stage in OPEN), Stage.DECLINED.value]
        rows = Application.objects.filter(
            book_id=self.book.code, party_id__in=numbers, stage__in=stages
        ).only("number", "party_id", "product", "stage", "moved_on")
        for row in rows.order_by("id"):
            found[row.party_id or "", row.product].append(row)
        return found

    def _standing(
        self,
        request: ApplicationRequest,
        party: str,
        past: Mapping[tuple[str, str], list[Application]],
    ) -> Refusal | None:
        card = self.product(request.product)
        days = card.cooling_off_days if card else 0
        for row in past.get((party, request.product), ()):
            if row.stage != Stage.DECLINED:
                return DuplicateApplication(number=row.number)
            until = row.moved_on + timedelta(days=days)
            if self.on < until:
                return CoolingOff(until=until)
        return None

    def _consents_of(self, taking: Taking, given: set[str]) -> Iterable[Refusal]:
        """Which consents the pack does not know, and which are needed and were never given."""
        for consent in taking.request.consents:
            wrong = self._consent(consent)
            if wrong is not None:
                yield wrong
        needed = tuple(each.purpose for each in self._law.consents_needed_for(CONSENT_ACT))
        wanted = self._lacking.get(taking.party, ()) if taking.party else needed
        said = given | {consent.purpose for consent in taking.request.consents}
        without = [purpose for purpose in wanted if purpose not in said]
        if without:
            yield ConsentNeeded(field="consents", purposes=", ".join(without))

    def _consent(self, consent: Consent) -> Refusal | None:
        """Whether the rule pack knows the wording, asked once for each distinct consent."""
        if consent not in self._consents:
            pack = compliance.get_pack(self.book.pack)
            kind = pack.consent_type(consent.purpose, self.on)
            words = pack.wording(consent.purpose, consent.wording_version)
            good = (
                kind is not None
                and words is not None
                and words.effective_from <= self.on
                and kind.per_recipient == bool(consent.recipient)
            )
            self._consents[consent] = (
                None
                if good
                else ConsentNotKnown(
                    field="consents",
                    purpose=consent.purpose,
                    version=consent.wording_version,
                    recipient=consent.recipient or "-",
                )
            )
        return self._consents[consent]


def _person_digest(indexes: Indexes | None) -> str:
    return "" if indexes is None else f"{indexes.id_index}:{indexes.mobile_index}"


def duplicate_answer(duplicate: Duplicate | None) -> dict[str, Any]:
    """The duplicate check as it is kept with the application."""
    if duplicate is None:
        duplicate = parties.NOT_CHECKED
    return {
        "match": duplicate.match.value,
        "sentence": duplicate.sentence,
        "others": list(duplicate.others),
    }
