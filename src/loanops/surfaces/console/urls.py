"""The console's table of contents."""

from __future__ import annotations

from django.urls import URLPattern, path

from loanops.surfaces.console.pages import (
    applications,
    audit,
    board,
    books,
    changing,
    classing,
    compliance,
    contracts,
    decisioning,
    identity,
    intake,
    jobs,
    ledger,
    loan,
    papers,
    parameters,
    parties,
    partners,
    payments,
    portfolio,
    products,
    promotions,
    routing,
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
    path("applications/<str:number>/decide", decisioning.decide, name="decide"),
    *(
        path(
            f"applications/<str:number>/{outcome}",
            decisioning.review,
            {"outcome": outcome},
            f"{outcome}_application",
        )
        for outcome in ("approve", "decline")
    ),
    path("applications/<str:number>/route", routing.route, name="route"),
    path("applications/<str:number>/give-up", routing.give_up, name="give_up"),
    path("documents/<str:document>", intake.read_document, name="read_document"),
    path("offers/<str:number>", contracts.offer, name="offer"),
    path("offers/<str:number>/show", contracts.show_disclosure, name="show_disclosure"),
    path("offers/<str:number>/confirm", contracts.confirm_disclosure, name="confirm_disclosure"),
    path("offers/<str:number>/draw-up", contracts.draw_up, name="draw_up"),
    path("offers/<str:number>/withdraw", contracts.withdraw_offer, name="withdraw_offer"),
    path("offers/<str:number>/promotion", promotions.redemption, name="redemption"),
    path(
        "offers/<str:number>/promotion/redeem",
        promotions.redeem_promotion,
        name="redeem_promotion",
    ),
    path("contracts", contracts.contracts, name="contracts"),
    path("contracts/<str:number>", contracts.contract, name="contract"),
    path("contracts/<str:number>/sign", contracts.sign, name="sign"),
    path("contracts/<str:number>/signing", routing.start_signing, name="start_signing"),
    path("contracts/<str:number>/signing/ask", routing.settle_signing, name="settle_signing"),
    path("contracts/<str:number>/draw-down", routing.draw_down, name="draw_down"),
    path("contracts/<str:number>/file", contracts.contract_file, name="contract_file"),
    path("payouts", routing.payouts, name="payouts"),
    path("payouts/<str:serial>", routing.payout, name="payout"),
    path("payouts/<str:serial>/ask", routing.resolve, name="resolve_payout"),
    path("exceptions", routing.exceptions, name="exceptions"),
    path("exceptions/<str:number>/assign", routing.assign_exception, name="assign_exception"),
    path("exceptions/<str:number>/close", routing.close_exception, name="close_exception"),
    path("customers", parties.parties, name="parties"),
    path("customers/<str:number>", parties.party, name="party"),
    path("customers/<str:number>/unmask", parties.unmask, name="unmask"),
    path("loans", servicing.loans, name="loans"),
    path("loans/<str:number>", loan.loan, name="loan"),
    path("loans/<str:number>/outlook", loan.outlook, name="outlook"),
    path("loans/<str:number>/papers", papers.papers, name="papers"),
    path("loans/<str:number>/papers/<str:paper>", papers.read_paper, name="read_paper"),
    path("loans/<str:number>/past", loan.past, name="past_loan"),
    path("loans/<str:number>/repay", loan.repay, name="repay"),
    path("loans/<str:number>/release", loan.release, name="release_loan"),
    path("loans/<str:number>/class", classing.loan_class, name="loan_class"),
    *(
        path(f"loans/<str:number>/class/{address}", view, name=name)
        for address, view, name in (
            ("judge", classing.reclassify, "reclassify"),
            ("withdraw", classing.withdraw_judgement, "withdraw_judgement"),
            ("pause", classing.pause_ageing, "pause_ageing"),
            ("resume", classing.resume_ageing, "resume_ageing"),
        )
    ),
    path("loans/<str:number>/changes", changing.changes, name="changes"),
    path("loans/<str:number>/changes/<str:kind>", changing.change, name="change_loan"),
    path("loans/<str:number>/changes/<str:kind>/order", changing.order_change, name="order_change"),
    path("change-requests", changing.change_requests, name="change_requests"),
    path("change-requests/<str:number>", changing.change_request, name="change_request"),
    path("change-requests/<str:number>/approve", changing.approve_request, name="approve_request"),
    path("change-requests/<str:number>/refuse", changing.refuse_request, name="refuse_request"),
    path("portfolio", portfolio.portfolio, name="portfolio"),
    path("portfolio/export", portfolio.export, name="export_portfolio"),
    path("portfolio/static-pool", portfolio.static_pool, name="static_pool"),
    path("overdue", servicing.overdue, name="overdue"),
    path("debits", payments.debits, name="debits"),
    path("debits/policy", payments.set_policy, name="set_debit_policy"),
    path("debits/returns", payments.take_returns, name="take_returns"),
    path("debits/<str:number>", payments.debit_file, name="debit_file"),
    path("debits/<str:number>/answer", payments.take_answer, name="take_answer"),
    path("unapplied", payments.unapplied, name="unapplied"),
    path("unapplied/<str:number>/refund", payments.request_refund, name="request_refund"),
    *(
        path(
            f"refunds/<str:number>/{move}", payments.decide_refund, {"move": move}, f"{move}_refund"
        )
        for move in ("approve", "refuse")
    ),
    *(
        path(f"refunds/<str:number>/{move}", payments.end_refund, {"move": move}, f"{move}_refund")
        for move in ("confirm", "fail")
    ),
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
    path("promotions", promotions.promotions, name="promotions"),
    path("promotions/launch", promotions.launch_promotion, name="launch_promotion"),
    path("promotions/<str:number>", promotions.promotion, name="promotion"),
    path("promotions/<str:number>/end", promotions.end_promotion, name="end_promotion"),
    path("products", products.products, name="products"),
    path("products/<str:number>", products.product, name="product"),
    path("strategies", decisioning.strategies, name="strategies"),
    path("strategies/publish", decisioning.publish_strategy, name="publish_strategy"),
    path("strategies/assign", decisioning.assign_strategy, name="assign_strategy"),
    path("strategies/<str:code>/<int:version>", decisioning.strategy, name="strategy"),
    path("strategies/<str:code>/<int:version>/points", decisioning.scorecard, name="scorecard"),
    path(
        "strategies/<str:code>/<int:version>/points/publish",
        decisioning.revise_scorecard,
        name="revise_scorecard",
    ),
    path("rules", compliance.rules, name="rules"),
    path("rules/rates", compliance.reference_rates, name="reference_rates"),
    path("rules/rates/effects", compliance.rate_effects, name="rate_effects"),
    path("rules/rates/record", compliance.record_reference_rate, name="record_reference_rate"),
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
