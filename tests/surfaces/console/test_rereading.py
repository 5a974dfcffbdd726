"""Rates read again: the console works a run out, shows it, and lets a colleague approve it."""

from __future__ import annotations

import html
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from loanops.kernel.schedule import Floating, Reset
from loanops.loanbook.servicing import operations
from loanops.loanbook.servicing.models import RateReset
from loanops.platform.books import queries as books
from loanops.registry.compliance import operations as compliance
from tests.factories import desk, loans
from tests.factories.registry import AT, HOUSE
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

LATE_BY = timedelta(days=10)


def page(client: Client, at: str, **asked: str) -> str:
    return " ".join(html.unescape(client.get(at, asked).content.decode()).split())


@pytest.fixture
def loan(operation: desk.Operation) -> str:
    """A loan that should have read a figure that came after its day."""
    on = books.business_date("cn")
    floating = Floating(index="lpr_1y", reset=Reset.EACH_CHANGE)
    begun = on - timedelta(days=20)
    agreed = loans.terms(start_date=begun, floating=floating)
    number = loans.open_loan(agreed=agreed, disbursed_on=begun)
    # As if closes had looked at it since.
    RateReset.objects.filter(loan__number=number).update(next_on=None)
    compliance.record_reference_rate(
        book="cn", key="lpr_1y", rate_annual=Decimal("0.02"), effective_from=on - LATE_BY,
        document="late", actor=HOUSE, at=AT,
    )  # fmt: skip
    return number


@pytest.fixture
def client(operation: desk.Operation, enter: Enter) -> Client:
    """Somebody with every role, in English."""
    entered = enter("everyone")
    entered.post(address("choose_language"), {"language": "en"})
    return entered


def asked(client: Client) -> str:
    since = books.business_date("cn") - LATE_BY
    answer = client.post(
        address("ask_reread"), {"key": "lpr_1y", "since": since.isoformat(), "reason": "late"}
    )
    assert answer.status_code == 302
    return str(answer.headers["Location"]).rsplit("/", 1)[-1]


class TestARun:
    def test_is_worked_out_shown_approved_by_a_colleague_and_booked(
        self, client: Client, loan: str, enter: Enter
    ) -> None:
        run = asked(client)
        assert "Being worked out" in page(client, address("reread", run))
        operations.go_on_rereading(run=run, actor=HOUSE, at=AT)

        shown = page(client, address("reread", run))

        assert loan in shown
        assert "a colleague has to approve it" in shown
        assert address("approve_reread", run) not in shown
        assert client.post(address("approve_reread", run)).status_code != 302
        manager = enter("manager")
        assert address("approve_reread", run) in page(manager, address("reread", run))
        assert manager.post(address("approve_reread", run)).status_code == 302
        operations.go_on_rereading(run=run, actor=HOUSE, at=AT)
        done = page(client, address("reread", run), standing="booked")
        assert "Booked" in done
        assert run in page(client, address("rereads"))
        assert f"reread-{run}" in page(client, address("loan", loan))

    def test_is_refused_with_a_reason(self, client: Client, loan: str, enter: Enter) -> None:
        run = asked(client)
        operations.go_on_rereading(run=run, actor=HOUSE, at=AT)

        answer = enter("manager").post(address("refuse_reread", run), {"reason": "wrong figure"})

        assert answer.status_code == 302
        shown = page(client, address("reread", run))
        assert "Refused" in shown
        assert "wrong figure" in shown

    def test_of_a_figure_leads_from_the_page_of_its_effects(
        self, client: Client, loan: str
    ) -> None:
        since = books.business_date("cn") - LATE_BY

        shown = page(
            client, address("rate_effects"), key="lpr_1y", effective_from=since.isoformat(),
            rate_annual="2",
        )  # fmt: skip

        at = f"{address('rereads')}?key=lpr_1y&since={since}"
        assert at in shown
        assert f'value="{since}"' in page(client, address("rereads"), since=since.isoformat())

    def test_is_a_step_away_when_a_figure_is_recorded_late(self, client: Client, loan: str) -> None:
        late = {
            "key": "lpr_1y",
            "rate_annual": "1.9",
            "effective_from": str(books.business_date("cn") - LATE_BY),
            "document": "corrected",
        }

        answer = client.post(address("record_reference_rate"), late)

        assert answer.headers["Location"].startswith(f"{address('rate_effects')}?key=lpr_1y&")
        assert loan in page(client, answer.headers["Location"])

    def test_is_not_begun_by_who_may_not_change_terms(self, enter: Enter, loan: str) -> None:
        assert enter("finance").post(address("ask_reread"), {}).status_code == 403
