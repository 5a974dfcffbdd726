"""Forms of an application, one for each short step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.platform.web.people import INDUSTRIES, REGIONS
from loanops.registry.products.queries import ProductVersionCard
from loanops.surfaces.portal.forms.fields import MoneyField, PortalForm
from loanops.surfaces.portal.pages.words import PURPOSES


class LoanForm(PortalForm):
    """How much, for how long and what for, within one product."""

    amount_minor = MoneyField(label=_("Amount"), currency="CNY")
    term_months = forms.TypedChoiceField(label=_("Term"), coerce=int)
    purpose = forms.ChoiceField(label=_("Purpose of the loan"), choices=list(PURPOSES.items()))

    def __init__(self, *args: Any, version: ProductVersionCard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amount, term = self.fields["amount_minor"], self.fields["term_months"]
        if isinstance(amount, MoneyField) and isinstance(term, forms.TypedChoiceField):
            amount.currency = version.currency
            term.choices = [(months, str(months)) for months in version.terms_months]


class PersonForm(PortalForm):
    """Who applies; the mobile is the one that signed in."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    id_number = forms.CharField(
        label=_("Identity number"),
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    region = forms.ChoiceField(label=_("Region"), choices=list(REGIONS.items()))
    address = forms.CharField(
        label=_("Address"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )


class MeansForm(PortalForm):
    """What comes in and goes out, and the history that the decision looks at."""

    industry = forms.ChoiceField(label=_("Industry"), choices=list(INDUSTRIES.items()))
    income_monthly_minor = MoneyField(label=_("Monthly income"), currency="CNY")
    debt_monthly_minor = MoneyField(label=_("Monthly debt payments"), currency="CNY")
    employment_months = forms.IntegerField(label=_("Months in the job"), min_value=0, max_value=720)
    open_loans = forms.IntegerField(label=_("Open loans"), min_value=0, max_value=200)
    overdue_24m = forms.IntegerField(
        label=_("Overdue in 24 months"), min_value=0, max_value=200, initial=0
    )
    inquiries_3m = forms.IntegerField(
        label=_("Credit inquiries in 3 months"), min_value=0, max_value=200, initial=0
    )
    housing_fund_months = forms.IntegerField(
        label=_("Months in the housing fund"), min_value=0, max_value=600, required=False
    )

    FACTS = (
        "debt_monthly_minor",
        "employment_months",
        "open_loans",
        "overdue_24m",
        "inquiries_3m",
        "housing_fund_months",
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = currency
            elif isinstance(field, forms.IntegerField):
                field.widget = forms.TextInput(attrs={"inputmode": "numeric"})
