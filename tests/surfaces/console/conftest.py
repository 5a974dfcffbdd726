from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from loanops.config import startup
from loanops.origination.routing.ports import GATEWAYS
from tests.factories import desk

startup.start()
BACKEND = "django.contrib.auth.backends.ModelBackend"
# What a password costs is the point of a hasher; here it would be the point of the test.
CHEAP = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
Enter = Callable[[str], Client]


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[desk.Operation]:
    """An operation with one of everything and all its staff, made once for a file of tests."""
    # A transaction of the tests' own, within which what must be on disk may say that it is.
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    gateway = GATEWAYS["open_bank"]
    with CHEAP, django_db_blocker.unblock(), block:
        made = desk.open_operation()
        for role in desk.STAFF:
            desk.hire(role)
        desk.hire_for_everything()
        yield made
        transaction.set_rollback(True)
    GATEWAYS.plug("open_bank", gateway)


@pytest.fixture
def operation(opened: desk.Operation, db: None) -> desk.Operation:
    """The operation, as it was, for one test."""
    return opened


@pytest.fixture
def enter(db: None) -> Enter:
    """Answers with the browser of whoever holds a role."""
    people = get_user_model().objects

    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(people.get(login=role.replace("_", "-")), backend=BACKEND)
        return client

    return sign_in
