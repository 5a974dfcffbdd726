"""Every page and every form of the console, and the grant that opens each."""

from __future__ import annotations

from django.urls import reverse

from tests.factories.desk import Operation

PAGES: dict[str, tuple[str, ...]] = {
    "board": ("books.view",),
    "work_list": ("team.view",),
    "applications": ("applications.view",),
    "new_application": ("applications.submit", "products.view"),
    "contracts": ("contracts.view",),
    "payouts": ("routing.view",),
    "exceptions": ("routing.view",),
    "parties": ("parties.view",),
    "loans": ("servicing.view",),
    "portfolio": ("servicing.view",),
    "change_requests": ("servicing.view",),
    "overdue": ("servicing.view",),
    "compensations": ("servicing.view",),
    "imports": ("servicing.view",),
    "debits": ("payments.view",),
    "unapplied": ("payments.view",),
    "ledger": ("ledger.view",),
    "day_close": ("books.view",),
    "partners": ("partners.view",),
    "products": ("products.view",),
    "promotions": ("products.view",),
    "strategies": ("decisioning.view",),
    "rules": ("compliance.view",),
    "reference_rates": ("compliance.view",),
    "rereads": ("servicing.view",),
    "jobs": ("jobs.view",),
    "audit": ("audit.view",),
    "people": ("identity.view",),
    "roles": ("identity.view",),
    "keys": ("identity.view",),
    "parameters": ("parameters.view",),
}
DETAILS = {
    "application": ("applications.view", "in_review"),
    "offer": ("contracts.view", "offer"),
    "contract": ("contracts.view", "contract"),
    "payout": ("routing.view", "payout"),
    "party": ("parties.view", "party"),
    "loan": ("servicing.view", "loan"),
    "loan_class": ("servicing.view", "loan"),
    "changes": ("servicing.view", "loan"),
    "papers": ("servicing.view", "loan"),
    "past_loan": ("servicing.view", "loan"),
    "restructurings": ("servicing.view", "loan"),
    "partner": ("partners.view", "partner"),
    "agreement": ("partners.view", "agreement"),
    "product": ("products.view", "product"),
    "promotion": ("products.view", "promotion"),
    "redemption": ("contracts.confirm", "offer"),
}
ORDERS = {
    "decide": ("decisioning.decide", "submitted"),
    "approve_application": ("decisioning.review", "in_review"),
    "decline_application": ("decisioning.review", "in_review"),
    "publish_strategy": ("decisioning.publish", ""),
    "assign_strategy": ("decisioning.assign", ""),
    "withdraw": ("applications.withdraw", "in_review"),
    "submit_draft": ("applications.submit", "in_review"),
    "add_document": ("applications.submit", "in_review"),
    "submit_application": ("applications.submit", ""),
    "show_disclosure": ("contracts.confirm", "offer"),
    "confirm_disclosure": ("contracts.confirm", "offer"),
    "draw_up": ("contracts.sign", "offer"),
    "withdraw_offer": ("contracts.offer", "offer"),
    "redeem_promotion": ("contracts.confirm", "offer"),
    "launch_promotion": ("products.promote", ""),
    "end_promotion": ("products.promote", "promotion"),
    "sign": ("contracts.sign", "contract"),
    "route": ("routing.route", "approved"),
    "give_up": ("routing.resolve", "approved"),
    "start_signing": ("routing.route", "to_sign"),
    "settle_signing": ("routing.route", "to_sign"),
    "draw_down": ("routing.draw_down", "to_sign"),
    "resolve_payout": ("routing.resolve", "payout"),
    "assign_exception": ("routing.resolve", "exception"),
    "close_exception": ("routing.resolve", "exception"),
    "unmask": ("vault.unmask", "party"),
    "repay": ("servicing.repay", "loan"),
    "claim_next": ("team.take", ""),
    "claim_item": ("team.take", "item"),
    "release_item": ("team.take", "item"),
    "assign_items": ("team.take", ""),
    "release_items": ("team.take", ""),
    "hand_over": ("team.distribute", ""),
    "export_work": ("team.export", ""),
    "set_work_desk": ("team.view", ""),
    "save_work_filter": ("team.view", ""),
    "release_loan": ("servicing.release", "loan"),
    "reclassify": ("servicing.classify", "loan"),
    "withdraw_judgement": ("servicing.classify", "loan"),
    "pause_ageing": ("servicing.pause", "loan"),
    "resume_ageing": ("servicing.pause", "loan"),
    "close_day": ("servicing.close_day", ""),
    "set_debit_policy": ("payments.set_policy", ""),
    "take_returns": ("payments.return", ""),
    "register_partner": ("partners.register", ""),
    "suspend_agreement": ("partners.suspend", "agreement"),
    "resume_agreement": ("partners.suspend", "agreement"),
    "end_agreement": ("partners.suspend", "agreement"),
    "record_decision": ("compliance.decide", ""),
    "record_reference_rate": ("compliance.set_rate", ""),
    "ask_reread": ("servicing.change_terms", ""),
    "add_person": ("identity.manage", ""),
    "issue_key": ("identity.manage", ""),
}


def address(name: str, number: str = "") -> str:
    """The path of a page; ``number`` is what it is about."""
    return reverse(f"console:{name}", args=[number] if number else [])


def about(operation: Operation, field: str) -> str:
    """The number that an address needs, or none."""
    return str(getattr(operation, field)) if field else ""
