"""Forms of partners."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.pages.words.registry import PARTNER_KINDS, PARTNER_ROLES


class ReasonForm(ConsoleForm):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class ListingForm(ConsoleForm):
    """A place on the list for a role."""

    role = forms.ChoiceField(
        label=_("Role"), choices=[(code, word.text) for code, word in PARTNER_ROLES.items()]
    )
    source_url = forms.CharField(label=_("Where the list was read"), max_length=300)
    valid_from = DayField(label=_("From"))
    valid_to = DayField(label=_("Until (exclusive)"))


class PartnerForm(ConsoleForm):
    """A new partner."""

    code = forms.CharField(label=_("Code"), max_length=40)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(code, word.text) for code, word in PARTNER_KINDS.items()]
    )
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60)
    legal_name = forms.CharField(label=_("Legal name"), max_length=120)
    licence_number = forms.CharField(label=_("Licence number"), max_length=60, required=False)
    licence_expires_on = DayField(label=_("Licence ends on"), required=False)
    contact = forms.CharField(label=_("Contact"), max_length=200, required=False)
