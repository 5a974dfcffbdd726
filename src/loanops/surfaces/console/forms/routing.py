"""Forms of routing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.forms.fields import ConsoleForm


class OwnerForm(ConsoleForm):
    """Who looks after an exception from now on."""

    owner = forms.ChoiceField(label=_("Looked after by"))

    def __init__(self, *args: Any, owners: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        if isinstance(field, forms.ChoiceField):
            field.choices = owners


class NoteForm(ConsoleForm):
    """What was found and done."""

    note = forms.CharField(
        label=_("What was found and done"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
