"""What every form shares: how it looks, and how a bad entry becomes one clear sentence."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from loanops.kernel.refusals import BadField


class ConsoleForm(forms.Form):
    """A plain form whose widgets carry the classes of the console."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Select):
                kind = "form-select"
            elif isinstance(field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
                kind = "form-check-input"
            else:
                kind = "form-control"
            field.widget.attrs.setdefault("class", kind)

    def read(self) -> dict[str, Any]:
        """What was typed, as values.

        :raises BadField: names the first entry that cannot be used, and why.
        """
        if self.is_valid():
            return self.cleaned_data
        name, problems = next(iter(self.errors.items()))
        label = str(self.fields[name].label or name) if name in self.fields else name
        raise BadField(field=label, problem=str(problems[0]))


class DayField(forms.DateField):
    """A day, picked in the browser's calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def read_day(text: str) -> date | None:
    """A day of a filter; what is no day does not filter."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
