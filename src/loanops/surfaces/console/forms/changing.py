"""Forms of changes of loans: what each kind of change says, one form for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.loanbook.servicing.operations import ChangeIn
from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.forms.products import MoneyField, PercentField
from loanops.surfaces.console.pages.words.registry import METHODS

Choices = list[tuple[str, Any]]
_SAID_BESIDE: Final = frozenset({"on", "channel", "pay_no"})
_INSTALMENTS_MAX: Final = 1200


@dataclass(frozen=True, kw_only=True)
class About:
    """What of a loan its forms offer to choose from.

    ``claims`` is what its guarantor pays for by agreement, none where none is agreed.
    """

    currency: str
    on: date
    channel: str
    dues: Choices = field(default_factory=list)
    instalments: Choices = field(default_factory=list)
    owners: Choices = field(default_factory=list)
    events: Choices = field(default_factory=list)
    guarantors: Choices = field(default_factory=list)
    claims: Choices | None = None
    credits: Choices = field(default_factory=list)
    floats: bool | None = None
    """Whether the rate follows its index today; nothing of a loan that never floated."""


class ChangeForm(ConsoleForm):
    """The day a change counts for; each kind adds what its event says."""

    on = DayField(label=_("Counts for"))
    offers: Mapping[str, str] = MappingProxyType({})
    """Which choices of :class:`About` a field offers."""

    def __init__(self, data: Mapping[str, Any] | None, *, about: About) -> None:
        super().__init__(data, initial={"on": about.on, "channel": about.channel})
        for each in self.fields.values():
            if isinstance(each, MoneyField):
                each.currency = about.currency
        for name, what in self.offers.items():
            chosen = self.fields[name]
            if isinstance(chosen, forms.ChoiceField):
                chosen.choices = [*getattr(about, what)] or [("", _("there is none"))]

    def asked(self, loan: str, kind: str) -> ChangeIn:
        """The change that was typed.

        :raises BadField: names the first entry that cannot be used.
        """
        typed = self.read()
        values = {
            name: _plain(value)
            for name, value in typed.items()
            if name not in _SAID_BESIDE and value is not None and value != ""
        }
        return ChangeIn(
            loan=loan,
            kind=kind,
            on=typed["on"],
            values=values,
            channel=typed.get("channel", ""),
            pay_no=typed.get("pay_no", ""),
        )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def _count(label: Any, most: int = 60, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=most, initial=1, **kwargs)


def _either(label: Any, yes: Any, no: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=[("yes", yes), ("no", no)], coerce=lambda word: word == "yes"
    )


class _MoneyForm(ChangeForm):
    amount_minor = MoneyField(label=_("Amount"), currency="CNY")
    channel = forms.CharField(label=_("Payment channel"), max_length=60)
    pay_no = forms.CharField(
        label=_("Payment number of the channel"),
        max_length=64,
        required=False,
        help_text=_("May be left out while you only look; it is needed to book."),
    )


class PrepaidForm(_MoneyForm):
    """Money that repays principal early, and what stays as it is."""

    keep = forms.ChoiceField(
        label=_("What stays"),
        choices=[
            ("term", _("The term: the instalments fall")),
            ("instalment", _("The instalment: it ends earlier")),
        ],
    )


class SettledForm(_MoneyForm):
    """Money that ends the loan; without an amount, exactly what it takes."""

    def __init__(self, data: Mapping[str, Any] | None, *, about: About) -> None:
        super().__init__(data, about=about)
        amount = self.fields["amount_minor"]
        amount.required = False
        amount.help_text = _("Left out: exactly what it takes to end the loan on that day.")


class RefundForm(ChangeForm):
    """Which payment has something left over, and how much of it goes back."""

    of = forms.ChoiceField(label=_("Of which payment"))
    amount_minor = MoneyField(label=_("Amount"), currency="CNY")
    offers = MappingProxyType({"of": "credits"})


class ChargeForm(ChangeForm):
    """A charge outside the schedule."""

    amount_minor = MoneyField(label=_("Amount"), currency="CNY")
    component = forms.ChoiceField(
        label=_("Charged as"), choices=[("fee", _("Fee")), ("penalty", _("Penalty"))]
    )
    name = forms.CharField(label=_("What for"), max_length=60, required=False)


class WaiverForm(ChangeForm):
    """Something that is owed and given up."""

    amount_minor = MoneyField(label=_("Amount"), currency="CNY")
    component = forms.ChoiceField(
        label=_("Of what"),
        choices=[("penalty", _("Penalty")), ("interest", _("Interest")), ("fee", _("Fee"))],
    )


class RateForm(ChangeForm):
    """Another rate from a day on."""

    annual_rate = PercentField(label=_("New annual rate (%)"))


class DueForm(ChangeForm):
    """Another due day for an instalment and those after it."""

    due = forms.ChoiceField(label=_("Instalment due on"))
    to = DayField(label=_("Falls due on"))
    offers = MappingProxyType({"due": "dues"})


class HolidayForm(ChangeForm):
    """Instalments that are not asked for a while."""

    due = forms.ChoiceField(label=_("First instalment put off"))
    periods = _count(_("Instalments put off"))
    extends = _either(
        _("The loan ends"),
        _("later by as many instalments"),
        _("when agreed, with higher instalments"),
    )
    interest_free = _either(
        _("Interest meanwhile"), _("does not run"), _("runs, and falls due later")
    )
    offers = MappingProxyType({"due": "dues"})

    def __init__(self, data: Mapping[str, Any] | None, *, about: About) -> None:
        super().__init__(data, about=about)
        self.initial["interest_free"] = "no"


class ExtensionForm(ChangeForm):
    """More instalments, for a fee."""

    periods = _count(_("Further instalments"))
    fee_minor = MoneyField(label=_("Extension fee"), currency="CNY", required=False)


def _treated(label: Any, *, first: str) -> forms.ChoiceField:
    words = {
        "capitalise": _("becomes principal"),
        "carry": _("joins the first new instalment"),
        "waive": _("is given up"),
    }
    return forms.ChoiceField(label=label, choices=list(words.items()), initial=first)


class RestructuringForm(ChangeForm):
    """A new schedule for all that is left, and what becomes of what is owed."""

    instalments = _count(_("New instalments"), _INSTALMENTS_MAX)
    annual_rate = PercentField(label=_("New annual rate (%)"))
    method = forms.ChoiceField(
        label=_("Repayment method"),
        choices=[
            (code, word.text)
            for code, word in METHODS.items()
            if code not in {"custom", "revolving_daily"}
        ],
    )
    first_due_date = DayField(label=_("First new due day"), required=False)
    principal_grace = forms.IntegerField(
        label=_("Instalments without principal"), min_value=0, max_value=60, required=False
    )
    principal = forms.ChoiceField(
        label=_("Principal that is overdue"),
        choices=[
            ("spread", _("is spread over the new instalments")),
            ("carry", _("joins the first new instalment, without interest")),
        ],
    )
    principal_waived_minor = MoneyField(
        label=_("Principal given up"), currency="CNY", required=False
    )
    interest = _treated(_("Interest that is owed"), first="capitalise")
    fee = _treated(_("Fees that are owed"), first="carry")
    penalty = _treated(_("Penalty that is owed"), first="carry")
    floats = _either(
        _("The rate afterwards"),
        _("holds until the index is read next"),
        _("is fixed, and the index is read no more"),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, about: About) -> None:
        super().__init__(data, about=about)
        if about.floats is None:
            del self.fields["floats"]
        elif not about.floats:
            self.initial["floats"] = "no"


class PauseCountingForm(ChangeForm):
    """Why days past due stand still, and until when."""

    cause = forms.ChoiceField(
        label=_("Why"),
        choices=[
            ("holiday", _("A payment holiday was granted")),
            ("disaster", _("Relief after a disaster")),
            ("dispute", _("What is owed is in dispute")),
            ("other", _("Another reason")),
        ],
    )
    until = DayField(
        label=_("Until"),
        required=False,
        help_text=_("Left out: until somebody ends the pause."),
    )


class TrancheForm(ChangeForm):
    """A further tranche that reached the borrower."""

    amount_minor = MoneyField(label=_("Amount"), currency="CNY")


class ClaimForm(ChangeForm):
    """Who owns the claim from now on, of which part, and for what price."""

    owner = forms.ChoiceField(label=_("New owner of the claim"))
    price_minor = MoneyField(label=_("Price paid"), currency="CNY")
    number = forms.TypedChoiceField(
        label=_("Of which instalment"), coerce=int, empty_value=None, required=False
    )
    offers = MappingProxyType({"owner": "owners", "number": "instalments"})


class CompensationForm(ClaimForm):
    """What the guarantor paid for; by an agreement that says it, nothing is left to say."""

    offers = MappingProxyType({"owner": "guarantors", "number": "instalments"})

    def __init__(self, data: Mapping[str, Any] | None, *, about: About) -> None:
        super().__init__(data, about=about)
        if about.claims is None:
            return
        number, price = self.fields["number"], self.fields["price_minor"]
        if isinstance(number, forms.ChoiceField):
            number.choices = about.claims
        price.required = False
        price.help_text = _("Left out: exactly what the guarantor pays by the agreement.")


class UndoForm(ChangeForm):
    """Which event never was, and why."""

    of = forms.ChoiceField(label=_("What is undone"))
    cause = forms.ChoiceField(
        label=_("Why"),
        choices=[
            ("correction", _("It was booked by mistake")),
            ("debit_returned", _("The bank took the money back")),
        ],
    )
    offers = MappingProxyType({"of": "events"})


FORMS: Final[Mapping[str, type[ChangeForm]]] = MappingProxyType(
    {
        "prepaid": PrepaidForm,
        "settled_early": SettledForm,
        "refunded": RefundForm,
        "fee_charged": ChargeForm,
        "waived": WaiverForm,
        "rate_changed": RateForm,
        "due_moved": DueForm,
        "deferred": HolidayForm,
        "extended": ExtensionForm,
        "restructured": RestructuringForm,
        "accelerated": ChangeForm,
        "drawn": TrancheForm,
        "compensated": CompensationForm,
        "bought_back": ClaimForm,
        "assigned": ClaimForm,
        "written_off": ChangeForm,
        "counting_paused": PauseCountingForm,
        "counting_resumed": ChangeForm,
        "reversed": UndoForm,
    }
)
"""The form of every kind of change."""
