"""The texts that `loanops new` writes: a room, an operation, a page, each with a failing test."""

from __future__ import annotations

from typing import Final

ROOM: Final = {
    "__init__.py": '''"""{Title}: {what}.

Owns: {Title}.  Answers: queries.  Obeys: operations.  Announces: events.
Never: name here what this room leaves to others.
Read first: domain/lifecycle.py.
"""
''',
    "domain/__init__.py": '"""Rules of {name}: pure."""\n',
    "domain/lifecycle.py": '''"""What may follow what."""

from enum import StrEnum

from loanops.kernel.lifecycle import Lifecycle


class Stage(StrEnum):
    """Where a {name} stands."""

    OPEN = "open"
    CLOSED = "closed"


class Move(StrEnum):
    """What can be done to it."""

    CLOSE = "close"


LIFECYCLE = Lifecycle({{(Stage.OPEN, Move.CLOSE): Stage.CLOSED}}, start=Stage.OPEN)
''',
    "models.py": '''"""Tables of {name}."""

from django.db import models


class {Title}(models.Model):
    """One row; the database holds what must be true even if Python is wrong."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stage__in=["open", "closed"]), name="{name}_stage_is_known"
            )
        ]
''',
    "permissions.py": '"""Grants of {name}."""\n\nCLOSE = "{name}.close"\n',
    "events.py": '''"""What {name} announces and records."""

from typing import ClassVar

from loanops.platform.audit import Sentence
from loanops.platform.outbox import Event

SENTENCES = {{"{name}.closed": Sentence("{Title} {{subject}} was closed")}}


class {Title}Closed(Event):
    """A {name} came to its end."""

    NAME: ClassVar[str] = "{name}.closed"
''',
    "migrations/__init__.py": "",
}

ROOM_TEST: Final = '''"""The room {name}, from its doors."""

import pytest


class TestClose:
    def test_says_what_the_room_is_for(self) -> None:
        pytest.fail("write the first test of {floor}/{name}, then its operations and queries")
'''

OPERATION: Final = '''"""{Title} in {room}."""

from __future__ import annotations

from datetime import datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.platform.books.queries import business_date
from loanops.platform.work import unit_of_work
from loanops.{dotted} import permissions
from loanops.{dotted}.models import {Model}


def {name}(*, number: str, actor: Actor, at: datetime) -> None:
    """{Title} a {Model}.

    :raises NotPermitted: the actor may not.
    :raises NotFound: there is no such number.
    """
    require(actor, permissions.{NAME})
    row = {Model}.objects.filter(number=number).first()
    if row is None:
        raise NotFound(kind="{room}", number=number)
    on = business_date(row.book_id)
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=on) as work:
        {Model}.objects.filter(pk=row.pk, version=row.version).update(version=row.version + 1)

        work.record("{room}.{name}", subject=number)
'''

OPERATION_TEST: Final = '''"""`{name}` of the room {room}."""

import pytest


class Test{Title}:
    def test_changes_records_and_announces_together(self) -> None:
        pytest.fail("arrange a {Model}, act with operations.{name}, assert the three")

    def test_leaves_no_trace_when_refused(self) -> None:
        pytest.fail("wrong actor, wrong state, wrong input: each a test of its own")
'''

PAGE: Final = '''"""The page {name} of {room}."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def {name}(request: HttpRequest) -> HttpResponse:
    """Show {name}."""
    return render(request, "{window}/{room}/{name}.html", {{}})
'''

PAGE_TEMPLATE: Final = """{{% extends "{window}/base.html" %}}
{{% load i18n %}}
{{% block title %}}{{% translate "{Title}" %}}{{% endblock %}}
{{% block content %}}
  <h1>{{% translate "{Title}" %}}</h1>
{{% endblock %}}
"""

PAGE_TEST: Final = '''"""The page {name} of {room} in the {window}."""

import pytest


class Test{Title}Page:
    def test_shows_what_its_reader_came_for(self) -> None:
        pytest.fail("add {name} to urls.py, sign somebody in, and say what the page shows")
'''
