"""Each invariant is quiet on a sound book and names the row that was corrupted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.pricing import all_in_cost
from loanops.kernel.schedule import Terms, schedule
from loanops.origination.contracts import invariants
from loanops.origination.contracts.domain.recount import TOLERANCE_MINOR, left_over_minor
from loanops.origination.contracts.domain.statement import rows_of
from loanops.origination.contracts.models import Contract, Disclosure, Offer, Signature
from loanops.origination.contracts.queries import ContractCard
from loanops.platform.files.models import StoredFile
from tests.corruption import Find
from tests.factories.contracts import approved, chinese_market, drawn_up, offered, signed
from tests.factories.registry import AT, TODAY


def a_signed_contract() -> ContractCard:
    market = chinese_market()
    return signed(drawn_up(offered(market, approved(market)[0]).number))


def all_violations() -> list[Any]:
    return [violation for check in invariants.CHECKS for violation in check.find()]


CORRUPTIONS: list[tuple[Any, dict[str, Any], Find]] = [
    (Offer, {"cost_simple": Decimal("0.10")}, invariants.wrong_costs),
    (Offer, {"upfront_fees_minor": 100}, invariants.wrong_costs),
    (Offer, {"statement_sha256": "0" * 64}, invariants.undisclosed),
    (Disclosure, {"statement_sha256": "0" * 64}, invariants.undisclosed),
    (Disclosure, {"confirmed_at": None}, invariants.undisclosed),
    (Disclosure, {"confirmed_at": AT + timedelta(days=1)}, invariants.undisclosed),
    (Offer, {"party": "PA-ANOTHER"}, invariants.strayed_offers),
    (Contract, {"witness": "0" * 64}, invariants.changed_contracts),
    (Contract, {"principal_minor": 5}, invariants.changed_contracts),
    (Contract, {"template_version": "loan-5@abc"}, invariants.changed_contracts),
    (Signature, {"witness": "0" * 64}, invariants.unproven_signatures),
    (Signature, {"evidence_sha256": "0" * 64}, invariants.unproven_signatures),
    (Signature, {"evidence_sealed": "nonsense"}, invariants.unproven_signatures),
]


@pytest.mark.django_db
class TestInvariants:
    def test_are_quiet_on_a_sound_book(self) -> None:
        a_signed_contract()

        assert all_violations() == []

    @pytest.mark.parametrize(("model", "change", "check"), CORRUPTIONS)
    def test_name_the_row_that_was_changed(
        self, model: Any, change: dict[str, Any], check: Find
    ) -> None:
        card = a_signed_contract()
        model.objects.update(**change)

        assert {violation.object for violation in check()} <= {card.number, card.offer}
        assert list(check())

    def test_name_a_schedule_that_was_changed(self) -> None:
        card = a_signed_contract()
        Offer.objects.update(schedule_json=Offer.objects.get().schedule_json[:-3] + "9]]")

        assert card.number in {violation.object for violation in all_violations()}

    def test_name_an_offer_above_the_cap_of_its_lender(self) -> None:
        card = a_signed_contract()
        Offer.objects.update(agreement_version=99)
        Offer.objects.update(cost_simple=Decimal("0.25"))

        [violation] = invariants.above_the_cap()

        assert (violation.object, violation.expected) == (card.offer, "at most 0.24")

    def test_name_a_contract_without_its_signature(self) -> None:
        card = a_signed_contract()
        Signature.objects.all().delete()

        [violation] = invariants.unproven_signatures()

        assert (violation.object, violation.found) == (card.number, "no signature")

    def test_name_a_document_that_is_not_kept(self) -> None:
        card = a_signed_contract()
        file = StoredFile.objects.create(
            number="FL-1", book="cn", kind="contract", name="x.pdf", media_type="application/pdf",
            sha256="1" * 64, size_bytes=1, stored_at=AT,
        )  # fmt: skip
        Contract.objects.update(file=file, file_sha256="1" * 64)

        [violation] = invariants.lost_documents()

        assert (violation.code, violation.object) == ("INV-34", card.number)


class TestRecount:
    @settings(max_examples=60)
    @given(
        principal_minor=st.integers(100_000, 100_000_000),
        instalments=st.integers(1, 36),
        rate=st.decimals("0.01", "0.5", places=4),
        method=st.sampled_from(["equal_instalment", "equal_principal", "interest_only", "bullet"]),
        due_day=st.sampled_from([None, 15]),
    )
    def test_finds_nothing_left_over_in_what_the_kernel_solved(
        self, principal_minor: int, instalments: int, rate: Decimal, method: str,
        due_day: int | None,
    ) -> None:  # fmt: skip
        terms = Terms.from_dict(
            {
                "method": method, "principal_minor": principal_minor, "currency": "CNY",
                "annual_rate": str(rate), "instalments": instalments,
                "start_date": TODAY.isoformat(), "due_day": due_day,
            }
        )  # fmt: skip
        plan = schedule(terms)
        cost = all_in_cost(terms, plan)

        left = left_over_minor(
            terms, rows_of(plan), 0, simple=cost.simple, effective=cost.effective,
            method=cost.method,
        )  # fmt: skip

        assert abs(left) <= TOLERANCE_MINOR
