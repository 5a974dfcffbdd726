"""The sandbox's banks for routing's tests: one process, honest again after each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loanops.origination.routing.ports import GATEWAYS
from tests.factories import sandbox
from tests.factories.sandbox import Sandbox


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home: Path = tmp_path_factory.mktemp("sandbox")
    with sandbox.running(home, banks=sandbox.without_chance()) as banks:
        yield banks


@pytest.fixture
def banks(running_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The banks, plugged in where the house looks for funders."""
    GATEWAYS.plug("open_bank", running_sandbox.gateways())
    yield running_sandbox
    running_sandbox.behave()
