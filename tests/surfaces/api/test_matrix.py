"""The permission matrix: every operation against every role, and nothing that is not listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from loanops.platform.identity.roles import roles
from loanops.surfaces.api.window import API
from tests.surfaces.api.conftest import Program

Issue = Callable[..., Program]

EVERYBODY = frozenset(code for code, role in roles().items() if role.is_given)
PROGRAMS = {"channel", "funder", "payment_company", "administrator"}
APPLICATIONS = {
    "reviewer", "risk_manager", "operations", "service_agent", "compliance_officer", "manager",
    "channel",
}  # fmt: skip
CONTRACTS = {*APPLICATIONS, "product_manager", "funder"}
PRODUCTS = {
    "reviewer",
    "risk_manager", "operations", "partner_manager", "product_manager", "compliance_officer",
    "manager", "channel",
}  # fmt: skip
PAYMENTS = {"operations", "service_agent", "collector", "finance", "manager"}
RULES = {"risk_manager", "partner_manager", "product_manager", "compliance_officer", "manager"}
WORK = {
    "reviewer", "risk_manager", "operations", "collector", "finance", "compliance_officer",
    "manager",
}  # fmt: skip
LOANS = {*APPLICATIONS, "collector", "finance", "funder"}

# What each operation is to be open to, said here a second time and on purpose: a grant that slips
# into a role, or an operation into the API, fails until somebody writes it down.
MATRIX: dict[str, set[str] | frozenset[str]] = {
    "get_me": EVERYBODY,
    "list_books": EVERYBODY,
    "list_products": PRODUCTS,
    "quote": PRODUCTS,
    "list_promotions": PRODUCTS,
    "launch_promotion": {"product_manager"},
    "end_promotion": {"product_manager"},
    "preview_promotion": {"operations", "channel"},
    "redeem_promotion": {"operations", "channel"},
    "submit_application": {"reviewer", "operations", "channel"},
    "list_applications": APPLICATIONS,
    "get_application": APPLICATIONS,
    "list_application_moves": APPLICATIONS,
    "list_application_verdicts": APPLICATIONS,
    "list_application_checklist": APPLICATIONS,
    "list_application_documents": APPLICATIONS,
    "add_application_document": {"reviewer", "operations", "channel"},
    "read_application_document": APPLICATIONS,
    "submit_applications": {"reviewer", "operations", "channel"},
    "list_application_offers": APPLICATIONS,
    "withdraw_application": {"reviewer", "operations", "channel"},
    "get_offer": CONTRACTS,
    "show_disclosure": {"operations", "channel"},
    "confirm_disclosure": {"operations", "channel"},
    "get_contract": CONTRACTS,
    "read_contract_document": CONTRACTS,
    "draw_up_contract": {"operations", "channel"},
    "get_signing": CONTRACTS,
    "list_contract_payouts": CONTRACTS,
    "start_signing": {"operations", "channel"},
    "find_signing_result": {"operations", "channel"},
    "list_loans": LOANS,
    "get_loan": LOANS,
    "list_loan_instalments": LOANS,
    "list_loan_events": LOANS,
    "list_loan_owners": LOANS,
    "get_loan_guarantee": LOANS,
    "list_guarantee_ceilings": LOANS,
    "list_compensations_due": LOANS,
    "list_loan_restructurings": LOANS,
    "get_loan_statement": LOANS,
    "get_loan_class": LOANS,
    "get_loan_outlook": LOANS,
    "get_loan_past": LOANS,
    "get_loan_payoff": LOANS,
    "get_loan_certificate": LOANS,
    "read_loan_paper": LOANS,
    # Which change takes which grant beyond that of looking, the operation knows.
    "preview_change": LOANS,
    "change_loan": LOANS,
    "ask_change": LOANS,
    "list_change_requests": LOANS,
    "approve_change": {"risk_manager", "manager"},
    "refuse_change": {"risk_manager", "manager"},
    "get_portfolio": LOANS,
    "list_past_loans": LOANS,
    "get_cash_flow": LOANS,
    "list_vintages": LOANS,
    "list_reference_rates": RULES,
    "get_reference_rate_effects": LOANS,
    "get_loan_floating_rate": LOANS,
    "list_rereads": LOANS,
    "get_reread": LOANS,
    "list_reread_loans": LOANS,
    # Who may change the terms of one loan may ask for a run over all of them.
    "ask_reread": {"collector", "operations"},
    "approve_reread": {"risk_manager", "manager"},
    "refuse_reread": {"risk_manager", "manager"},
    "list_imports": LOANS,
    "get_import": LOANS,
    "preview_import_undo": {"operations", "finance", "risk_manager", "manager"},
    "list_import_undo_requests": LOANS,
    "ask_import_undo": {"operations", "finance"},
    "approve_import_undo": {"risk_manager", "manager"},
    "refuse_import_undo": {"risk_manager", "manager"},
    "record_reference_rate": {"compliance_officer"},
    "list_receipts": {"operations", "finance", "payment_company"},
    "list_debit_files": PAYMENTS,
    "get_debit_file": PAYMENTS,
    "list_debit_orders": PAYMENTS,
    "list_debit_policies": PAYMENTS,
    "set_debit_policy": {"finance"},
    "list_unapplied": PAYMENTS,
    "return_receipt": {"finance"},
    "request_refund": {"operations", "finance"},
    "list_refunds": PAYMENTS,
    "get_refund": PAYMENTS,
    "approve_refund": {"finance", "manager"},
    "refuse_refund": {"finance", "manager"},
    "confirm_refund": {"finance"},
    "fail_refund": {"finance"},
    "repay": {"operations", "finance", "payment_company"},
    "list_work_items": WORK,
    "get_work_item": WORK,
    "get_work_run": WORK,
    "get_work_board": WORK,
    "list_service_levels": WORK,
    "list_teams": WORK,
    "claim_next_work_item": WORK - {"compliance_officer"},
    "claim_work_item": WORK - {"compliance_officer"},
    "release_work_item": WORK - {"compliance_officer"},
    "assign_work_item": {"manager"},
    "hand_over_work_items": {"manager"},
    "set_service_level": {"manager"},
    "list_webhooks": PROGRAMS,
    "create_webhook": PROGRAMS,
    "get_webhook": PROGRAMS,
    "disable_webhook": PROGRAMS,
    "rotate_webhook_secret": PROGRAMS,
    "list_webhook_postings": PROGRAMS,
    "list_events": PROGRAMS,
}
# Proven by the sender's own signature, which its own tests hold.
BY_SIGNATURE = {"take_callback"}


def operations() -> Iterator[tuple[str, str, str]]:
    """Every operation of the document: its name, method and path."""
    for path, methods in API.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path.removeprefix("/api/v1")


ROUTES = {name: (method, path) for name, method, path in operations()}


def test_names_every_operation_of_the_document_and_no_other() -> None:
    assert set(ROUTES) == set(MATRIX) | BY_SIGNATURE


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_opens_to_a_role_what_it_lists_and_nothing_else(program: Issue, role: str) -> None:
    caller = program(role)
    wrong = {}
    for name, allowed in MATRIX.items():
        method, path = ROUTES[name]
        address = re.sub(r"\{\w+\}", "NO-1", path)
        answer = caller.get(address) if method == "GET" else caller.send(method, address, {})
        is_open = answer.status_code != 403
        if is_open != (role in allowed) or answer.status_code >= 500:
            wrong[name] = answer.status_code

    assert not wrong


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_opens_nothing_without_a_key(db: None, client: object, name: str) -> None:
    method, path = ROUTES[name]

    answer = client.generic(method, f"/api/v1{re.sub(r'{[^}]+}', 'NO-1', path)}")  # type: ignore[attr-defined]

    assert answer.status_code == 401
