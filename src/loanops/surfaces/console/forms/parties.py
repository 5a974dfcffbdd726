"""Forms of customers."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.forms.fields import ConsoleForm
from loanops.surfaces.console.pages.words.platform import PURPOSES
from loanops.surfaces.console.pages.words.registry import PERSONAL_FIELDS


class UnmaskForm(ConsoleForm):
    """Which field is to be shown, and what for."""

    kind = forms.ChoiceField(
        label=_("Field"), choices=[(code, word.text) for code, word in PERSONAL_FIELDS.items()]
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=[(code, word.text) for code, word in PURPOSES.items()]
    )
