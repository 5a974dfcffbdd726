"""Words of the portal: what codes mean to a borrower, in plain language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loanops.platform.web.people import INDUSTRIES, REGIONS

Names = Mapping[str, str | Promise]


class Stage(NamedTuple):
    """A stage of an application as its borrower reads it; ``place`` is its step of four."""

    title: str | Promise
    words: str | Promise
    place: int
    tone: str


STAGES: Final[Mapping[str, Stage]] = {
    "draft": Stage(_("Not sent yet"), _("Go on filling it in whenever you like."), 1, "calm"),
    "submitted": Stage(
        _("We are looking at your application"),
        _("This usually takes less than a minute. You may leave this page and come back."),
        1,
        "wait",
    ),
    "in_review": Stage(
        _("A colleague is looking at your application"),
        _("Some applications are read by a person. You will find the answer here."),
        1,
        "wait",
    ),
    "approved": Stage(
        _("Your application is approved; we are asking funders"),
        _("A funder looks at it on its own. This page shows its offer as soon as it is there."),
        2,
        "wait",
    ),
    "offered": Stage(
        _("There is an offer for you"),
        _("Look at what it costs in all, and decide in your own time before it ends."),
        2,
        "act",
    ),
    "signed": Stage(
        _("Signed; the money is on its way"),
        _("The funder is paying it to your account. This page tells you when it is there."),
        4,
        "wait",
    ),
    "disbursed": Stage(
        _("The money was paid out"), _("Your loan and its repayments stand below."), 4, "good"
    ),
    "declined": Stage(
        _("We cannot offer you this loan"),
        _("The reasons are listed below. You may ask for a person to look at it again."),
        1,
        "bad",
    ),
    "funding_refused": Stage(
        _("No funder took this application"),
        _("Each funder decides on its own. Nothing is owed and nothing was signed."),
        2,
        "bad",
    ),
    "withdrawn": Stage(_("You withdrew this application"), _("Nothing is owed."), 1, "calm"),
    "expired": Stage(_("This application has run out of time"), _("Nothing is owed."), 1, "calm"),
}
WAITING: Final = frozenset({"submitted", "approved", "signed"})
"""Stages that move on by themselves within moments: their page looks again."""

PLACES: Final[tuple[str | Promise, ...]] = (
    _("Apply"),
    _("Choose"),
    _("Sign"),
    _("Money"),
)
DOCUMENT_STATES: Final[Names] = {
    "received": _("Received"),
    "accepted": _("Accepted"),
    "rejected": _("Rejected"),
    "sent_back": _("Please send it again"),
}
LOAN_STATES: Final[Names] = {
    "active": _("On schedule"),
    "overdue": _("Overdue"),
    "settled": _("Paid in full"),
    "written_off": _("Written off"),
    "withdrawn": _("Taken back"),
}
STANDINGS: Final[Names] = {
    "paid": _("Paid"),
    "overdue": _("Overdue"),
    "due": _("Due today"),
    "upcoming": _("Not due yet"),
}
METHODS: Final[Names] = {
    "equal_instalment": _("Equal instalments"),
    "equal_principal": _("Equal principal"),
    "interest_only": _("Interest first"),
    "bullet": _("Bullet"),
    "flat": _("Flat interest"),
    "revolving_daily": _("Daily revolving"),
    "custom": _("Schedule of the funder"),
}
WAYS: Final[Names] = {
    **METHODS,
    "upfront": _("at once"),
    "per_instalment": _("with each instalment"),
    "some_instalments": _("with some instalments"),
}
ITEMS: Final[Names] = {
    "interest": _("Interest"),
    "guarantee": _("Guarantee fee"),
    "guarantee_fee": _("Guarantee fee"),
    "service_fee": _("Service fee"),
    "overdue_penalty": _("Penalty interest when overdue"),
}
ROLES: Final[Names] = {
    "funder": _("lends you the money"),
    "guarantor": _("guarantees the loan"),
    "platform": _("arranges the loan"),
}
OUTCOMES: Final[Names] = {
    "repaid": _("Pay what is due"),
    "prepaid:instalment": _("Pay early, finish sooner"),
    "prepaid:term": _("Pay early, smaller instalments"),
    "settled_early": _("Pay everything off"),
}
WITHDRAW_REASONS: Final[Names] = {
    "no_longer_needed": _("The money is no longer needed"),
    "took_another_loan": _("Took another loan"),
    "terms_not_liked": _("Did not like the terms"),
    "entered_by_mistake": _("Entered by mistake"),
    "other": _("Other reason"),
}
PURPOSES: Final[Names] = {
    "daily": _("Daily consumption"),
    "renovation": _("Renovation"),
    "education": _("Education"),
    "medical": _("Medical costs"),
    "car": _("Buying a car"),
    "travel": _("Travel"),
    "wedding": _("Wedding"),
    "moving": _("Moving"),
    "major_purchase": _("A large purchase"),
    "small_business": _("Small business"),
    "debt_consolidation": _("Repaying other debts"),
    "other": _("Other purpose"),
}
STEPS: Final[Mapping[str, str | Promise]] = {
    "consents": _("Your consent"),
    "loan": _("The loan"),
    "person": _("About you"),
    "means": _("Your means"),
    "sharing": _("Who may see it"),
    "check": _("Check and send"),
}
TABLES: Final[Mapping[str, Names]] = {
    "document": DOCUMENT_STATES,
    "loan": LOAN_STATES,
    "standing": STANDINGS,
    "method": METHODS,
    "way": WAYS,
    "item": ITEMS,
    "role": ROLES,
    "outcome": OUTCOMES,
    "withdraw": WITHDRAW_REASONS,
    "purpose": PURPOSES,
    "industry": INDUSTRIES,
    "region": REGIONS,
    "step": STEPS,
}
