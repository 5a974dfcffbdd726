from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from loanops.config import startup
from loanops.origination.routing.ports import GATEWAYS
from loanops.platform.web import clock
from tests.factories import desk
from tests.factories.carriers import Pocket, carry_due, pocket

startup.start()


@dataclass
class Phone:
    """A borrower's telephone: a browser on the portal, and the messages that arrive."""

    carrier: Pocket
    client: Client = field(default_factory=Client)

    def see(self, name: str, /, *args: str, **asked: Any) -> Any:
        return self.client.get(reverse(f"portal:{name}", args=args), asked)

    def press(self, name: str, /, *args: str, **typed: Any) -> Any:
        return self.client.post(reverse(f"portal:{name}", args=args), typed)

    def ask_for_code(self, mobile: str) -> Any:
        answer = self.press("sign_in", mobile=mobile)
        carry_due(clock.now())
        return answer

    def sign_in(self, mobile: str) -> None:
        """Ask for a code and enter it."""
        assert self.ask_for_code(mobile).status_code == 302
        assert self.press("code", code=self.carrier.code).status_code == 302

    def prove(self, id_number: str) -> Any:
        """Say who one is."""
        return self.press("identity", id_number=id_number)


NewPhone = Callable[[], Phone]


@pytest.fixture(scope="module")
def opened(once: None) -> Iterator[desk.Operation]:
    """An operation with one of everything, made once for a file of tests."""
    gateway = GATEWAYS["open_bank"]
    yield desk.open_operation()
    GATEWAYS.plug("open_bank", gateway)


@pytest.fixture
def operation(opened: desk.Operation, db: None) -> desk.Operation:
    """The operation, as it was, for one test."""
    desk.plug_banks()
    return opened


@pytest.fixture
def new_phone(db: None) -> Iterator[NewPhone]:
    """Telephones, each with a browser of its own."""
    with pocket() as carrier:
        yield lambda: Phone(carrier)


@pytest.fixture
def phone(new_phone: NewPhone) -> Phone:
    return new_phone()
