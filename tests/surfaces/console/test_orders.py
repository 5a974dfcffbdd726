"""Every form: a wrong role is refused and leaves nothing; a right one does what it says."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from loanops.kernel.access import Viewer
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing.models import Loan
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import queries as contracts
from loanops.platform.audit import queries as audit
from loanops.platform.books import queries as books
from loanops.platform.identity import queries as identity
from loanops.platform.identity.roles import grants_of
from loanops.registry.compliance import queries as compliance
from tests.factories import desk, people, registry
from tests.surfaces.console.addresses import ORDERS, about, address
from tests.surfaces.console.conftest import Enter

HOUSE = Viewer.house("tests")


def entries() -> int:
    """The newest entry of the audit."""
    found = audit.list_entries(wanted=audit.Filter(), viewer=HOUSE)
    return found[0].id if found else 0


class TestEveryOrder:
    @pytest.mark.parametrize("name", sorted(ORDERS))
    def test_by_a_wrong_role_is_refused_and_leaves_nothing(
        self, operation: desk.Operation, enter: Enter, name: str
    ) -> None:
        grant, field = ORDERS[name]
        strangers = [role for role in desk.STAFF if grant not in grants_of(role)]
        clients = [enter(role) for role in strangers]
        before = entries()

        answers = {
            client.post(address(name, about(operation, field))).status_code for client in clients
        }

        assert answers == {403}
        assert entries() == before

    @pytest.mark.parametrize("name", sorted(ORDERS))
    def test_is_never_carried_out_by_a_link(
        self, operation: desk.Operation, enter: Enter, name: str
    ) -> None:
        client = enter("everyone")

        answer = client.get(address(name, about(operation, ORDERS[name][1])))

        assert answer.status_code == 405

    @pytest.mark.parametrize("name", sorted(ORDERS))
    def test_needs_the_token_of_its_own_page(
        self, operation: desk.Operation, enter: Enter, name: str
    ) -> None:
        client = enter("everyone")
        client.handler.enforce_csrf_checks = True

        answer = client.post(address(name, about(operation, ORDERS[name][1])))

        assert answer.status_code == 403


class TestRepay:
    FORM = {"channel": "counter", "pay_no": "C-1", "on": "2026-11-02"}

    def test_books_the_money_once_however_often_it_is_sent(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("finance")
        before = loans.get_loan(number=operation.loan, viewer=HOUSE)

        for _time in range(2):
            client.post(address("repay", operation.loan), {**self.FORM, "amount_minor": "100.00"})

        after = loans.get_loan(number=operation.loan, viewer=HOUSE)
        moved = (after.paid_minor + after.credit_minor) - (before.paid_minor + before.credit_minor)
        assert moved == 10_000

    @pytest.mark.parametrize("amount", ["", "-5", "0", "1.234", "many", "1e9"])
    def test_says_what_is_wrong_with_an_amount(
        self, operation: desk.Operation, enter: Enter, amount: str
    ) -> None:
        client = enter("finance")

        answer = client.post(
            address("repay", operation.loan), {**self.FORM, "amount_minor": amount}
        )

        assert answer.status_code == 422
        assert loans.get_loan(number=operation.loan, viewer=HOUSE).paid_minor == 0

    def test_answers_a_partial_request_with_a_notice(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("finance")

        answer = client.post(
            address("repay", operation.loan),
            {**self.FORM, "amount_minor": "many"},
            headers={"HX-Request": "true"},
        )

        assert answer["HX-Retarget"] == "#notices"
        assert "<html" not in answer.content.decode()


class TestWithdraw:
    def test_ends_the_application(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("reviewer")
        card = applications.get_application(operation.in_review, viewer=HOUSE)

        client.post(
            address("withdraw", card.number),
            {"reason": "no_longer_needed", "version": card.version},
        )

        after = applications.get_application(card.number, viewer=HOUSE)
        assert after.stage == "withdrawn"

    def test_of_something_seen_before_a_change_is_refused(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("reviewer")

        answer = client.post(
            address("withdraw", operation.in_review),
            {"reason": "no_longer_needed", "version": 99},
        )

        assert answer.status_code == 409
        stage = applications.get_application(operation.in_review, viewer=HOUSE).stage
        assert stage == "in_review"


class TestConfirm:
    def test_starts_the_reading_time_when_the_statement_is_shown(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")

        client.post(address("show_disclosure", operation.offer))

        shown = contracts.get_offer(operation.offer, viewer=HOUSE).disclosure
        assert shown is not None
        assert shown.confirmed_at is None

    def test_before_the_reading_time_is_over_is_refused(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")
        client.post(address("show_disclosure", operation.offer))

        answer = client.post(address("confirm_disclosure", operation.offer))

        assert answer.status_code in {409, 422}
        assert contracts.get_offer(operation.offer, viewer=HOUSE).state == "made"


class TestCloseDay:
    @pytest.mark.parametrize("role", ["operations", "finance"])
    def test_moves_the_book_to_the_day_asked_for(
        self, operation: desk.Operation, enter: Enter, role: str
    ) -> None:
        client = enter(role)
        upcoming = registry.TODAY + timedelta(days=1)

        answer = client.post(address("close_day"), {"until": upcoming.isoformat()})

        assert answer.status_code == 302
        assert books.business_date("cn") == upcoming
        assert "cut_off" in {step.step for step in books.list_steps(book="cn")}

    @pytest.mark.parametrize("until", ["2020-01-01", "2026-12-31", "9999-12-31", "soon", ""])
    def test_to_a_day_that_cannot_be_is_refused_and_closes_nothing(
        self, operation: desk.Operation, enter: Enter, until: str
    ) -> None:
        client = enter("operations")

        answer = client.post(address("close_day"), {"until": until})

        assert answer.status_code == 422
        assert books.business_date("cn") == registry.TODAY


class TestRelease:
    @pytest.mark.parametrize("role", ["operations", "finance"])
    def test_gives_a_loan_that_was_set_aside_back_to_the_close(
        self, operation: desk.Operation, enter: Enter, role: str
    ) -> None:
        Loan.objects.filter(number=operation.loan).update(set_aside=True)
        client = enter(role)

        shown = client.get(address("loan", operation.loan)).content.decode()
        answer = client.post(address("release_loan", operation.loan))

        assert address("release_loan", operation.loan) in shown
        assert answer.status_code == 302
        assert not loans.get_loan(number=operation.loan, viewer=HOUSE).set_aside

    def test_of_a_loan_that_nobody_set_aside_is_refused(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")

        answer = client.post(address("release_loan", operation.loan))

        assert answer.status_code == 404


class TestSubmit:
    def test_of_an_application_without_consents_is_refused(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")

        answer = client.post(address("submit_application"), self.form())

        assert answer.status_code == 422

    def test_takes_an_application_in_once(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("operations")
        given = {**self.form(), "consent": ["personal_information", "sensitive_information"]}

        first = client.post(address("submit_application"), given)
        second = client.post(address("submit_application"), given)

        assert first.status_code == second.status_code == 302
        assert first["Location"] == second["Location"]

    def test_keeps_the_consents_that_were_given_and_no_other(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")
        page = client.get(address("new_application")).content.decode()
        shared = sorted(set(re.findall(r'value="(share_with_funder:[^"]+)"', page)))
        needed = ["personal_information", "sensitive_information", "credit_query"]

        answer = client.post(
            address("submit_application"), {**self.form(), "consent": [*needed, shared[0]]}
        )

        number = answer["Location"].rpartition("/")[2]
        party = applications.cards_of([number])[number].party
        given = compliance.list_consents(subjects=[party], viewer=HOUSE)
        assert {(each.purpose, each.recipient) for each in given} == {
            *((purpose, "") for purpose in needed),
            ("share_with_funder", shared[0].partition(":")[2]),
        }

    @staticmethod
    def form() -> dict[str, object]:
        said = people.person(30)
        return {
            "key": "typed-once",
            "product": "steady",
            "amount_minor": "10,000.00",
            "term_months": "12",
            "purpose": "daily",
            "name": said.name,
            "id_number": said.id_number,
            "mobile": said.mobile,
            "region": "11",
            "industry": "it",
            "income_monthly_minor": "12000.00",
        }


class TestIdentity:
    def test_shows_a_key_once_and_never_again(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("administrator")

        issued = client.post(
            address("issue_key"), {"name": "Channel", "partner": "", "role": "channel"}
        )

        [card] = identity.list_keys(viewer=HOUSE)
        assert f"{card.prefix}." in issued.content.decode()
        assert f"{card.prefix}." not in client.get(address("keys")).content.decode()

    def test_ends_an_open_session_with_the_role(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        finance, administrator = enter("finance"), enter("administrator")
        assert finance.get(address("ledger")).status_code == 200

        administrator.post(address("end_role", "finance"), {"role": "finance"})

        assert finance.get(address("ledger")).status_code == 403

    def test_lets_nobody_raise_their_own_rights(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("administrator")

        answer = client.post(
            address("grant_role", "administrator"),
            {"role": "finance", "valid_from": "2026-01-01"},
        )

        assert answer.status_code == 422
        assert client.get(address("ledger")).status_code == 403


class TestMissingRight:
    def test_is_said_in_words_with_the_roles_that_have_it(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("administrator")

        page = client.get(address("ledger"))
        swap = client.get(address("ledger"), headers={"HX-Request": "true"})

        for answer in (page, swap):
            said = answer.content.decode()
            assert "账本 · 查看" in said
            assert "财务" in said
            assert "ledger.view" not in said


class TestRecordingAReferenceRate:
    def test_puts_it_on_the_page_with_its_day_and_source(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("compliance_officer")

        answer = client.post(
            address("record_reference_rate", ""),
            {"key": "lpr_1y", "rate_annual": "2.95", "effective_from": "2027-01-20",
             "document": "LPR 2027-01"},
        )  # fmt: skip

        assert answer.status_code == 302
        page = client.get(answer.headers["Location"]).content.decode()
        assert "2.95" in page
        assert "2027-01-20" in page
        assert "LPR 2027-01" in page
