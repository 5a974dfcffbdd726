from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from loanops.config import startup
from loanops.origination.routing.ports import GATEWAYS
from tests.factories import desk

startup.start()
BACKEND = "django.contrib.auth.backends.ModelBackend"
# What a password costs is the point of a hasher; here it would be the point of the test.
CHEAP = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
Enter = Callable[[str], Client]


@pytest.fixture(scope="module")
def opened(once: None) -> Iterator[desk.Operation]:
    """An operation with one of everything and all its staff, made once for a file of tests."""
    gateway = GATEWAYS["open_bank"]
    with CHEAP:
        made = desk.open_operation()
        for role in desk.STAFF:
            desk.hire(role)
        desk.hire_for_everything()
        yield made
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
