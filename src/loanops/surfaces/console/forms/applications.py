"""Forms of applications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.platform.web.templatetags import in_language
from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.forms.products import MoneyField, PercentField
from loanops.surfaces.console.pages.words.origination import (
    DOCUMENT_REASONS,
    LOAN_PURPOSES,
    STAGES,
    WITHDRAW_REASONS,
)
from loanops.surfaces.console.pages.words.people import INDUSTRIES, REGIONS
from loanops.surfaces.console.pages.words.word import Words

ALL = ("", _("all"))


def choices_of(words: Words, *, empty: tuple[str, Any] | None = None) -> list[tuple[str, Any]]:
    """The codes of a table as choices, after an empty one where there is one."""
    listed = [(code, word.text) for code, word in words.items()]
    return [empty, *listed] if empty else listed


class FilterForm(ConsoleForm):
    """What narrows a list of applications; what cannot be read does not narrow it."""

    text = forms.CharField(label=_("Number"), max_length=40, required=False)
    stage = forms.ChoiceField(
        label=_("Stage"), choices=choices_of(STAGES, empty=ALL), required=False
    )
    product = forms.ChoiceField(label=_("Product"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    since = DayField(label=_("Submitted from"), required=False)
    until = DayField(label=_("Submitted before"), required=False)
    before = forms.IntegerField(widget=forms.HiddenInput, required=False, max_value=2**62)

    def __init__(
        self, data: Any, *, products: Mapping[str, dict[str, str]], channels: Mapping[str, str]
    ) -> None:
        super().__init__(data)
        named = {code: in_language(name) for code, name in products.items()}
        for field, names in (("product", named), ("channel", channels)):
            choice = self.fields[field]
            if isinstance(choice, forms.ChoiceField):
                choice.choices = [ALL, *names.items()]

    def narrowed(self) -> dict[str, Any]:
        """What can be read of the filters."""
        self.full_clean()
        read = self.cleaned_data
        return {
            "text": read.get("text", ""),
            "product": self.data.get("product", "")[:64],
            "channel": self.data.get("channel", "")[:64],
            "since": read.get("since"),
            "until": read.get("until"),
            "before": read.get("before"),
        }


class WithdrawForm(ConsoleForm):
    """Why an applicant gives up, and the version that was seen."""

    reason = forms.ChoiceField(label=_("Reason"), choices=choices_of(WITHDRAW_REASONS))
    version = forms.IntegerField(widget=forms.HiddenInput)


class DocumentForm(ConsoleForm):
    """A document to be kept."""

    kind = forms.ChoiceField(label=_("Kind of document"))
    file = forms.FileField(label=_("File"))

    def __init__(self, *args: Any, kinds: Mapping[str, Mapping[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(code, in_language(dict(name))) for code, name in kinds.items()]


class JudgeForm(ConsoleForm):
    """What a reviewer says of a document."""

    reason = forms.ChoiceField(label=_("Reason"), choices=choices_of(DOCUMENT_REASONS))


class NewApplicationForm(ConsoleForm):
    """A request typed by staff; money is in the book's currency."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    product = forms.ChoiceField(label=_("Product"))
    amount_minor = MoneyField(label=_("Amount"), currency="CNY")
    term_months = forms.IntegerField(label=_("Term (months)"), min_value=1, max_value=480)
    annual_rate = PercentField(label=_("Annual rate (%), if agreed"), required=False)
    purpose = forms.ChoiceField(label=_("Purpose of the loan"), choices=choices_of(LOAN_PURPOSES))
    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = forms.CharField(label=_("Identity number"), max_length=32)
    mobile = forms.CharField(label=_("Mobile"), max_length=20)
    address = forms.CharField(label=_("Address"), max_length=120, required=False)
    region = forms.ChoiceField(label=_("Region"), choices=choices_of(REGIONS))
    industry = forms.ChoiceField(label=_("Industry"), choices=choices_of(INDUSTRIES))
    income_monthly_minor = MoneyField(label=_("Monthly income"), currency="CNY")
    debt_monthly_minor = MoneyField(
        label=_("Monthly debt payments"), currency="CNY", required=False
    )
    employment_months = forms.IntegerField(
        label=_("Months in the job"), min_value=0, max_value=720, required=False
    )
    open_loans = forms.IntegerField(
        label=_("Open loans"), min_value=0, max_value=200, required=False
    )
    overdue_24m = forms.IntegerField(
        label=_("Overdue in 24 months"), min_value=0, max_value=200, required=False
    )
    inquiries_3m = forms.IntegerField(
        label=_("Credit inquiries in 3 months"), min_value=0, max_value=200, required=False
    )
    housing_fund_months = forms.IntegerField(
        label=_("Months in the housing fund"), min_value=0, max_value=600, required=False
    )
    mobile_months = forms.IntegerField(
        label=_("Months with the mobile"), min_value=0, max_value=600, required=False
    )
    card_use_pct = forms.IntegerField(
        label=_("Card limit used (%)"), min_value=0, max_value=500, required=False
    )

    LOAN = ("product", "amount_minor", "term_months", "annual_rate", "purpose")
    PERSON = ("name", "id_number", "mobile", "address", "region", "industry")
    MEANS = ("income_monthly_minor", "debt_monthly_minor", "employment_months", "open_loans")
    HISTORY = (
        "overdue_24m",
        "inquiries_3m",
        "housing_fund_months",
        "mobile_months",
        "card_use_pct",
    )
    FACTS = ("debt_monthly_minor", "employment_months", "open_loans", *HISTORY)

    def __init__(
        self,
        *args: Any,
        products: Mapping[str, dict[str, str]],
        currency: str,
        without_identity: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(code, in_language(name)) for code, name in products.items()]
        for each in self.fields.values():
            if isinstance(each, MoneyField):
                each.currency = currency
        if without_identity:
            for name in (*self.PERSON, "income_monthly_minor"):
                self.fields[name].required = False

    def part(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        """Some of the fields, for one section of the page."""
        return [self[name] for name in names]
