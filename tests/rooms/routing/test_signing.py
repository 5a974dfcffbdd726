"""Signing on the funder's page: one hop, and nothing is signed before a query proves it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from loanops.kernel.access import Viewer
from loanops.kernel.refusals import NotPermitted
from loanops.origination.contracts import queries as contracts
from loanops.origination.routing import operations, queries
from loanops.origination.routing.domain.refusals import CallbackRefused, SignedElsewhere
from loanops.platform.jobs.models import Job
from loanops_sandbox.keyring import BankKeys
from tests.factories import routing as make
from tests.factories.contracts import later
from tests.factories.registry import HOUSE, NOBODY
from tests.factories.sandbox import PARTY, Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.processes]


def drawn_up(first: int) -> str:
    funded = make.yuan()
    (contract,) = make.drawn_up(funded, make.routed(funded, first=first))
    return contract


def start(contract: str) -> queries.SigningCard:
    return operations.start_signing(
        contract=contract, return_url=make.RETURN, actor=HOUSE, at=later(30)
    )


def settle(contract: str) -> queries.SigningCard:
    return operations.settle_signing(contract=contract, actor=HOUSE, at=later(60))


class TestStartSigning:
    def test_leads_to_the_funders_page_once(self, banks: Sandbox) -> None:
        contract = drawn_up(501)

        first, again = start(contract), start(contract)

        assert first.page_url.startswith(banks.base_url)
        assert (first.state, again.serial) == ("open", first.serial)

    def test_asks_again_under_the_same_serial_in_doubt(self, banks: Sandbox) -> None:
        contract = drawn_up(511)
        banks.misbehave("server_error", operation="signing", times=1)

        first, again = start(contract), start(contract)

        assert (first.state, first.page_url) == ("unknown", "")
        assert (again.state, again.serial) == ("open", first.serial)

    def test_refuses_what_is_signed_with_us(self, banks: Sandbox) -> None:
        funded = make.dollars()
        (contract,) = make.drawn_up(funded, make.routed(funded))

        with pytest.raises(SignedElsewhere, match="ours"):
            start(contract)

    def test_needs_the_grant(self, banks: Sandbox) -> None:
        with pytest.raises(NotPermitted):
            operations.start_signing(
                contract="CT-1", return_url=make.RETURN, actor=NOBODY, at=later(30)
            )


class TestSettleSigning:
    def test_signs_what_the_borrower_signed_and_keeps_the_copy(self, banks: Sandbox) -> None:
        contract = drawn_up(521)
        session = start(contract)
        before = settle(contract)

        httpx.post(session.page_url, data={"decision": "agree", "read": "yes"})
        after = settle(contract)

        card = contracts.get_signed_contract(contract)
        name, copy = contracts.read_document(contract, signed=True, viewer=Viewer.house())
        assert (before.state, after.state) == ("open", "signed")
        assert card.signature is not None
        assert copy.startswith(b"%PDF-")
        assert name.endswith("-signed.pdf")

    def test_then_draws_the_loan(self, banks: Sandbox) -> None:
        contract = drawn_up(531)
        banks.sign("jianglan", start(contract).serial)
        settle(contract)

        outcome = operations.draw_down(contract=contract, actor=HOUSE, at=later(90))

        assert outcome.paid == (contract,)

    def test_ends_a_session_the_borrower_declined(self, banks: Sandbox) -> None:
        contract = drawn_up(541)
        first = start(contract)
        banks.sign("jianglan", first.serial, agreed=False)

        ended = settle(contract)
        fresh = start(contract)

        assert (ended.state, ended.reason) == ("ended", "S101")
        assert fresh.serial != first.serial


def callback(
    banks: Sandbox, event: dict[str, object], at: datetime
) -> tuple[dict[str, str], bytes]:
    """A callback as prairieford itself would sign it."""
    keys = BankKeys(banks.folder.parent / "sandbox" / "keys", "prairieford")
    raw = json.dumps({"funder": "prairieford", **event}).encode()
    headers = keys.signer().request_headers(
        to=PARTY, method="POST", target="/callbacks/prairieford", body=raw,
        seconds=int(at.timestamp()),
    )  # fmt: skip
    return headers, raw


def take(headers: dict[str, str], raw: bytes, at: datetime) -> bool:
    return operations.take_callback(
        funder="prairieford", method="POST", target="/callbacks/prairieford", headers=headers,
        raw=raw, actor=HOUSE, at=at,
    )  # fmt: skip


class TestTakeCallback:
    def paid(self, banks: Sandbox) -> tuple[queries.PayoutCard, datetime]:
        (contract,) = make.signed(make.dollars())
        operations.draw_down(contract=contract, actor=HOUSE, at=later(90))
        serial = queries.serials_of([contract])[contract]
        return queries.get_payout(serial), datetime.now(UTC)

    def kinds(self) -> list[str]:
        return [each.kind for each in queries.list_exceptions(book="us", viewer=Viewer.house())]

    def test_keeps_one_event_once(self, banks: Sandbox) -> None:
        payout, now = self.paid(banks)
        event = {"event_id": "e-1", "event": "drawdown", "serial": payout.serial,
                 "status": "PROCESSING"}  # fmt: skip
        headers, raw = callback(banks, event, now)

        first, again = take(headers, raw, now), take(headers, raw, now)

        assert (first, again, self.kinds()) == (True, False, [])

    def test_moves_nothing_and_has_the_funder_asked(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave("server_error", operation="drawdown", times=1)
        operations.draw_down(contract=contract, actor=HOUSE, at=later(90))
        (payout,) = queries.list_payouts(where=queries.PayoutFilter("us"), viewer=Viewer.house())
        now = datetime.now(UTC)
        event = {"event_id": "e-2", "event": "drawdown", "serial": payout.serial,
                 "status": "SUCCESS"}  # fmt: skip

        take(*callback(banks, event, now), now)

        assert queries.get_payout(payout.serial).state == "unknown"
        assert Job.objects.filter(key="routing.resolve:e-2").count() == 1

    def test_makes_a_contradiction_an_exception(self, banks: Sandbox) -> None:
        payout, now = self.paid(banks)
        event = {"event_id": "e-3", "event": "drawdown", "serial": payout.serial,
                 "status": "FAIL", "reason": "F304"}  # fmt: skip

        take(*callback(banks, event, now), now)

        assert queries.get_payout(payout.serial).state == "success"
        assert self.kinds() == ["contradiction"]

    def test_parks_another_amount(self, banks: Sandbox) -> None:
        payout, now = self.paid(banks)
        event = {"event_id": "e-4", "event": "drawdown", "serial": payout.serial,
                 "status": "SUCCESS", "paid_amount": "10000.01", "currency": "USD",
                 "value_date": payout.value_date.isoformat(),
                 "pay_number": payout.pay_number}  # fmt: skip

        take(*callback(banks, event, now), now)

        assert self.kinds() == ["paid_otherwise"]

    def test_parks_a_serial_that_is_not_ours(self, banks: Sandbox) -> None:
        _, now = self.paid(banks)
        event = {"event_id": "e-5", "event": "drawdown", "serial": "DD-strange",
                 "status": "SUCCESS"}  # fmt: skip

        take(*callback(banks, event, now), now)

        assert self.kinds() == ["strange_serial"]

    def test_refuses_a_forged_one(self, banks: Sandbox) -> None:
        payout, now = self.paid(banks)
        event = {"event_id": "e-6", "event": "drawdown", "serial": payout.serial,
                 "status": "FAIL"}  # fmt: skip
        headers, raw = callback(banks, event, now)

        with pytest.raises(CallbackRefused):
            take(headers, raw.replace(b"FAIL", b"LIAF"), now)

    def test_needs_the_grant(self, banks: Sandbox) -> None:
        with pytest.raises(NotPermitted):
            operations.take_callback(
                funder="prairieford", method="POST", target="/", headers={}, raw=b"",
                actor=NOBODY, at=later(1),
            )  # fmt: skip


class TestExceptions:
    def test_are_assigned_and_closed_once_with_a_note(self, banks: Sandbox) -> None:
        (contract,) = make.signed(make.dollars())
        banks.misbehave("wrong_amount", operation="drawdown")
        operations.draw_down(contract=contract, actor=HOUSE, at=later(90))
        (card,) = queries.list_exceptions(book="us", viewer=Viewer.house())

        given = operations.assign_exception(
            number=card.number, owner="zhao.min", actor=HOUSE, at=later(100)
        )
        closed = operations.close_exception(
            number=card.number, note="bank corrected it", actor=HOUSE, at=later(110)
        )

        assert (given.owner, closed.note) == ("zhao.min", "bank corrected it")
        assert queries.count_exceptions(book="us", viewer=Viewer.house()) == 0
