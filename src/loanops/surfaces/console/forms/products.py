"""Forms of products."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.kernel.money import format_amount, parse_amount
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import FirstRead
from loanops.platform.web.words import words_of
from loanops.registry.products.queries import ProductVersionCard
from loanops.surfaces.console.forms.fields import ConsoleForm

LENDERS = [
    ("bank", _("Bank")),
    ("consumer_finance", _("Consumer finance company")),
    ("trust", _("Trust company")),
    ("small_loan", _("Small-loan company")),
]


class MoneyField(forms.CharField):
    """An amount as decimal text, read into minor units of a currency."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)
        self.currency = currency
        self.widget.attrs.update({"inputmode": "decimal", "class": "form-control num"})

    def clean(self, value: Any) -> Any:
        """The amount in minor units."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text.replace(",", ""), self.currency)
        except Refusal as refusal:
            raise forms.ValidationError(words_of(refusal)) from None


class PercentField(forms.DecimalField):
    """A rate typed as per cent, read as a fraction."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=1000, decimal_places=6, max_digits=10, **kwargs)
        self.widget.attrs.update({"step": "any", "class": "form-control num"})

    def clean(self, value: Any) -> Any:
        """The rate as a fraction."""
        typed = super().clean(value)
        return None if typed is None else Decimal(typed) / 100


class TrialForm(ConsoleForm):
    """A trial calculation: amount, term, rate, and who lends."""

    amount_minor = MoneyField(label=_("Amount"), currency="CNY")
    instalments = forms.TypedChoiceField(label=_("Instalments"), coerce=int)
    annual_rate = PercentField(label=_("Annual rate (%)"))
    lender_kind = forms.ChoiceField(label=_("Lender"), choices=LENDERS)

    def __init__(
        self, data: Any, *, card: ProductVersionCard, first: FirstRead | None = None
    ) -> None:
        self.card = card
        self.first = first
        start = self.defaults()
        shown = {
            **start,
            "amount_minor": format_amount(start["amount_minor"], card.currency),
            "annual_rate": start["annual_rate"] and f"{(start['annual_rate'] * 100).normalize():f}",
        }
        super().__init__(data, initial=shown, auto_id="trial-%s")
        amount = self.fields["amount_minor"]
        if isinstance(amount, MoneyField):
            amount.currency = card.currency
        terms = self.fields["instalments"]
        if isinstance(terms, forms.TypedChoiceField):
            terms.choices = [(months, str(months)) for months in card.terms_months]

    def defaults(self) -> dict[str, Any]:
        """A typical loan of the product: the middle amount, a year, its own rate."""
        card = self.card
        middle = (card.amount_min_minor + card.amount_max_minor) // 2
        round_minor = 100_000
        amount = max(card.amount_min_minor, middle // round_minor * round_minor)
        months = 12 if 12 in card.terms_months else card.terms_months[-1]
        return {
            "amount_minor": amount,
            "instalments": months,
            "annual_rate": self.first.rate_annual if self.first else card.rate_annual,
            "lender_kind": "bank",
        }
