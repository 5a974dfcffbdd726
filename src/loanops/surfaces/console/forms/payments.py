"""Forms of payments: files of banks, debit policies, refunds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.money.payments.queries import DebitPolicy
from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.forms.products import MoneyField
from loanops.surfaces.console.pages.words.collecting import REFUND_REASONS


class _InCurrency(ConsoleForm):
    """A form whose amounts are in the currency of a book."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = currency


class BankFileForm(_InCurrency):
    """A file of a bank, with what the bank says of it."""

    file = forms.FileField(
        label=_("File (CSV or XLSX)"),
        help_text=_("Columns: order, pay_no, amount, on, reason; one row for each order."),
    )
    count = forms.IntegerField(label=_("Rows, as the bank says"), min_value=0, max_value=1_000_000)
    total_minor = MoneyField(label=_("Total, as the bank says"), currency="CNY")


class ReturnFileForm(BankFileForm):
    """A file of payments that a bank took back, and by which channel they had come."""

    channel = forms.ChoiceField(label=_("Payment channel"))
    field_order = ("channel", "file", "count", "total_minor")

    def __init__(self, *args: Any, channels: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("Columns: pay_no, amount, on, reason.")
        field = self.fields["channel"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(channels.items())


class RefundForm(_InCurrency):
    """Unapplied money to be given back."""

    amount_minor = MoneyField(label=_("Amount"), currency="CNY")
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[(code, word.text) for code, word in REFUND_REASONS.items()]
    )


class PaidOutForm(ConsoleForm):
    """Under which number the bank paid a refund out."""

    reference = forms.CharField(label=_("Number of the bank"), max_length=80)


class NotPaidForm(ConsoleForm):
    """Why the bank did not take a refund."""

    problem = forms.CharField(label=_("What the bank says"), max_length=120)


class PolicyForm(_InCurrency):
    """How a channel debits, from a day on."""

    channel = forms.ChoiceField(label=_("Payment channel"), required=False)
    effective_from = DayField(label=_("From"))
    windows = forms.CharField(
        label=_("Times of the windows"),
        max_length=80,
        help_text=_("Local times in order, such as 09:00, 14:00; the close orders the first."),
    )
    retry_dpd = forms.CharField(
        label=_("Days past due on which it is tried again"), max_length=100, required=False
    )
    tries_per_instalment = forms.IntegerField(
        label=_("Most tries of an instalment"), min_value=1, max_value=100, required=False
    )
    tries_per_month = forms.IntegerField(
        label=_("Most tries in a month"), min_value=1, max_value=100, required=False
    )
    part_min_minor = MoneyField(
        label=_("Least part that may be taken"),
        currency="CNY",
        required=False,
        help_text=_("Empty: the whole amount or nothing."),
    )
    rest_in_next_window = forms.BooleanField(
        label=_("Ask for the rest of a part in the next window"), required=False
    )
    stop_if_paid = forms.BooleanField(
        label=_("Do not ask for what was paid before the file goes out"), required=False
    )

    def __init__(self, *args: Any, channels: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["channel"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("every channel without its own")), *channels.items()]

    def clean_windows(self) -> tuple[str, ...]:
        """The times, each by itself."""
        return tuple(self.cleaned_data["windows"].replace(",", " ").replace("，", " ").split())

    def clean_retry_dpd(self) -> tuple[int, ...]:
        """The days, each by itself."""
        texts = self.cleaned_data["retry_dpd"].replace(",", " ").replace("，", " ").split()
        if not all(text.isascii() and text.isdigit() and len(text) < 4 for text in texts):
            raise forms.ValidationError(_("write whole numbers, such as 1, 3, 7"))
        return tuple(int(text) for text in texts)

    @staticmethod
    def policy_of(typed: dict[str, Any]) -> DebitPolicy:
        """The policy that was typed.

        :raises BadField: it is one that no channel could follow.
        """
        return DebitPolicy(**{name: value for name, value in typed.items() if name in _OF_POLICY})


_OF_POLICY = frozenset(DebitPolicy.__dataclass_fields__)
