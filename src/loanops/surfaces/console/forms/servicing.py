"""Forms of loans."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.kernel.aging import WRITTEN_OFF_BUCKET, bucket_name
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.queries import Reading
from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.forms.products import MoneyField
from loanops.surfaces.console.pages.words.loanbook import LOAN_STATES, TIERS

BUCKETS = tuple(bucket_name(number) for number in range(WRITTEN_OFF_BUCKET + 1))
"""The buckets as the field writes them, with that of loans written off."""

AT_RISK = tuple(str(days) for days in queries.AT_RISK)
"""The days past due beyond which the portfolio at risk is told."""


class RepayForm(ConsoleForm):
    """Money that came in for a loan."""

    amount_minor = MoneyField(label=_("Amount"), currency="CNY")
    channel = forms.CharField(label=_("Payment channel"), max_length=60)
    pay_no = forms.CharField(label=_("Payment number of the channel"), max_length=64)
    on = DayField(label=_("Counts for"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["amount_minor"]
        if isinstance(field, MoneyField):
            field.currency = currency


def _one_of(label: Any, codes: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[(code, code) for code in codes])


class LoansForm(ConsoleForm):
    """What a list of loans is narrowed by, as it stands in the address."""

    on = DayField(label=_("At the end of"), required=False)
    reading = _one_of(_("Reading"), [reading.value for reading in Reading])
    number = forms.CharField(label=_("Number"), max_length=32, required=False)
    state = _one_of(_("State"), LOAN_STATES)
    bucket = _one_of(_("Bucket"), BUCKETS)
    at_risk = _one_of(_("At risk"), AT_RISK)
    tier = _one_of(_("Class"), TIERS)
    funder = forms.CharField(label=_("Funder"), max_length=40, required=False)
    product = forms.CharField(label=_("Product"), max_length=40, required=False)
    origin_channel = forms.CharField(label=_("Channel"), max_length=64, required=False)
    before = forms.CharField(label=_("Next page"), max_length=64, required=False)
    form = _one_of(_("File"), ("csv", "xlsx"))

    def clean_number(self) -> str:
        """The beginning of a number, in the letters in which numbers are written."""
        return str(self.cleaned_data["number"]).upper()


class CloseForm(ConsoleForm):
    """Up to which day a book is closed; the business date ends there."""

    until = DayField(label=_("Business date after the close"))
