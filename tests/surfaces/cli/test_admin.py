"""`loanops admin`: the first person comes in, and nobody with a weak or a taken login does."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner, Result

from loanops.kernel.refusals import BadField
from loanops.platform.identity import queries
from loanops.platform.identity.models import Person
from loanops.surfaces.cli.admin import admin

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-harbour-2027"


def add(login: str = "wang.min", password: str = PASSWORD) -> Result:
    words = [login, "--name", "王敏", "--json"]
    return CliRunner().invoke(admin, words, input=f"{password}\n")


def test_adds_somebody_who_may_let_others_in() -> None:
    done = add()

    assert json.loads(done.stdout) == {"login": "wang.min", "role": "administrator"}
    assert Person.objects.get().check_password(PASSWORD)
    actor = queries.actor_of_login("wang.min", on=date(9999, 1, 1))
    assert actor.may("identity.manage")
    assert not actor.may("servicing.repay")


@pytest.mark.parametrize("password", ["", "short", "password1234", "wang"])
def test_refuses_a_password_that_is_guessed(password: str) -> None:
    done = add(password=password)

    assert done.exit_code == 2
    assert Person.objects.count() == 0


def test_refuses_a_login_that_is_taken() -> None:
    add()

    done = add()

    assert isinstance(done.exception, BadField)
    assert Person.objects.count() == 1
