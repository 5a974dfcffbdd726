"""Forms of the work list, of teams and of service levels."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.registry.team.operations import Level
from loanops.registry.team.queries import ItemFilter, View
from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.forms.products import MoneyField
from loanops.surfaces.console.pages.words.team import COLUMNS, KINDS, STANDINGS, VIEWS

Choices = Sequence[tuple[str, Any]]
_ALL = ("", _("all"))
NARROWING = ("view", "kind", "holder", "text", "standing", "since")


def _choices(words: Any, *more: tuple[str, Any]) -> list[tuple[str, Any]]:
    return [*more, *((code, word.text) for code, word in words.items())]


class WorkForm(ConsoleForm):
    """What narrows the work list; what cannot be read does not narrow it."""

    view = forms.ChoiceField(choices=_choices(VIEWS), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=_choices(KINDS, _ALL), required=False)
    standing = forms.ChoiceField(
        label=_("Standing"), choices=_choices(STANDINGS, _ALL), required=False
    )
    holder = forms.CharField(label=_("With"), max_length=80, required=False)
    text = forms.CharField(label=_("Number"), max_length=40, required=False)
    since = DayField(label=_("Done since"), required=False)
    before = forms.CharField(max_length=80, required=False)

    def where(self, book: str, *, otherwise: View) -> ItemFilter:
        """The list that is asked for, ``otherwise`` where no view is named."""
        self.full_clean()
        read = self.cleaned_data
        return ItemFilter(
            book=book,
            view=View(read.get("view") or otherwise),
            kind=read.get("kind", ""),
            holder=read.get("holder", ""),
            text=read.get("text", ""),
            standing=read.get("standing", ""),
            since=read.get("since"),
            after=read.get("before", ""),
        )


class AssignForm(ConsoleForm):
    """To whom items go; nobody named means whoever has the fewest."""

    to = forms.ChoiceField(label=_("To"), required=False)

    def __init__(self, *args: Any, people: Choices) -> None:
        super().__init__(*args)
        field = self.fields["to"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("whoever of the team has the fewest")), *people]


class HandOverForm(AssignForm):
    """Whose items go to whom, and why."""

    holder = forms.ChoiceField(label=_("All items of"))
    reason = forms.CharField(label=_("Reason"), max_length=300)
    field_order = ("holder", "to", "reason")

    def __init__(self, *args: Any, holders: Choices, people: Choices) -> None:
        super().__init__(*args, people=people)
        field = self.fields["holder"]
        if isinstance(field, forms.ChoiceField):
            field.choices = holders


class SaveFilterForm(ConsoleForm):
    """A name for what the list is narrowed by."""

    name = forms.CharField(label=_("Name"), max_length=40)
    shared = forms.BooleanField(label=_("for everybody"), required=False)


class DeskForm(ConsoleForm):
    """Which columns are shown, and how close rows stand."""

    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        required=False,
        choices=_choices(COLUMNS),
        widget=forms.CheckboxSelectMultiple,
    )
    dense = forms.BooleanField(label=_("Rows close together"), required=False)


class TeamForm(ConsoleForm):
    """A team: its name, who is in it, which work it takes."""

    code = forms.CharField(
        label=_("Code"), max_length=24, help_text=_("2 to 24 letters and digits")
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    members = forms.MultipleChoiceField(
        label=_("Members"), required=False, widget=forms.CheckboxSelectMultiple
    )
    kinds = forms.MultipleChoiceField(
        label=_("Work it takes"),
        required=False,
        choices=_choices(KINDS),
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["members"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = people


class DissolveForm(ConsoleForm):
    """Why a team ends, and the version that was seen."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
    version = forms.IntegerField(widget=forms.HiddenInput)


class LevelForm(ConsoleForm):
    """How soon work of a kind is to be done, from a day on."""

    kind = forms.ChoiceField(label=_("Kind of work"), choices=_choices(KINDS))
    effective_from = DayField(label=_("From"))
    target_hours = forms.DecimalField(
        label=_("Within (working hours)"),
        min_value=Decimal("0.1"),
        max_value=1080,
        decimal_places=1,
    )
    risk_percent = forms.IntegerField(
        label=_("At risk after (% of the time)"), min_value=1, max_value=99, initial=75
    )
    large_from_minor = MoneyField(
        label=_("Large from"),
        currency="CNY",
        required=False,
        help_text=_("large amounts come first by the head start"),
    )
    head_start_hours = forms.DecimalField(
        label=_("Head start (hours)"), min_value=0, max_value=1080, decimal_places=1, required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amount = self.fields["large_from_minor"]
        if isinstance(amount, MoneyField):
            amount.currency = currency

    def level(self) -> tuple[dict[str, Any], Level]:
        """What was typed, and the level that it makes.

        :raises BadField: names the first entry that cannot be used, and why.
        """
        typed = self.read()
        return typed, Level(
            target_minutes=int(typed["target_hours"] * 60),
            risk_percent=typed["risk_percent"],
            large_from_minor=typed["large_from_minor"],
            head_start_minutes=int((typed["head_start_hours"] or 0) * 60),
        )
