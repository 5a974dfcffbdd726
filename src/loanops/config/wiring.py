"""Who is plugged into what: the tables of contents of the house, and the only file that knows all.

``REACTIONS`` follow an event, ``JOBS`` run a job's name, ``CRON`` enqueues jobs by the clock.
Sentences, grants and invariants of the rooms are collected by convention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

from loanops.adapters.open_bank import OpenBank
from loanops.adapters.open_carrier import OpenCarrier
from loanops.adapters.typesetting import TypstPages
from loanops.config import owners
from loanops.kernel.access import Actor
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing import reactions as servicing
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE
from loanops.money.payments import queries as receipts
from loanops.money.payments import reactions as payments
from loanops.money.payments.ports import CHANNELS, KEEPERS
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import reactions as contracts
from loanops.origination.contracts.ports import PAGES, TYPESETTERS
from loanops.origination.decisioning import reactions as decisioning
from loanops.origination.routing import queries as exceptions
from loanops.origination.routing import reactions as routing
from loanops.origination.routing.ports import CONNECTIONS, GATEWAYS
from loanops.platform.audit import SENTENCES, Check, register_sentences
from loanops.platform.audit import operations as audit
from loanops.platform.identity.roles import register_grants
from loanops.platform.jobs import runner
from loanops.platform.outbox import pump
from loanops.platform.web import clock
from loanops.platform.webhooks import reactions as webhooks
from loanops.platform.webhooks.ports import HOUSE, OWNERS
from loanops.registry.borrowers import reactions as borrowers
from loanops.registry.contacts import reactions as contacts
from loanops.registry.contacts.ports import CARRIERS, SHORT_MESSAGES
from loanops.registry.team import reactions as team
from loanops.registry.team.ports import WAITING, Source


def seal_audit(payload: Mapping[str, Any], *, actor: Actor, at: Any) -> None:
    """Seal the audit entries written since the last seal."""
    del payload
    audit.seal(actor=actor, at=at)


REACTIONS: dict[str, tuple[pump.Reaction, ...]] = {
    "applications.submitted": (decisioning.decide_submitted, team.follow),
    "applications.submitted_many": (decisioning.decide_submitted_many, team.follow),
    "applications.documents_complete": (decisioning.decide_submitted,),
    "applications.document_added": (team.follow,),
    "applications.document_judged": (team.follow,),
    "applications.checklist_set": (team.follow,),
    "applications.referred": (team.follow,),
    "applications.referred_many": (team.follow,),
    "applications.approved": (routing.seek_funder, team.follow),
    "applications.approved_many": (routing.seek_funders, team.follow),
    "applications.declined": (team.follow,),
    "applications.declined_many": (team.follow,),
    "applications.withdrawn": (contracts.withdraw_offers, routing.free_withdrawn, team.follow),
    "applications.expired_many": (team.follow,),
    "contracts.offers_lapsed": (routing.lapse_credit,),
    "contracts.signed": (routing.draw_signed, team.follow),
    "contracts.signed_many": (routing.draw_signed_many, team.follow),
    "routing.disbursed": (servicing.open_loan,),
    "routing.disbursed_many": (servicing.open_loans_many,),
    "routing.refused": (team.follow,),
    "routing.exceptions_opened": (team.follow,),
    "routing.exception_closed": (team.follow,),
    "routing.repayment_notified": (servicing.take_notified_repayment,),
    "payments.debits_collected": (servicing.allocate_debits,),
    "payments.debit_returned": (servicing.take_back_returned,),
    "payments.refund_moved": (team.follow,),
    "servicing.request_moved": (team.follow,),
    "servicing.request_moved_many": (team.follow,),
    "servicing.loans_set_aside": (team.follow,),
    "servicing.loan_released": (team.follow,),
    "servicing.import_undone_many": (team.follow,),
    "books.day_closed": (contracts.expire_offers,),
    pump.EVERY: (webhooks.queue,),
}

JOBS: dict[str, runner.Handler] = {
    "audit.seal": seal_audit,
    "borrowers.forget_codes": borrowers.forget_codes,
    "contacts.carry": contacts.carry,
    "contracts.render": contracts.render,
    "decisioning.decide": decisioning.decide,
    "payments.send_debit_file": payments.send_debit_file,
    "payments.take_debit_results": payments.take_debit_results,
    "routing.draw_down": routing.draw_down,
    "routing.draw_down_many": routing.draw_down_many,
    "routing.resolve": routing.resolve,
    "routing.route": routing.route,
    "routing.route_many": routing.route_many,
    "routing.settle_attempt": routing.settle_attempt,
    "routing.settle_open": routing.settle_open,
    "routing.settle_signing": routing.settle_signing,
    "servicing.order_windows": servicing.order_windows,
    "servicing.reread": servicing.go_on_rereading,
    "servicing.undo_import": servicing.go_on_undoing,
    "team.rebuild": team.rebuild,
    "team.run": team.go_on,
    webhooks.JOB: webhooks.post,
}

# Jobs of these names that wait together are done together, by the operation's twin for many.
TOGETHER: dict[str, runner.Handler] = {
    "contracts.render": contracts.render_waiting,
    "decisioning.decide": decisioning.decide_waiting,
    "routing.draw_down": routing.draw_down_waiting,
    "routing.route": routing.route_waiting,
}

# name: (cron text, job)
CRON: dict[str, tuple[str, str]] = {
    "seal the audit": ("* * * * *", "audit.seal"),
    "forget old codes": ("7 * * * *", "borrowers.forget_codes"),
    "ask funders about what is open": ("* * * * *", "routing.settle_open"),
    "order the later debit windows": ("* * * * *", "servicing.order_windows"),
}

# kind of work: who says what waits
WAITS: dict[str, Source] = {
    "review": applications.waiting_reviews,
    "document": applications.waiting_documents,
    "supplement": applications.waiting_supplements,
    "change": loans.waiting_changes,
    "reread": loans.waiting_rereads,
    "undo": loans.waiting_undos,
    "aside": loans.waiting_aside,
    "refund": receipts.waiting_refunds,
    "exception": exceptions.waiting_exceptions,
}


def rooms() -> Iterator[str]:
    """The import path of every room that has tables."""
    for app in settings.INSTALLED_APPS:
        if app.startswith("loanops."):
            yield app


def _door(room: str, door: str) -> Any | None:
    return import_module(f"{room}.{door}") if find_spec(f"{room}.{door}") else None


def invariants() -> list[Check]:
    """Every invariant of every room, in the order of the floors."""
    found: list[Check] = []
    for room in rooms():
        door = _door(room, "invariants")
        if door is not None:
            found.extend(door.CHECKS)
    return sorted(found, key=lambda check: check.code)


def wire() -> None:
    """Plug everything in; called once when a process starts, and harmless when called again."""
    for room in (*rooms(), "loanops.platform.vault"):
        events = _door(room, "events")
        register_sentences(getattr(events, "SENTENCES", {}))
        permissions = _door(room, "permissions")
        if permissions is not None:
            register_grants(
                value
                for name, value in vars(permissions).items()
                if name.isupper() and isinstance(value, str)
            )
    # A story's clock (never in production) is the world's too: a message is stale by theirs.
    connections = Path(settings.HOME) / "connections"
    open_bank = OpenBank(connections, clock=lambda: clock.now().timestamp())
    carrier = OpenCarrier(connections / "carrier", clock=lambda: clock.now().timestamp())
    GATEWAYS.plug("open_bank", open_bank)
    CONNECTIONS.plug("open_bank", open_bank)
    CHANNELS.plug("open_bank", open_bank.debits())
    CARRIERS.plug(SHORT_MESSAGES, carrier)
    KEEPERS.plug("servicing", loans.keeps)
    CLOSE.plug(STEPS)
    OWNERS.plug(HOUSE, owners.owners_of)
    for kind, source in WAITS.items():
        WAITING.plug(kind, source)
    TYPESETTERS.plug(PAGES, TypstPages(Path(settings.HOME) / "fonts"))
    pump.wire(REACTIONS)
    runner.wire(JOBS, TOGETHER)


__all__ = ["CRON", "JOBS", "REACTIONS", "SENTENCES", "TOGETHER", "WAITS", "invariants", "wire"]
