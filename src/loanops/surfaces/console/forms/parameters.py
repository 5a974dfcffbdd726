"""Forms of the parameters."""

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.forms.fields import ConsoleForm, DayField


class ParameterForm(ConsoleForm):
    """A new value from a day on."""

    value = forms.IntegerField(label=_("New value"))
    effective_from = DayField(label=_("From"))
