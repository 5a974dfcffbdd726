from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from django.urls import reverse

from tests import installations
from tests.factories import desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHINESE, ENGLISH = "liu.yang", "jane.doe"


@dataclass(frozen=True)
class Site:
    """A console that runs in a process of its own, and the numbers of what it holds."""

    url: str
    numbers: dict[str, str]

    def address(self, name: str, number: str = "") -> str:
        return self.url + reverse(f"console:{name}", args=[number] if number else [])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The console with an operation in it, served by the server that serves it in earnest."""
    with installations.template(tmp_path_factory.mktemp("console")) as made:
        numbers = json.loads(made.run("tests.surfaces.browser.furnish").stdout)
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        server = made.start(
            "granian",
            *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
            *("--no-ws", "--blocking-threads", "2", "--log-level", "error"),
            "loanops.config.wsgi:application",
        )
        try:
            installations.until(lambda: _answers(f"{url}/console/sign-in"), seconds=120)
            yield Site(url, numbers)
        finally:
            # Asked first: killed, it would leave its own worker process behind.
            server.terminate()
            server.wait(timeout=20)
            made.end()


@pytest.fixture(scope="session")
def kept(browser: Browser, site: Site) -> Callable[[str], Any]:
    """Signs somebody in by the form, once; answers with what the browser keeps of it."""
    known: dict[str, Any] = {}

    def sign_in(login: str) -> Any:
        if login not in known:
            context = browser.new_context(locale="zh-CN")
            page = context.new_page()
            page.goto(site.address("sign_in"))
            page.fill("[name=login]", login)
            page.fill("[name=password]", desk.PASSWORD)
            page.click("form.fields button[type=submit]")
            page.wait_for_url(site.address("board"))
            known[login] = context.cookies()
            context.close()
        return known[login]

    return sign_in


@pytest.fixture
def desktop(page: Page, kept: Callable[[str], Any]) -> Page:
    """A desktop page of somebody who reads Chinese and sees everything."""
    page.context.add_cookies(kept(CHINESE))
    return page
