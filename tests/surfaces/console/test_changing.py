"""Changes of a loan from the console: the effect first, then exactly that, by two where asked."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.models import ChangeRequest, Loan, LoanEvent
from loanops.loanbook.servicing.operations import ORDERS
from loanops.surfaces.console.forms.changing import FORMS
from loanops.surfaces.console.pages.changing import GROUPS
from loanops.surfaces.console.pages.words.changes import CHANGE_HINTS, CHANGE_ICONS, CHANGE_NAMES
from tests.factories import desk
from tests.factories.loans import HOUSE, close_until, repay
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

Said = dict[str, str]


@pytest.fixture
def loan(operation: desk.Operation) -> str:
    return operation.loan


@pytest.fixture
def client(loan: str, enter: Enter) -> Client:
    """Somebody with every role, in English."""
    entered = enter("everyone")
    entered.post(address("choose_language"), {"language": "en"})
    return entered


def where(loan: str, kind: str, name: str = "change_loan") -> str:
    return reverse(f"console:{name}", args=[loan, kind])


def page(client: Client, at: str, **asked: str) -> str:
    return " ".join(html.unescape(client.get(at, asked).content.decode()).split())


def today(loan: str) -> str:
    return queries.get_loan(number=loan, viewer=HOUSE).on.isoformat()


def due(loan: str, place: int) -> str:
    return queries.get_schedule(number=loan, viewer=HOUSE)[place].due_on.isoformat()


def after(loan: str, place: int) -> str:
    rows = queries.get_schedule(number=loan, viewer=HOUSE)
    return (rows[place].due_on + timedelta(days=5)).isoformat()


def owner(client: Client, loan: str) -> str:
    """Somebody who may become the owner of the claim, as the form offers them."""
    offered = re.search(
        r'id="id_owner"[^>]*> <option value="(\w+)"', page(client, where(loan, "assigned"))
    )
    assert offered
    return offered[1]


MONEY = {"channel": "counter", "pay_no": "C-1"}
CASES: dict[str, Callable[[Client, str], Said]] = {
    "prepaid": lambda c, n: {"amount_minor": "1,000.00", "keep": "instalment", **MONEY},
    "settled_early": lambda c, n: MONEY,
    "fee_charged": lambda c, n: {"amount_minor": "50", "component": "fee", "name": "letter"},
    "rate_changed": lambda c, n: {"annual_rate": "8.5"},
    "due_moved": lambda c, n: {"due": due(n, 1), "to": after(n, 1)},
    "deferred": lambda c, n: {
        "due": due(n, 1), "periods": "2", "extends": "yes", "interest_free": "no",
    },
    "extended": lambda c, n: {"periods": "3", "fee_minor": "10"},
    "restructured": lambda c, n: {
        "instalments": "6", "annual_rate": "8", "method": "equal_principal",
        "interest": "capitalise", "fee": "carry", "penalty": "waive",
        "principal": "carry", "principal_waived_minor": "100",
    },
    "accelerated": lambda c, n: {},
    "counting_paused": lambda c, n: {"cause": "disaster"},
    "drawn": lambda c, n: {"amount_minor": "2000"},
    "compensated": lambda c, n: {"owner": owner(c, n), "price_minor": "9000"},
    "bought_back": lambda c, n: {"owner": owner(c, n), "price_minor": "9000"},
    "assigned": lambda c, n: {"owner": owner(c, n), "price_minor": "9000", "number": "2"},
    "written_off": lambda c, n: {},
    "waived": lambda c, n: {"amount_minor": "1", "component": "interest"},
}  # fmt: skip


def look(client: Client, loan: str, kind: str, said: Said) -> Said:
    """Look at an effect, and answer with what its form would send."""
    shown = page(client, where(loan, kind), on=today(loan), **said)
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)" />', shown)
    assert "digest" in dict(fields), shown[shown.index('id="effect"') :][:600]
    return dict(fields) | {"reason": "as agreed by phone"}


class TestEveryKind:
    def test_has_its_form_its_words_and_its_place(self) -> None:
        placed = [kind for _title, kinds in GROUPS for kind in kinds]
        assert sorted(placed) == sorted(ORDERS)
        for table in (FORMS, CHANGE_HINTS, CHANGE_NAMES, CHANGE_ICONS):
            assert set(table) == set(ORDERS)
        assert set(CASES) | {"reversed", "refunded", "counting_resumed"} == set(ORDERS)

    @pytest.mark.parametrize("kind", CASES)
    def test_is_shown_and_booked_exactly_so(self, kind: str, client: Client, loan: str) -> None:
        said = look(client, loan, kind, CASES[kind](client, loan))

        answer = client.post(where(loan, kind, "order_change"), said)

        if ORDERS[kind].needs_second:
            request = ChangeRequest.objects.get(loan__number=loan)
            assert answer["Location"] == address("change_request", request.number)
            assert request.digest == said["digest"]
            assert not LoanEvent.objects.filter(loan__number=loan, kind=kind).exists()
        else:
            assert answer["Location"] == address("loan", loan)
            told = queries.list_events(number=loan, viewer=HOUSE)[-1]
            assert (told.kind, told.values["digest"]) == (kind, said["digest"])
            assert told.values["reason"] == "as agreed by phone"
            assert "as agreed by phone" in page(client, address("loan", loan))

    @pytest.mark.parametrize("kind", CASES)
    def test_is_refused_to_who_lacks_its_grant(self, kind: str, enter: Enter, loan: str) -> None:
        agent = enter("service_agent")

        assert agent.get(where(loan, kind)).status_code == 403
        assert agent.post(where(loan, kind, "order_change"), {}).status_code == 403
        assert not LoanEvent.objects.filter(loan__number=loan, kind=kind).exists()


class TestRefunding:
    def test_offers_the_payments_that_have_something_left_over(
        self, enter: Enter, loan: str
    ) -> None:
        repay(loan, 3_000_000)
        [credit] = queries.list_credits(number=loan, viewer=HOUSE)
        finance = enter("finance")

        said = look(finance, loan, "refunded", {"of": credit.key, "amount_minor": "100"})
        answer = finance.post(where(loan, "refunded", "order_change"), said)

        request = ChangeRequest.objects.get(loan__number=loan)
        assert answer["Location"] == address("change_request", request.number)
        assert request.kind == "refunded"

    def test_is_led_to_from_money_without_a_place_where_it_may_be_ordered(
        self, enter: Enter, loan: str
    ) -> None:
        repay(loan, 3_000_000)

        assert where(loan, "refunded") in page(enter("finance"), address("unapplied"))
        assert where(loan, "refunded") not in page(enter("operations"), address("unapplied"))


class TestLooking:
    def test_writes_nothing(self, client: Client, loan: str) -> None:
        before = LoanEvent.objects.count(), Loan.objects.get(number=loan).outstanding_minor

        look(client, loan, "extended", {"periods": "3"})

        assert before == (
            LoanEvent.objects.count(),
            Loan.objects.get(number=loan).outstanding_minor,
        )

    def test_shows_both_ways_to_repay_early_with_what_each_saves(
        self, client: Client, loan: str
    ) -> None:
        said = {"amount_minor": "1000", "keep": "term", "channel": "counter"}

        shown = page(client, where(loan, "prepaid"), on=today(loan), **said)

        assert "the term stays" in shown
        assert "the instalment stays" in shown
        assert shown.count("saves ") >= 2
        # Money that nobody has named yet can be looked at; it cannot be booked.
        assert "give the payment number" in shown
        assert "Book it" not in shown

    def test_fills_in_what_it_takes_to_end_the_loan(self, client: Client, loan: str) -> None:
        payoff = queries.payoff_minor(
            number=loan, on=queries.get_loan(number=loan, viewer=HOUSE).on, viewer=HOUSE
        )

        said = look(client, loan, "settled_early", MONEY)

        assert said["amount_minor"] == f"{payoff // 100}.{payoff % 100:02d}"
        client.post(where(loan, "settled_early", "order_change"), said)
        assert queries.get_loan(number=loan, viewer=HOUSE).state == "settled"

    @pytest.mark.parametrize(
        ("kind", "said", "words"),
        [
            ("prepaid", {"amount_minor": "much", "keep": "term", "channel": "counter"}, "Amount"),
            ("extended", {"periods": "0"}, "Further instalments"),
            ("rate_changed", {"annual_rate": "-1"}, "New annual rate (%)"),
            ("due_moved", {"due": "2001-01-01", "to": "2026-12-01"}, "Instalment due on"),
            ("rate_changed", {"annual_rate": "9", "on": "2099-01-01"}, "The book stands at"),
            ("waived", {"amount_minor": "5", "component": "principal"}, "Of what"),
        ],
    )
    def test_of_what_cannot_be_says_which_entry_and_why(
        self, kind: str, said: Said, words: str, client: Client, loan: str
    ) -> None:
        asked = {"on": today(loan), **said}

        shown = page(client, where(loan, kind), **asked)

        place = shown.index('id="effect"')
        assert words in shown[place:]
        assert "Book it" not in shown[place:]
        client.post(where(loan, kind, "order_change"), {**asked, "reason": "x", "digest": "0" * 64})
        assert not LoanEvent.objects.filter(loan__number=loan, kind=kind).exists()

    def test_offers_only_what_fits_the_state_of_the_loan(self, client: Client, loan: str) -> None:
        open_choices = page(client, address("changes", loan))
        settling = look(client, loan, "settled_early", MONEY)
        client.post(where(loan, "settled_early", "order_change"), settling)

        settled_choices = page(client, address("changes", loan))

        assert where(loan, "extended") in open_choices
        assert where(loan, "extended") not in settled_choices
        assert "Does not fit a loan in this state: Settled" in settled_choices
        assert where(loan, "reversed") in settled_choices

    def test_of_a_kind_or_loan_that_does_not_exist_is_refused(
        self, client: Client, loan: str
    ) -> None:
        assert client.get(where(loan, "gifted")).status_code == 404
        assert client.get(where("LN-NOWHERE", "extended")).status_code == 404


class TestBooking:
    def test_of_an_effect_that_is_no_longer_so_books_nothing(
        self, client: Client, loan: str
    ) -> None:
        said = look(client, loan, "rate_changed", {"annual_rate": "8.5"})
        repay(loan, 10_000, book=Loan.objects.get(number=loan).book_id)

        answer = client.post(where(loan, "rate_changed", "order_change"), said)

        assert answer.status_code == 409
        assert not LoanEvent.objects.filter(loan__number=loan, kind="rate_changed").exists()

    @pytest.mark.parametrize("left_out", ["reason", "digest"])
    def test_needs_a_reason_and_what_was_shown(
        self, left_out: str, client: Client, loan: str
    ) -> None:
        said = look(client, loan, "rate_changed", {"annual_rate": "8.5"})

        answer = client.post(where(loan, "rate_changed", "order_change"), {**said, left_out: " "})

        assert answer.status_code in {409, 422}
        assert not LoanEvent.objects.filter(loan__number=loan, kind="rate_changed").exists()

    def test_of_money_needs_its_number(self, client: Client, loan: str) -> None:
        said = look(client, loan, "prepaid", CASES["prepaid"](client, loan))

        answer = client.post(where(loan, "prepaid", "order_change"), {**said, "pay_no": ""})

        assert answer.status_code == 422
        assert "Payment number" in answer.content.decode()

    def test_is_undone_from_the_timeline(self, client: Client, loan: str) -> None:
        said = look(client, loan, "rate_changed", {"annual_rate": "8.5"})
        client.post(where(loan, "rate_changed", "order_change"), said)
        told = page(client, address("loan", loan))
        undo = re.search(r'<a class="times-do" href="([^"]+reversed[^"]+)"', told)
        assert undo
        key = queries.list_events(number=loan, viewer=HOUSE)[-1].key

        booked = look(client, loan, "reversed", {"of": key, "cause": "correction"})
        client.post(where(loan, "reversed", "order_change"), booked)

        told = page(client, address("loan", loan))
        assert 'class="undone"' in told
        assert "What is undone: Rate changed" in re.sub(r"<[^>]+>", "", told)


class TestRequests:
    @pytest.fixture
    def asked(self, enter: Enter, loan: str) -> str:
        """An extension that operations asked for."""
        operations = enter("operations")
        operations.post(address("choose_language"), {"language": "en"})
        said = look(operations, loan, "extended", {"periods": "3"})
        operations.post(where(loan, "extended", "order_change"), said)
        return ChangeRequest.objects.get(loan__number=loan).number

    @pytest.fixture
    def manager(self, enter: Enter) -> Client:
        entered = enter("manager")
        entered.post(address("choose_language"), {"language": "en"})
        return entered

    def test_wait_in_the_list_and_on_the_loan(self, asked: str, manager: Client, loan: str) -> None:
        assert asked in page(manager, address("change_requests"))
        assert asked in page(manager, address("loan", loan))
        assert asked in page(manager, address("change_requests"), state="all")

    def test_are_approved_by_a_colleague_who_sees_the_same_effect(
        self, asked: str, manager: Client, loan: str
    ) -> None:
        count = queries.get_loan(number=loan, viewer=HOUSE).instalment_count
        shown = page(manager, address("change_request", asked))
        assert "Approve and book" in shown
        assert "as agreed by phone" in shown

        manager.post(address("approve_request", asked))

        assert queries.get_loan(number=loan, viewer=HOUSE).instalment_count == count + 3
        assert ChangeRequest.objects.get(number=asked).state == "approved"
        assert "Approved" in page(manager, address("change_request", asked))

    def test_are_not_approved_by_who_asked(self, asked: str, enter: Enter, loan: str) -> None:
        asker = enter("operations")

        assert asker.post(address("approve_request", asked)).status_code == 403

        everyone = enter("everyone")
        ChangeRequest.objects.filter(number=asked).update(asked_by="everyone")
        assert "Approve and book" not in page(everyone, address("change_request", asked))
        assert everyone.post(address("approve_request", asked)).status_code == 403
        assert not LoanEvent.objects.filter(loan__number=loan, kind="extended").exists()

    def test_are_refused_with_a_reason(self, asked: str, manager: Client, loan: str) -> None:
        manager.post(address("refuse_request", asked), {"reason": "too long already"})

        shown = page(manager, address("change_request", asked))
        assert "too long already" in shown
        assert not LoanEvent.objects.filter(loan__number=loan, kind="extended").exists()
        assert manager.post(address("approve_request", asked)).status_code == 409

    def test_whose_effect_is_another_by_now_cannot_be_approved(
        self, asked: str, manager: Client, loan: str
    ) -> None:
        repay(loan, 10_000, book=Loan.objects.get(number=loan).book_id)

        shown = page(manager, address("change_request", asked))

        assert "The loan has changed since" in shown
        assert "Approve and book" not in shown
        assert manager.post(address("approve_request", asked)).status_code == 409

    def test_lapse_with_their_business_day(self, asked: str, manager: Client, loan: str) -> None:
        row = Loan.objects.get(number=loan)
        card = queries.get_loan(number=loan, viewer=HOUSE)

        close_until(card.on + timedelta(days=1), book=row.book_id)

        assert ChangeRequest.objects.get(number=asked).state == "lapsed"
        assert "Ask for it again" in page(manager, address("change_request", asked))
        assert asked not in page(manager, address("change_requests"))


class TestGrants:
    def test_hide_what_would_be_refused(self, enter: Enter, loan: str) -> None:
        agent = enter("service_agent")

        assert address("changes", loan) not in page(agent, address("loan", loan))
        assert 'class="choice"' not in page(agent, address("changes", loan))

    def test_show_each_role_its_own(self, enter: Enter, loan: str) -> None:
        collector, finance = enter("collector"), enter("finance")

        assert where(loan, "waived") in page(collector, address("changes", loan))
        assert where(loan, "written_off") not in page(collector, address("changes", loan))
        assert where(loan, "written_off") in page(finance, address("changes", loan))
        assert permissions.CHANGES["written_off"] == "servicing.write_off"
