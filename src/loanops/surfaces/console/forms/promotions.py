"""Forms of promotions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.kernel.refusals import BadField
from loanops.platform.web.templatetags import in_language
from loanops.registry.products.queries import PromotionEffect, Rule
from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.forms.products import MoneyField, PercentField
from loanops.surfaces.console.pages.words.registry import PROMOTION_EFFECTS, PROMOTION_PARTIES

Names = Mapping[str, dict[str, str]]


class PromotionForm(ConsoleForm):
    """A new promotion: its code, what it lowers, for which loans, until when."""

    code = forms.CharField(
        label=_("Code"), max_length=24, help_text=_("3 to 24 letters and digits")
    )
    effect = forms.ChoiceField(
        label=_("What it lowers"),
        choices=[(code, word.text) for code, word in PROMOTION_EFFECTS.items()],
    )
    percent = PercentField(
        label=_("By per cent, or by points of the rate"),
        required=False,
        help_text=_("50 halves a fee; 2 takes two points off the annual rate"),
    )
    less_minor = MoneyField(
        label=_("By an amount"),
        currency="CNY",
        required=False,
        help_text=_("for fees that are fixed amounts"),
    )
    charging_party = forms.ChoiceField(
        label=_("Whose fees"),
        required=False,
        choices=[
            ("", "—"),
            *((code, word.text) for code, word in PROMOTION_PARTIES.items()),
        ],
        help_text=_("who charges the fee bears what it loses"),
    )
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60)
    amount_min_minor = MoneyField(label=_("For loans of at least"), currency="CNY", required=False)
    uses_max = forms.IntegerField(
        label=_("At most so many uses"), required=False, min_value=1, max_value=10_000_000
    )
    effective_from = DayField(label=_("From"))
    effective_to = DayField(label=_("Until (exclusive)"), required=False)
    products = forms.MultipleChoiceField(
        label=_("Products (none: all)"), required=False, widget=forms.CheckboxSelectMultiple
    )
    funders = forms.MultipleChoiceField(
        label=_("Funders (none: all)"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("points of the rate are given up by the funders named here"),
    )

    def __init__(self, *args: Any, currency: str, products: Names, funders: Names) -> None:
        super().__init__(*args)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = currency
        for name, names in (("products", products), ("funders", funders)):
            field = self.fields[name]
            if isinstance(field, forms.MultipleChoiceField):
                field.choices = [(code, in_language(each)) for code, each in names.items()]

    def rule(self) -> Rule:
        """What the promotion does.

        :raises BadField: names the entry that is missing or cannot be used.
        """
        typed = self.read()
        effect = PromotionEffect(typed["effect"])
        by = "less_minor" if effect is PromotionEffect.FEE_AMOUNT else "percent"
        if typed[by] is None:
            raise BadField(field=str(self.fields[by].label), problem="must be given")
        return Rule(
            effect=effect,
            value=Decimal(typed[by]),
            charging_party=typed["charging_party"],
            products=tuple(typed["products"]),
            funders=tuple(typed["funders"]),
            amount_min_minor=typed["amount_min_minor"] or 0,
        )


class EndingForm(ConsoleForm):
    """From which day on a promotion is over, and why."""

    effective_to = DayField(label=_("Over from"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


class CodeForm(ConsoleForm):
    """The code that a borrower brings."""

    code = forms.CharField(
        label=_("Code of the promotion"),
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
