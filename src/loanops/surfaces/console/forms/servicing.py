"""Forms of loans."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.forms.products import MoneyField


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


class CloseForm(ConsoleForm):
    """Up to which day a book is closed; the business date ends there."""

    until = DayField(label=_("Business date after the close"))
