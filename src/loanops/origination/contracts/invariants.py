"""What must always hold of offers, statements, contracts and signatures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Final

from django.db.models import Q

from loanops.kernel.pricing import AllInCost
from loanops.kernel.schedule import Terms
from loanops.origination.applications import queries as applications
from loanops.origination.contracts.domain.lifecycle import ContractState, OfferState
from loanops.origination.contracts.domain.recount import TOLERANCE_MINOR, left_over_minor
from loanops.origination.contracts.domain.statement import STATEMENT_VERSION
from loanops.origination.contracts.domain.witness import digest, witness
from loanops.origination.contracts.models import Contract, Disclosure, Offer, Signature
from loanops.platform.audit import Check, Violation
from loanops.platform.files import queries as files
from loanops.platform.vault.seals import Unsealable, unseal
from loanops.registry.compliance import queries as compliance
from loanops.registry.compliance.queries import Answer, Law
from loanops.registry.partners import queries as partners
from loanops.registry.products import queries as products

_CHUNK: Final = 2_000
_GIVEN_UP: Final = frozenset({OfferState.EXPIRED.value, OfferState.WITHDRAWN.value})
_GONE_ON = [OfferState.CONFIRMED.value, OfferState.DRAWN_UP.value, OfferState.SIGNED.value]


def wrong_costs() -> Iterator[Violation]:
    """Offers whose stored cost is not that of their cash flows."""
    for offer in Offer.objects.order_by("id").iterator(chunk_size=500):
        left = left_over_minor(
            Terms.from_dict(json.loads(offer.terms_json)),
            json.loads(offer.schedule_json),
            offer.upfront_fees_minor,
            simple=offer.cost_simple,
            effective=offer.cost_effective,
            method=offer.cost_method,
        )
        if abs(left) > TOLERANCE_MINOR:
            yield Violation(
                code="INV-17",
                object=offer.number,
                expected="cash flows worth nothing at the stored cost",
                found=f"{left:.2f} minor units left over at {offer.cost_simple}",
                hint="the cost, the schedule or the terms were changed after the offer was made",
            )


def above_the_cap() -> Iterator[Violation]:
    """Open or signed offers above the cap in force for that lender on that day."""
    laws: dict[tuple[str, date], Law] = {}
    agreed = _agreed_caps()
    for offer in Offer.objects.order_by("id").iterator(chunk_size=500):
        key = (offer.book_id, offer.made_on)
        law = laws.get(key) or laws.setdefault(key, compliance.law_of(book=key[0], on=key[1]))
        kept = Answer.from_dict(json.loads(offer.answer_json))
        answer = law.may_offer(
            lender_kind=offer.lender_kind,
            cost=AllInCost(offer.cost_simple, offer.cost_effective, offer.cost_method),
            measure=offer.cost_measure,
            agreed=agreed.get((offer.agreement, offer.agreement_version)),
            months=_months(json.loads(offer.terms_json)),
        )
        # A pack that was edited since answers for itself: its stamp stands in the kept answer.
        if not kept.allowed or (not answer.allowed and answer.pack == kept.pack):
            yield Violation(
                code="INV-17",
                object=offer.number,
                expected=f"at most {answer.limit}",
                found=f"{answer.found} ({offer.cost_measure})",
                hint="stop the offer; if it is signed, refund what is above the cap",
            )


def _months(terms: dict[str, object]) -> int | None:
    frequency = terms["frequency"]
    instalments = terms["instalments"]
    if not isinstance(frequency, dict) or frequency["unit"] != "months":
        return None
    return int(frequency["every"]) * int(str(instalments))


def _agreed_caps() -> dict[tuple[str, int], Decimal | None]:
    named = Offer.objects.values_list("agreement", "agreement_version").distinct().order_by()
    cards = partners.find_agreements(set(named))
    return {key: card.cost_cap_annual for key, card in cards.items()}


def undisclosed() -> Iterator[Violation]:
    """Offers that went on without a statement that was shown, read and confirmed before."""
    disclosures = {row.offer_id: row for row in Disclosure.objects.iterator(chunk_size=2_000)}
    drawn_up = dict(Contract.objects.values_list("offer__number", "drawn_up_at"))
    rows = Offer.objects.order_by("id").only(
        "number", "state", "statement_json", "statement_sha256"
    )
    for offer in rows.iterator(chunk_size=500):
        shown = disclosures.get(offer.number)
        found = ""
        if witness(STATEMENT_VERSION, offer.statement_json) != offer.statement_sha256:
            found = "another statement than the one made"
        elif shown is not None and shown.statement_sha256 != offer.statement_sha256:
            found = "another statement than the one shown"
        elif offer.state in _GONE_ON and (shown is None or shown.confirmed_at is None):
            found = f"{offer.state} without confirmation"
        elif shown is not None and _late(shown, drawn_up.get(offer.number)):
            found = "confirmed after the contract was drawn up"
        if found:
            yield Violation(
                code="INV-17",
                object=offer.number,
                expected="statement shown, read and confirmed before signing",
                found=found,
                hint="treat the contract as not disclosed and tell compliance",
            )


def _late(shown: Disclosure, drawn_up_at: datetime | None) -> bool:
    if shown.confirmed_at is None or drawn_up_at is None:
        return False
    return shown.confirmed_at > drawn_up_at


def changed_contracts() -> Iterator[Violation]:
    """Contracts whose witness is not that of their template and data, terms and schedule."""
    rows = Contract.objects.select_related("offer").order_by("id")
    for contract in rows.iterator(chunk_size=500):
        data = json.loads(contract.data_json)
        parts = {
            "witness": (contract.witness, witness(contract.template_version, contract.data_json)),
            "terms": (data.get("terms_sha256"), digest(contract.offer.terms_json)),
            "schedule": (data.get("schedule_sha256"), digest(contract.offer.schedule_json)),
            "statement": (data.get("statement_sha256"), contract.offer.statement_sha256),
            "principal": (data.get("principal_minor"), contract.principal_minor),
        }
        for part, (expected, found) in parts.items():
            if expected != found:
                yield Violation(
                    code="INV-33",
                    object=contract.number,
                    expected=f"{part} {expected}",
                    found=str(found),
                    hint="the row was changed after the contract was drawn up",
                )


def lost_documents() -> Iterator[Violation]:
    """Contracts whose PDF (or signed copy) is not kept under the hash that they name."""
    rendered = Contract.objects.filter(Q(file__isnull=False) | Q(signed_copy__isnull=False))
    for contract in rendered.order_by("id").iterator(chunk_size=2_000):
        for number, expected in (
            (contract.file_id, contract.file_sha256),
            (contract.signed_copy_id, contract.signed_copy_sha256),
        ):
            # INV-26 holds the bytes under a hash against it; here the hash must be there.
            if number and not files.place_of(expected).exists():
                yield Violation(
                    code="INV-34",
                    object=contract.number,
                    expected=expected,
                    found="no file of this hash",
                    hint=f"compare with file {number}; render the contract again",
                )


def unproven_signatures() -> Iterator[Violation]:
    """Signed contracts without a signature, and signatures whose evidence was changed."""
    signatures = {row.contract_id: row for row in Signature.objects.iterator(chunk_size=2_000)}
    signed = Contract.objects.filter(state=ContractState.SIGNED.value).order_by("id")
    for contract in signed.iterator(chunk_size=2_000):
        row = signatures.get(contract.number)
        found = ""
        if row is None:
            found = "no signature"
        elif row.witness != contract.witness:
            found = "the signature of another text"
        elif not _sealed_fits(row.evidence_sealed, row.evidence_sha256):
            found = "evidence that was changed"
        if found:
            yield Violation(
                code="INV-35",
                object=contract.number,
                expected="a signature of this text with its evidence",
                found=found,
                hint="restore the signature from the backup or the funder's signed copy",
            )


def strayed_offers() -> Iterator[Violation]:
    """Offers in another book, or for another person, than the application they were made for."""
    rows = Offer.objects.order_by("id").values_list("number", "application", "book_id", "party")
    found = rows.iterator(chunk_size=_CHUNK)
    while part := list(islice(found, _CHUNK)):
        cards = applications.cards_of(row[1] for row in part)
        for number, application, book, party in part:
            card = cards.get(application)
            expected = (card.book, card.party or "") if card else None
            if expected != (book, party):
                yield Violation(
                    code="INV-15",
                    object=number,
                    expected=f"book and person of {application}: {expected}",
                    found=str((book, party)),
                    hint="an offer belongs to the book and the person of its application",
                )


def wrong_promotions() -> Iterator[Violation]:
    """Offers under a promotion that do not follow from the offer they replace, or took no use."""
    rows = Offer.objects.exclude(promotion="").order_by("id").iterator(chunk_size=_CHUNK)
    while part := list(islice(rows, _CHUNK)):
        replaced = Offer.objects.in_bulk([row.replaces for row in part], field_name="number")
        promotions = products.find_promotions(row.promotion for row in part)
        uses = products.find_promotion_uses(row.number for row in part)
        for row in part:
            first, use = replaced.get(row.replaces), uses.get(row.number)
            promotion = promotions.get(row.promotion)
            found = ""
            if first is None or promotion is None:
                found = "a promotion or a replaced offer that is not there"
            elif Terms.from_dict(json.loads(row.terms_json)) != products.lower(
                Terms.from_dict(json.loads(first.terms_json)), promotion.rule
            ):
                found = "other terms"
            elif use is None or use.party != row.party:
                found = "no use of this person"
            elif (use.released_at is None) != (row.state not in _GIVEN_UP):
                found = f"a use that does not fit an offer that is {row.state}"
            if found:
                yield Violation(
                    code="INV-40",
                    object=row.number,
                    expected="the replaced offer lowered by its promotion, with one use of it",
                    found=found,
                    hint="the offer, the promotion or its use was changed afterwards",
                )


def _sealed_fits(sealed: str, expected: str) -> bool:
    try:
        return digest(unseal(sealed)) == expected
    except Unsealable:
        return False


CHECKS = (
    Check(
        code="INV-40",
        statement="An offer under a promotion is the one it replaces, lowered, with one use.",
        find=wrong_promotions,
    ),
    Check(
        code="INV-17",
        statement="The stored all-in cost of each offer is that of its cash flows.",
        find=wrong_costs,
    ),
    Check(
        code="INV-17",
        statement="The all-in cost of each offer is within the cap for that lender and day.",
        find=above_the_cap,
    ),
    Check(
        code="INV-17",
        statement="Each statement was shown, read and confirmed before the contract was signed.",
        find=undisclosed,
    ),
    Check(
        code="INV-33",
        statement="The witness of each contract is that of its template and data.",
        find=changed_contracts,
    ),
    Check(
        code="INV-34",
        statement="The PDF of each contract is kept under the hash that the contract names.",
        find=lost_documents,
    ),
    Check(
        code="INV-35",
        statement="Each signed contract has a signature of its text with unchanged evidence.",
        find=unproven_signatures,
    ),
    Check(
        code="INV-15",
        statement="Every offer belongs to the book and the person of its application.",
        find=strayed_offers,
    ),
)
