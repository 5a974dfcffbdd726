"""The permission matrix: one table, held against what the rooms define and what must be apart."""

from __future__ import annotations

import pytest

from loanops.config import startup
from loanops.platform.identity.roles import grants_of, known_grants, roles

startup.start()

PROGRAMS = {"channel", "funder", "payment_company"}
# Grants that no person holds: a room lends them to another for the length of one order, or the
# worker acts in the house's own name.
LENT = {
    "applications.advance",
    "applications.decide",
    "applications.expire",
    "audit.seal",
    "borrowers.enter",
    "borrowers.forget",
    "contacts.carry",
    "contacts.send",
    "contracts.render",
    "limits.hold",
    "parties.disclose",
    "parties.register",
    "servicing.import",
    "servicing.open",
    "servicing.undo_import",
    "team.settle",
}
# Who holds a grant that moves money, judges a person or changes the rules; nobody else does.
HOLDERS = {
    "applications.review_documents": {"reviewer"},
    "books.open": {"administrator"},
    "compliance.decide": {"compliance_officer"},
    "compliance.set_rate": {"compliance_officer"},
    "contracts.confirm": {"operations", "channel", "borrower"},
    "contracts.sign": {"operations", "channel", "borrower"},
    "decisioning.assign": {"manager"},
    "decisioning.decide": {"risk_manager"},
    "decisioning.publish": {"risk_manager"},
    "decisioning.review": {"reviewer"},
    "identity.manage": {"administrator"},
    "limits.set": {"risk_manager", "partner_manager"},
    "parameters.set": {"administrator"},
    "partners.sign": {"partner_manager"},
    "partners.whitelist": {"partner_manager"},
    "payments.decide_refund": {"finance", "manager"},
    "payments.receive": {"operations", "finance", "payment_company"},
    "payments.request_refund": {"operations", "finance"},
    "payments.return": {"finance"},
    "payments.send_debits": {"finance"},
    "payments.send_refund": {"finance"},
    "payments.set_policy": {"finance"},
    "products.publish": {"product_manager"},
    "routing.draw_down": {"operations"},
    "routing.resolve": {"operations"},
    "servicing.ask_undo_import": {"operations", "finance"},
    "servicing.classify": {"risk_manager"},
    "servicing.close_day": {"operations", "finance"},
    "servicing.order_debits": {"operations", "finance"},
    "servicing.pause": {"operations", "risk_manager"},
    "servicing.release": {"operations", "finance"},
    "servicing.repay": {"operations", "finance", "payment_company"},
    "team.distribute": {"manager"},
    "team.export": {"compliance_officer", "manager"},
    "team.set_level": {"manager"},
    "vault.unmask": {"reviewer", "service_agent"},
}
# Two grants that one role never holds together: whoever does the one is checked by the other.
APART = [
    ("decisioning.review", "routing.draw_down"),
    ("decisioning.review", "decisioning.publish"),
    ("decisioning.publish", "decisioning.assign"),
    ("contracts.sign", "decisioning.review"),
    ("identity.manage", "servicing.repay"),
    ("identity.manage", "parties.view"),
    ("products.publish", "compliance.decide"),
]


def holders_of(grant: str) -> set[str]:
    return {role for role in roles() if grant in grants_of(role)}


class TestEveryGrant:
    def test_that_a_role_names_is_one_that_a_room_defines(self) -> None:
        named = {grant for role in roles() for grant in grants_of(role)}

        assert named <= known_grants()

    def test_pattern_opens_something(self) -> None:
        patterns = [each[:-1] for role in roles().values() for each in role.patterns if "*" in each]

        silent = [
            each for each in patterns if not any(grant.startswith(each) for grant in known_grants())
        ]

        assert patterns
        assert silent == []

    def test_is_held_by_somebody_or_lent_by_a_room_and_never_both(self) -> None:
        unheld = {grant for grant in known_grants() if not holders_of(grant)}

        assert unheld == LENT


class TestTheBorrowersRole:
    def test_is_given_to_nobody(self) -> None:
        assert not roles()["borrower"].is_given

    def test_opens_nothing_that_is_not_bounded_by_the_own_person(self) -> None:
        assert grants_of("borrower") == {
            "applications.submit",
            "applications.view",
            "applications.withdraw",
            "borrowers.own",
            "compliance.consent",
            "contracts.confirm",
            "contracts.sign",
            "contracts.view",
            "products.view",
            "routing.route",
            "servicing.view",
        }


class TestPowers:
    @pytest.mark.parametrize("grant", sorted(HOLDERS))
    def test_are_held_by_the_written_roles_and_no_other(self, grant: str) -> None:
        assert holders_of(grant) == HOLDERS[grant]

    @pytest.mark.parametrize(("one", "other"), APART)
    def test_that_check_each_other_are_in_two_hands(self, one: str, other: str) -> None:
        assert not holders_of(one) & holders_of(other)

    def test_of_programs_never_judge_or_look_behind_a_mask(self) -> None:
        held = {grant for role in PROGRAMS for grant in grants_of(role)}

        assert not {"vault.unmask", "decisioning.review", "identity.manage"} & held
