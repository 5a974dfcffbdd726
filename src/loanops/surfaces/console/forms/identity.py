"""Forms of identity."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loanops.platform.books.queries import BookCard
from loanops.platform.identity.roles import roles
from loanops.platform.web.templatetags import in_language
from loanops.surfaces.console.forms.fields import ConsoleForm, DayField

PROGRAM_ROLES = ("channel", "payment_company", "funder")


def _role_choices(*, programs: bool) -> list[tuple[str, str]]:
    return [
        (role.code, in_language(role.name))
        for role in roles().values()
        if role.is_given and (role.code in PROGRAM_ROLES) is programs
    ]


def _book_choices(books: list[BookCard]) -> list[tuple[str, str]]:
    return [(book.code, in_language(book.name)) for book in books]


class SignInForm(ConsoleForm):
    """Login and password."""

    login = forms.CharField(
        label=_("Login"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PersonForm(ConsoleForm):
    """Somebody new."""

    login = forms.CharField(label=_("Login"), max_length=60)
    name = forms.CharField(label=_("Name"), max_length=60)
    password = forms.CharField(
        label=_("First password"),
        min_length=12,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("zh-hans", "中文"), ("en", "English")]
    )


class RoleForm(ConsoleForm):
    """A role for a person, from a day on; no book chosen means every book."""

    role = forms.ChoiceField(label=_("Role"))
    books = forms.MultipleChoiceField(
        label=_("Books (none: all)"), required=False, widget=forms.CheckboxSelectMultiple
    )
    valid_from = DayField(label=_("From"))

    def __init__(self, *args: Any, books: list[BookCard], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = _role_choices(programs=False)  # type: ignore[attr-defined]
        self.fields["books"].choices = _book_choices(books)  # type: ignore[attr-defined]


class KeyForm(ConsoleForm):
    """A key for a program."""

    name = forms.CharField(label=_("What uses it"), max_length=80)
    partner = forms.CharField(label=_("Partner code"), max_length=32, required=False)
    role = forms.ChoiceField(label=_("Role"))
    books = forms.MultipleChoiceField(
        label=_("Books (none: all)"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, books: list[BookCard], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = _role_choices(programs=True)  # type: ignore[attr-defined]
        self.fields["books"].choices = _book_choices(books)  # type: ignore[attr-defined]
