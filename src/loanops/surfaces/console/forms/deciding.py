"""Forms of deciding: a review, a strategy to publish, an assignment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loanops.kernel.money import format_amount
from loanops.origination.decisioning.operations import Points
from loanops.origination.decisioning.queries import Reason, StrategyCard
from loanops.platform.web.templatetags import in_language
from loanops.surfaces.console.forms.fields import ConsoleForm, DayField
from loanops.surfaces.console.forms.products import MoneyField

DOCUMENT_BYTES_MAX = 1_000_000


class ReviewForm(ConsoleForm):
    """A person's judgement; the amount belongs to an approval alone."""

    offered_minor = MoneyField(label=_("Approved up to"), currency="CNY", required=False)
    reasons = forms.MultipleChoiceField(
        label=_("Reasons"), widget=forms.CheckboxSelectMultiple, required=False
    )
    note = forms.CharField(
        label=_("What was checked and found"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        outcome: str,
        reasons: Iterable[Reason],
        currency: str,
        most_minor: int | None = None,
    ) -> None:
        shown = None if most_minor is None else format_amount(most_minor, currency)
        super().__init__(data, initial={"offered_minor": shown}, auto_id=f"{outcome}-%s")
        amount, given = self.fields["offered_minor"], self.fields["reasons"]
        if isinstance(amount, MoneyField):
            amount.currency = currency
        if isinstance(given, forms.MultipleChoiceField):
            given.choices = [(each.code, in_language(dict(each.sentence))) for each in reasons]
        if outcome != "approve":
            del self.fields["offered_minor"]


class PublishForm(ConsoleForm):
    """A strategy's document."""

    document = forms.FileField(
        label=_("Strategy (JSON)"),
        help_text=_("It is published only if it passes the gate and its own test cases hold."),
    )

    def clean_document(self) -> Mapping[str, Any]:
        """The document, read."""
        file = self.cleaned_data["document"]
        if file.size > DOCUMENT_BYTES_MAX:
            raise forms.ValidationError(_now("The file is larger than 1 MB."))
        try:
            found = json.loads(file.read().decode("utf-8"))
        except (ValueError, RecursionError):
            raise forms.ValidationError(_now("This is no JSON document.")) from None
        if not isinstance(found, dict):
            raise forms.ValidationError(_now("This is no JSON document."))
        return found


class AssignForm(ConsoleForm):
    """Which version judges which product from which day on."""

    strategy = forms.ChoiceField(label=_("Strategy"))
    product = forms.ChoiceField(label=_("Product"), required=False)
    starts_on = DayField(label=_("From"))

    def __init__(
        self,
        *args: Any,
        strategies: Iterable[StrategyCard],
        products: Mapping[str, Mapping[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen, product = self.fields["strategy"], self.fields["product"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [
                (each.number, f"{in_language(dict(each.name))} · v{each.version}")
                for each in strategies
            ]
        if isinstance(product, forms.ChoiceField):
            product.choices = [
                ("", _("every product of the book")),
                *((code, in_language(dict(name))) for code, name in products.items()),
            ]


class PointsForm(ConsoleForm):
    """The points of a scorecard: one whole number for each range, each grade, and the base."""

    def __init__(self, data: Any = None, *, points: Points) -> None:
        super().__init__(data)
        self._points = points
        self._add("base", points.base)
        for place, (name, bins) in enumerate(points.bins.items()):
            for number, value in enumerate(bins):
                self._add(f"bin-{place}-{number}", value)
            if name in points.missing:
                self._add(f"missing-{place}", points.missing[name])
        for number, value in enumerate(points.grades):
            self._add(f"grade-{number}", value)

    def _add(self, name: str, value: int) -> None:
        field = forms.IntegerField(label=_("Points"), initial=value)
        field.widget.attrs.update({"class": "form-control points-input", "step": "1"})
        self.fields[name] = field

    def bins(self, place: int) -> list[forms.BoundField]:
        """The entries of the ranges of one characteristic."""
        return [self[name] for name in self.fields if name.startswith(f"bin-{place}-")]

    def absent(self, place: int) -> forms.BoundField | None:
        """The entry for a missing value of one characteristic, where it may be missing."""
        name = f"missing-{place}"
        return self[name] if name in self.fields else None

    def grades(self) -> list[forms.BoundField]:
        """The entries of the grades."""
        return [self[name] for name in self.fields if name.startswith("grade-")]

    def read_points(self) -> Points:
        """What was typed, as points.

        :raises BadField: an entry is no whole number.
        """
        typed = self.read()
        return Points(
            base=typed["base"],
            bins={
                name: [typed[f"bin-{place}-{number}"] for number in range(len(bins))]
                for place, (name, bins) in enumerate(self._points.bins.items())
            },
            missing={
                name: typed[f"missing-{place}"]
                for place, name in enumerate(self._points.bins)
                if name in self._points.missing
            },
            grades=[typed[f"grade-{number}"] for number in range(len(self._points.grades))],
        )
