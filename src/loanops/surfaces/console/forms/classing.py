"""Forms of classes: a judgement, a pause, and how each ends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.pages.words.loanbook import TIERS


class JudgeForm(ConsoleForm):
    """A lower class than days past due mean, with a reason, up to a day or for good."""

    tier = forms.ChoiceField(label=_("Class"))
    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, above: str = "normal", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lower = list(TIERS)[list(TIERS).index(above) + 1 :]
        tier = self.fields["tier"]
        if isinstance(tier, forms.ChoiceField):
            tier.choices = [(code, TIERS[code].text) for code in lower]


class PauseForm(ConsoleForm):
    """A pause of ageing, with a reason such as disaster relief."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = DayField(label=_("Until"), required=False)


class EndForm(ConsoleForm):
    """Why a judgement or a pause ends."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
