"""A borrower on a telephone, from the first click to the money, against banks and a carrier."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from loanops.adapters.open_carrier import OpenCarrier
from loanops.platform.web.clock import set_story
from tests.factories import sandbox
from tests.factories.people import id_number
from tests.factories.sandbox import Sandbox
from tests.installations import Installation, copy_of, until
from tests.scenarios.operation import free_port, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# In the morning of a working day in Shanghai: no funder's hour of paying out has passed.
BEGINS = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
WEIGHT_MAX = 150_000
SAID = {"zh-CN": ("提交申请", "款项已发放"), "en-US": ("Send my application", "The money was paid")}
MEANS = {
    "employment_months": "48",
    "income_monthly_minor": "18000",
    "debt_monthly_minor": "1200",
    "open_loans": "1",
    "overdue_24m": "0",
    "inquiries_3m": "1",
}


@dataclass
class Portal:
    """A portal that is served, the world outside it, and their one clock."""

    url: str
    made: Installation
    banks: Sandbox
    story: Path
    now: datetime = BEGINS
    read: dict[str, int] = field(default_factory=dict)

    def let_pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        set_story(self.story, self.now)

    def messages(self, mobile: str) -> list[str]:
        """What lies on a telephone, the newest first."""
        address = f"{self.banks.base_url}/sandbox/messages"
        found = httpx.get(address, params={"mobile": f"+86{mobile}"}, timeout=10).json()
        return [each["text"] for each in found["messages"]]

    def code(self, mobile: str) -> str:
        """The code of a message that was not read before."""
        known = self.read.get(mobile, 0)
        found = until(lambda: self.messages(mobile)[: -known or None])
        self.read[mobile] = known + len(found)
        return re.findall(r"\d{6}", found[0])[0]


@pytest.fixture(scope="module")
def portal(migrated: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal as `serve` serves it, with banks and a carrier in a process of their own."""
    home, port = tmp_path_factory.mktemp("portal"), free_port()
    url, story = f"http://127.0.0.1:{port}", home / "clock"
    set_story(story, BEGINS)
    with copy_of(migrated, home) as made:
        made.environment |= {"LOANOPS_CLOCK_FILE": str(story)}
        with sandbox.running(
            home / "outside",
            banks=sandbox.without_chance(),
            callback_url=f"{url}/api/v1/callbacks/{{funder}}",
            return_url=f"{url}/",
            folder=home / "connections",
            clock_file=story,
        ) as banks:
            OpenCarrier(home / "connections" / "carrier").keep(banks.order("GET", "carrier"))
            made.run("tests.surfaces.browser.furnish_portal")
            with serving(made, port):
                yield Portal(url, made, banks, story)


@dataclass
class Hand:
    """Somebody with a telephone, who tells apart what a page says and what it weighs."""

    portal: Portal
    page: Page
    mobile: str
    serial: int
    pages: dict[str, int] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)

    def weigh(self, response: Response) -> None:
        if response.url.startswith(self.portal.url) and response.status == 200:
            kept = self.parts if "/static/" in response.url else self.pages
            kept[response.url] = len(gzip.compress(response.body()))

    @property
    def heaviest(self) -> int:
        """What the heaviest page weighs with all that any page brings along."""
        return max(self.pages.values()) + sum(self.parts.values())

    def press(self, selector: str) -> None:
        """Press what leads to another page, and be there."""
        with self.page.expect_navigation():
            self.page.click(selector)

    def holds(self) -> None:
        """Nothing lies beyond the edge, and nobody is kept from using the page."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{self.page.url} is {width} wide"
        found = Axe().run(self.page).response["violations"]
        serious = [each["id"] for each in found if each["impact"] in {"serious", "critical"}]
        assert serious == [], f"{self.page.url}: {serious}"

    def sign_in(self) -> None:
        self.page.goto(f"{self.portal.url}/portal/apply")
        self.page.fill("#mobile", self.mobile)
        self.press("main button[type=submit]")
        self.page.fill("#code", self.portal.code(self.mobile))
        self.press("main button[type=submit]")

    def consent(self, step: str) -> None:
        while step in self.page.url and self.page.query_selector("button[value=agree]"):
            self.holds()
            self.press("button[value=agree]")

    def apply(self) -> None:
        page = self.page
        self.consent("consents")
        page.check("input[value=cash-instalment]")
        page.fill("#amount", "20000")
        page.wait_for_selector("#quote dd")
        self.holds()
        self.press("form[data-asks] button[type=submit]")
        self.holds()
        page.fill("#id_name", "郑晓梅")
        page.fill("#id_id_number", id_number(self.serial, born=date(1990, 5, 17)))
        page.select_option("#id_region", "31")
        self.press("main button[type=submit]")
        self.holds()
        for name, value in MEANS.items():
            page.fill(f"#id_{name}", value)
        self.press("main button[type=submit]")
        self.consent("sharing")
        self.press("section.card form button[type=submit]")
        self.holds()

    def until_seen(self, selector: str) -> None:
        """Time passes and the page is looked at, until something is there."""
        for _ in range(60):
            if self.page.query_selector(selector):
                return
            self.portal.let_pass(10)
            self.page.wait_for_timeout(500)
            self.page.reload()
        raise AssertionError(f"{selector} did not come: {self.page.inner_text('main')}")


@pytest.fixture(params=["zh-CN", "en-US"])
def hand(request: pytest.FixtureRequest, browser: Browser, portal: Portal) -> Iterator[Hand]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale=request.param, has_touch=True
    )
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda said: (
            troubles.append(said.text)
            if said.type == "error" and "status of 4" not in said.text
            else None
        ),
    )
    serial = 501 if request.param == "zh-CN" else 502
    held = Hand(portal, page, f"13700000{serial}", serial)
    page.on("response", held.weigh)
    yield held
    context.close()
    assert not troubles, troubles


def test_a_borrower_comes_from_the_first_click_to_the_money(
    hand: Hand, portal: Portal, request: pytest.FixtureRequest
) -> None:
    page = hand.page
    send, paid = SAID[request.node.callspec.params["hand"]]
    page.goto(f"{portal.url}/portal/")
    hand.holds()
    hand.sign_in()
    hand.apply()

    with page.expect_navigation():
        page.get_by_role("button", name=send).click()
    hand.until_seen("article.offer")
    with page.expect_navigation():
        page.set_input_files(
            "input[type=file] >> nth=0",
            {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff picture"},
        )
    assert page.locator("a[href*='/portal/documents/']").count() == 1
    hand.holds()
    hand.press("article.offer a.button")
    hand.press("main form button[type=submit]")
    assert page.is_disabled("[data-waits]")
    hand.holds()
    portal.let_pass(60)
    page.reload()
    hand.press("main form[action$=confirm] button")
    page.wait_for_selector("a[rel=noreferrer]")
    hand.holds()
    hand.press("a[rel=noreferrer]")
    page.check("input[name=read]")
    hand.press("button[value=agree]")
    hand.press("a.main")
    hand.until_seen("main a[href*='/portal/loans/']")
    assert paid in page.inner_text("main")
    hand.press("main a[href*='/portal/loans/']")

    hand.holds()
    assert page.locator(".instalment").count() == 12
    page.fill("#pay", "5000")
    page.wait_for_selector("#outlook dd.good")
    assert len(hand.parts) >= 3
    assert hand.heaviest < WEIGHT_MAX


def test_a_code_that_is_too_old_opens_nothing(hand: Hand, portal: Portal) -> None:
    page = hand.page
    portal.let_pass(120)
    page.goto(f"{portal.url}/portal/sign-in")
    page.fill("#mobile", hand.mobile)
    hand.press("main button[type=submit]")
    code = portal.code(hand.mobile)
    portal.let_pass(6 * 60)

    page.fill("#code", code)
    hand.press("main button[type=submit]")

    assert page.query_selector("[role=alert]")
    assert page.query_selector("#code") is None
    page.goto(f"{portal.url}/portal/account")
    assert "/portal/sign-in" in page.url


def test_the_way_in_is_gone_with_the_keyboard_alone(hand: Hand, portal: Portal) -> None:
    page = hand.page
    portal.let_pass(120)
    page.goto(f"{portal.url}/portal/sign-in?next=/portal/account")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(hand.mobile)
    page.keyboard.press("Enter")
    page.wait_for_selector("#code")
    while page.evaluate("document.activeElement.id") != "code":
        page.keyboard.press("Tab")
    page.keyboard.type(portal.code(hand.mobile))
    page.keyboard.press("Enter")

    page.wait_for_selector("#devices")
    hand.holds()
