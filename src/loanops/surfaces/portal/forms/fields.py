"""What every form of the portal shares: amounts in the book's currency, and problems by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from loanops.kernel.money import parse_amount
from loanops.kernel.refusals import Refusal
from loanops.platform.web.words import words_of


class MoneyField(forms.CharField):
    """An amount as decimal text, read into minor units of a currency."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)
        self.currency = currency
        self.widget.attrs.update({"inputmode": "decimal"})

    def clean(self, value: Any) -> Any:
        """The amount in minor units."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_amount(text.replace(",", ""), self.currency)
        except Refusal as refusal:
            raise forms.ValidationError(words_of(refusal)) from None


class PortalForm(forms.Form):
    """A plain form; a field that is wrong says so to a screen reader, too."""

    def take(self, refusals: Iterable[Refusal], names: Mapping[str, str] | None = None) -> None:
        """Put refusals of a room beside the fields they are about; ``names`` maps their names."""
        for refusal in refusals:
            name = (names or {}).get(refusal.field or "", refusal.field)
            label = str(self.fields[name].label) if name in self.fields else ""
            sentence = words_of(refusal)
            if refusal.field:
                spoken = words_of(refusal).split(": ", 1)
                sentence = spoken[-1] if label and len(spoken) == 2 else sentence
            self.add_error(name if name in self.fields else None, sentence)

    def mark(self) -> None:
        """Tell screen readers which fields are wrong and where the words stand."""
        for name in self.errors:
            if name in self.fields:
                attributes = self.fields[name].widget.attrs
                attributes["aria-invalid"] = "true"
                attributes["aria-describedby"] = f"problem-{name}"
