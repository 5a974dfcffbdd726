"""Forms of compliance."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.forms.products import PercentField
from loanops.surfaces.console.pages.words import TABLES


class DecisionForm(ConsoleForm):
    """A decision of compliance for a partner and a period."""

    topic = forms.CharField(label=_("Topic"), max_length=60)
    partner = forms.CharField(label=_("Partner code (empty: all)"), max_length=40, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)
    document = forms.CharField(label=_("Document it stands in"), max_length=200)
    valid_from = DayField(label=_("From"))
    valid_to = DayField(label=_("Until (exclusive)"))


class RateEffectForm(ConsoleForm):
    """A figure of a published rate from a day on, asked about."""

    key = forms.ChoiceField(
        label=_("Reference rate"),
        choices=[(code, word.text) for code, word in TABLES["reference_rate"].items()],
    )
    rate_annual = PercentField(label=_("Rate (%)"))
    effective_from = DayField(label=_("Figure that holds from"))


class RereadForm(ConsoleForm):
    """Which index is read again, from which day on, and why."""

    key = forms.ChoiceField(
        label=_("Reference rate"),
        choices=[(code, word.text) for code, word in TABLES["reference_rate"].items()],
    )
    since = DayField(label=_("Figure that holds from"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ReferenceRateForm(RateEffectForm):
    """What a published rate is from a day on, and where that stands."""

    document = forms.CharField(label=_("Publication it stands in"), max_length=200)
