"""What every test stands on: no network but loopback, one line per kind of test left out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from loanops.origination.routing.ports import GATEWAYS
from tests import installations
from tests.factories import sandbox
from tests.factories.sandbox import Sandbox
from tests.installations import Installation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REAL_FILE = ROOT.parent / "shared" / "data" / "lendingclub_2018q1.csv"
ORACLES = ROOT.parent / "shared" / "oracles"


# How long an example takes says what else the machine does, never whether the code is right.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def chromium_path() -> str | None:
    """The installed Chromium, if any; no test downloads a browser."""
    named = os.environ.get("LOANOPS_CHROMIUM")
    return named or next((found for name in CHROMIUMS if (found := shutil.which(name))), None)


def has_chinese_font() -> bool:
    """Whether the system can draw Han characters, which every page shows."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def on_postgres() -> bool:
    """Whether this run is the PostgreSQL half of the matrix."""
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


def _reason_to_skip(item: pytest.Item) -> str | None:
    if item.get_closest_marker("browser"):
        if chromium_path() is None:
            return "browser tests need Chromium: apt-get install -y chromium"
        if not has_chinese_font():
            return "browser tests need a Chinese font: apt-get install -y fonts-noto-cjk"
    if item.get_closest_marker("postgres") and not on_postgres():
        return "PostgreSQL tests need DATABASE_URL=postgres://user@host:5432/name"
    if item.get_closest_marker("realfile") and not REAL_FILE.exists():
        return "tests of the real file need lendingclub_2018q1.csv in ../shared/data"
    return None


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For what a file of tests arranges once: each of them begins there and leaves nothing."""
    # A transaction of the tests' own, within which what must be on disk may say that it is.
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with django_db_blocker.unblock(), block:
        yield
        transaction.set_rollback(True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reasons: dict[str, pytest.MarkDecorator] = {}
    for item in items:
        reason = _reason_to_skip(item)
        if reason:
            item.add_marker(reasons.setdefault(reason, pytest.mark.skip(reason=reason)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One visible line for each kind of test that was left out."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        longrepr = report.longrepr
        reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
        reasons[reason.removeprefix("Skipped: ")] += 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"left out: {count} x {reason}", yellow=True)


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """What a test speaks is not what the next one hears."""
    before = translation.get_language()
    yield
    translation.activate(before)


@pytest.fixture(scope="session")
def real_file() -> Path:
    """The file of 10,000 real loans; tests that read it are marked `realfile`."""
    return REAL_FILE


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the session."""
    from playwright.sync_api import sync_playwright

    # Playwright's own event loop lives in this thread; Django's guard would take it for ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh desktop page; a request that leaves the machine fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="zh-CN")
    opened = context.new_page()
    strangers: list[str] = []
    opened.on("request", lambda request: _note_stranger(request.url, strangers))
    yield opened
    context.close()
    assert not strangers, f"the page asked another host: {strangers}"


def _note_stranger(url: str, strangers: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:", "about:")):
        strangers.append(url)


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox.running(
        tmp_path_factory.mktemp("sandbox"), banks=sandbox.without_chance()
    ) as banks:
        yield banks


@pytest.fixture
def banks(running_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox's banks, plugged in where the house looks for funders; honest again after."""
    GATEWAYS.plug("open_bank", running_sandbox.gateways())
    yield running_sandbox
    running_sandbox.behave()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with tables and nothing in them, from which others are copied."""
    with installations.template(tmp_path_factory.mktemp("template")) as made:
        yield made
