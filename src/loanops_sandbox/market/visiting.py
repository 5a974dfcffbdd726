"""Borrowers who come by the portal: a browser of their own, the code on their telephone, the forms.

They press what stands on the pages, as far as a page leads on; where it does not, they give up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from loanops_sandbox.market.calling import FORM, TIMEOUT_SECONDS
from loanops_sandbox.market.people import Borrower

PAGES_MOST, HOPS_MOST = 40, 5
_CODE = re.compile(r"\d{6}")
_APPLICATION = re.compile(r"/portal/applications/([A-Z]{2}-[0-9A-Z]+)$")


class TurnedAway(Exception):
    """A page did not lead on; says which."""


class _Forms(HTMLParser):
    """The hidden fields of the first form that posts to its own page."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.asks = False
        self._inside = False
        self._done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("method") == "post" and not given.get("action")
        elif self._inside and not self._done and tag == "input" and given.get("type") == "hidden":
            self.hidden[given.get("name", "")] = given.get("value", "")
        elif self._inside and tag == "button" and given.get("value") == "agree":
            self.asks = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._done = self._done or (self._inside and bool(self.hidden))
            self._inside = False


@dataclass
class Browser:
    """A browser with its cookies; redirects are followed by who holds it."""

    base_url: str
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes = b"") -> tuple[int, str, str]:
        """Status, text and where to go on."""
        parts = urlsplit(self.base_url)
        http = HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Language": "zh-CN",
            "User-Agent": "Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile simulated",
            **({"Content-Type": FORM} if body else {}),
        }
        try:
            http.request(method, path, body=body or None, headers=headers)
            answer = http.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.read().decode(), answer.headers.get("Location") or ""
        finally:
            http.close()

    def open(self, path: str) -> tuple[str, _Forms]:
        """Open a page, following where it leads; its last address and its form."""
        for _ in range(HOPS_MOST):
            status, text, to = self.send("GET", path)
            if to:
                path = to
                continue
            if status != 200:
                break
            forms = _Forms()
            forms.feed(text)
            return path, forms
        raise TurnedAway(path)

    def press(self, path: str, typed: Mapping[str, str]) -> str:
        """Fill in the form of a page and send it; where it leads.

        :raises TurnedAway: it leads nowhere
        """
        _, forms = self.open(path)
        body = urlencode({**forms.hidden, **typed}).encode()
        status, _, to = self.send("POST", path, body)
        if status != 302:
            raise TurnedAway(path)
        return to


class Visitors:
    """Those who stand at the portal's door with a code on its way to them."""

    def __init__(self, platform: str, outside: str) -> None:
        self._platform = platform
        self._outside = outside
        self._waiting: list[tuple[Borrower, Browser]] = []

    def knock(self, who: Borrower) -> None:
        """Come by the channel's link and ask for a code."""
        browser = Browser(self._platform)
        browser.open(f"/portal/c/{who.channel}")
        browser.press("/portal/sign-in", {"mobile": who.mobile})
        self._waiting.append((who, browser))

    def enter(self) -> tuple[list[tuple[Borrower, str]], int]:
        """Everybody who waits signs in and applies; their applications, and how many gave up."""
        came: list[tuple[Borrower, str]] = []
        gave_up = 0
        for who, browser in self._waiting:
            try:
                came.append((who, self._apply(who, browser)))
            except TurnedAway:
                gave_up += 1
        self._waiting.clear()
        return came, gave_up

    def _apply(self, who: Borrower, browser: Browser) -> str:
        browser.press("/portal/code", {"code": self._code(who)})
        self._agree(browser, "consents")
        browser.press(f"/portal/apply/loan?product={quote(who.product)}", _loan(who))
        browser.press("/portal/apply/person", _person(who))
        browser.press("/portal/apply/means", _means(who))
        self._agree(browser, "sharing")
        browser.press("/portal/apply/sharing", {})
        found = _APPLICATION.search(browser.press("/portal/apply/check", {}))
        if found is None:
            raise TurnedAway("/portal/apply/check")
        return found[1]

    def _agree(self, browser: Browser, step: str) -> None:
        """Agree to one consent after the other, until the page asks for none."""
        path = f"/portal/apply/{step}"
        for _ in range(PAGES_MOST):
            where, forms = browser.open(path)
            if where != path or not forms.asks:
                return
            browser.press(path, {"decision": "agree"})
        raise TurnedAway(path)

    def _code(self, who: Borrower) -> str:
        """The newest code on the own telephone."""
        outside = Browser(self._outside)
        path = f"/sandbox/messages?mobile={quote('+86' + who.mobile)}"
        found: dict[str, Any] = json.loads(outside.send("GET", path)[1])
        if not found["messages"]:
            raise TurnedAway("no message")
        return str(_CODE.findall(found["messages"][0]["text"])[0])


def _loan(who: Borrower) -> dict[str, str]:
    return {
        "product": who.product,
        "amount": f"{who.amount}.00",
        "term": str(who.term_months),
        "purpose": who.purpose,
    }


def _person(who: Borrower) -> dict[str, str]:
    return {"name": who.name, "id_number": who.id_number, "region": who.region, "address": ""}


def _means(who: Borrower) -> dict[str, str]:
    return {
        "industry": who.industry,
        "income_monthly_minor": f"{who.income_monthly}.00",
        "debt_monthly_minor": f"{who.facts['debt_monthly_minor'] // 100}.00",
        **{
            name: str(who.facts[name])
            for name in ("employment_months", "open_loans", "overdue_24m", "inquiries_3m")
        },
        "housing_fund_months": str(who.facts.get("housing_fund_months", "")),
    }
