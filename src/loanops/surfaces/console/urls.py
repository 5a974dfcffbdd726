"""The console's table of contents."""

from __future__ import annotations

from django.urls import URLPattern, path

from loanops.surfaces.console.pages import (
    applications,
    audit,
    board,
    books,
    compliance,
    contracts,
    identity,
    intake,
    jobs,
    ledger,
    parameters,
    parties,
    partners,
    products,
    search,
    servicing,
)

app_name = "console"
urlpatterns: list[URLPattern] = [
    path("", board.board, name="board"),
    path("search", search.search, name="search"),
    path("sign-in", identity.sign_in, name="sign_in"),
    path("sign-out", identity.sign_out, name="sign_out"),
    path("speak", identity.speak, name="speak"),
    path("language", identity.choose_language, name="choose_language"),
    path("book", books.choose_book, name="choose_book"),
    path("work", applications.work_list, name="work_list"),
    path("applications", applications.applications, name="applications"),
    path("applications/new", intake.new_application, name="new_application"),
    path("applications/submit", intake.submit, name="submit_application"),
    path("applications/<str:number>", applications.application, name="application"),
    path("applications/<str:number>/withdraw", applications.withdraw, name="withdraw"),
    path("applications/<str:number>/submit", applications.submit_draft, name="submit_draft"),
    path("applications/<str:number>/documents", intake.add_document, name="add_document"),
    path(
        "applications/<str:number>/documents/<str:document>/accept",
        intake.accept_document,
        name="accept_document",
    ),
    path(
        "applications/<str:number>/documents/<str:document>/reject",
        intake.reject_document,
        name="reject_document",
    ),
    path(
        "applications/<str:number>/documents/<str:document>/send-back",
        intake.send_back_document,
        name="send_back_document",
    ),
    path("documents/<str:document>", intake.read_document, name="read_document"),
    path("offers/<str:number>", contracts.offer, name="offer"),
    path("offers/<str:number>/show", contracts.show_disclosure, name="show_disclosure"),
    path("offers/<str:number>/confirm", contracts.confirm_disclosure, name="confirm_disclosure"),
    path("offers/<str:number>/draw-up", contracts.draw_up, name="draw_up"),
    path("offers/<str:number>/withdraw", contracts.withdraw_offer, name="withdraw_offer"),
    path("contracts", contracts.contracts, name="contracts"),
    path("contracts/<str:number>", contracts.contract, name="contract"),
    path("contracts/<str:number>/sign", contracts.sign, name="sign"),
    path("contracts/<str:number>/file", contracts.contract_file, name="contract_file"),
    path("customers", parties.parties, name="parties"),
    path("customers/<str:number>", parties.party, name="party"),
    path("customers/<str:number>/unmask", parties.unmask, name="unmask"),
    path("loans", servicing.loans, name="loans"),
    path("loans/<str:number>", servicing.loan, name="loan"),
    path("loans/<str:number>/repay", servicing.repay, name="repay"),
    path("loans/<str:number>/release", servicing.release, name="release_loan"),
    path("overdue", servicing.overdue, name="overdue"),
    path("ledger", ledger.trial_balance, name="ledger"),
    path("day-close", books.day_close, name="day_close"),
    path("day-close/run", books.close_day, name="close_day"),
    path("partners", partners.partners, name="partners"),
    path("partners/register", partners.register_partner, name="register_partner"),
    path("partners/<str:code>", partners.partner, name="partner"),
    path("partners/<str:code>/whitelist", partners.whitelist, name="whitelist"),
    *(
        path(
            f"partners/<str:code>/{move}", partners.move_partner, {"move": move}, f"{move}_partner"
        )
        for move in ("suspend", "resume", "end")
    ),
    path("agreements/<str:number>", partners.agreement, name="agreement"),
    *(
        path(
            f"agreements/<str:number>/{move}",
            partners.move_agreement,
            {"move": move},
            f"{move}_agreement",
        )
        for move in ("suspend", "resume", "end")
    ),
    path("products", products.products, name="products"),
    path("products/<str:number>", products.product, name="product"),
    path("rules", compliance.rules, name="rules"),
    path("rules/decisions", compliance.record_decision, name="record_decision"),
    path("rules/decisions/<str:number>/revoke", compliance.revoke_decision, name="revoke_decision"),
    path("jobs", jobs.jobs, name="jobs"),
    path("jobs/<int:job>/retry", jobs.retry, name="retry_job"),
    path("deliveries/<int:delivery>/redrive", jobs.redrive, name="redrive"),
    path("audit", audit.audit, name="audit"),
    path("people", identity.people, name="people"),
    path("people/add", identity.add_person, name="add_person"),
    path("people/<str:login_name>", identity.person, name="person"),
    path("people/<str:login_name>/grant", identity.grant_role, name="grant_role"),
    path("people/<str:login_name>/end-role", identity.end_role, name="end_role"),
    path("people/<str:login_name>/deactivate", identity.deactivate, name="deactivate"),
    path("roles", identity.role_matrix, name="roles"),
    path("keys", identity.keys, name="keys"),
    path("keys/issue", identity.issue_key, name="issue_key"),
    path("keys/<str:prefix>/revoke", identity.revoke_key, name="revoke_key"),
    path("parameters", parameters.parameters, name="parameters"),
    path("parameters/<str:name>", parameters.set_parameter, name="set_parameter"),
]
