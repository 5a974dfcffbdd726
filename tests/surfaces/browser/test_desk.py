"""Working at the desk: language, look, menu, keys, forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import installations
from tests.factories import desk
from tests.surfaces.browser.conftest import CHINESE, Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


class TestSignIn:
    def test_leads_to_the_page_that_was_asked_for(self, page: Page, site: Site) -> None:
        page.goto(site.address("partners"))
        page.fill("[name=login]", CHINESE)
        page.fill("[name=password]", desk.PASSWORD)
        page.click("form.fields button[type=submit]")

        page.wait_for_url(site.address("partners"))
        assert page.locator("h1").inner_text() == "合作方"

    def test_speaks_the_language_chosen_before(self, page: Page, site: Site) -> None:
        page.goto(site.address("sign_in"))

        page.click("text=English")

        assert page.locator("h1").inner_text() == "Sign in"


class TestDesk:
    def test_switches_the_language_and_keeps_it(self, desktop: Page, site: Site) -> None:
        desktop.goto(site.address("jobs"))

        desktop.click("form[action$='/language'] button")
        english = desktop.locator("h1").inner_text()
        desktop.click("form[action$='/language'] button")

        assert english == "Jobs and dead letters"
        assert desktop.locator("h1").inner_text() == "任务与死信"

    def test_keeps_the_look_that_was_chosen(self, desktop: Page, site: Site) -> None:
        desktop.goto(site.address("board"))

        choose_look(desktop, "dark")
        at_once = look(desktop)
        desktop.goto(site.address("jobs"))
        later = look(desktop)
        choose_look(desktop, "system")

        assert (at_once, later) == ("dark", "dark")

    def test_looks_as_the_device_is_set(self, desktop: Page, site: Site) -> None:
        desktop.emulate_media(color_scheme="dark")
        desktop.goto(site.address("board"))
        by_night = look(desktop)

        desktop.emulate_media(color_scheme="light")

        assert by_night == "dark"
        assert installations.until(lambda: look(desktop) == "light")

    def test_opens_and_closes_the_menu_of_a_phone(self, desktop: Page, site: Site) -> None:
        desktop.set_viewport_size({"width": 390, "height": 844})
        desktop.goto(site.address("board"))
        hidden = left_edge(desktop)

        desktop.click(".top-menu")
        installations.until(lambda: left_edge(desktop) == 0)
        desktop.keyboard.press("Escape")

        assert hidden < 0
        assert installations.until(lambda: left_edge(desktop) == hidden)


def look(page: Page) -> str:
    """Whether a page looks light or dark now."""
    return str(page.evaluate("document.documentElement.dataset.bsTheme"))


def choose_look(page: Page, theme: str) -> None:
    """Choose how the console looks, and wait until it is kept."""
    page.click(".top-button:has(.when-light)")
    with page.expect_response("**/theme"):
        page.click(f"[data-do=theme][value={theme}]")


def left_edge(page: Page) -> float:
    """Where the menu begins; below zero it is out of sight."""
    box = page.locator(".side").bounding_box()
    return box["x"] if box else 0.0


class TestKeys:
    def test_walk_the_rows_and_open_one(self, desktop: Page, site: Site) -> None:
        desktop.goto(site.address("applications"))

        desktop.keyboard.press("j")
        marked = desktop.locator("tr.at").get_attribute("data-href")
        desktop.keyboard.press("Enter")

        desktop.wait_for_url(f"{site.url}{marked}")

    def test_find_a_page_in_the_palette(self, desktop: Page, site: Site) -> None:
        desktop.goto(site.address("board"))

        desktop.keyboard.press("Control+k")
        desktop.keyboard.type("试算")
        desktop.keyboard.press("Enter")

        desktop.wait_for_url(site.address("ledger"))

    def test_find_a_loan_by_the_beginning_of_its_number(self, desktop: Page, site: Site) -> None:
        loan = site.numbers["loan"]
        desktop.goto(site.address("board"))

        desktop.keyboard.press("Control+k")
        desktop.keyboard.type(loan[:-1])
        desktop.wait_for_selector("#palette-found .palette-item.at")
        desktop.keyboard.press("Enter")

        desktop.wait_for_url(site.address("loan", loan))

    def test_are_listed_with_those_of_the_page(self, desktop: Page, site: Site) -> None:
        desktop.goto(site.address("board"))

        desktop.keyboard.press("?")

        assert desktop.locator("#keys").is_visible()


class TestCharts:
    def test_say_label_and_value_under_the_pointer(self, desktop: Page, site: Site) -> None:
        desktop.goto(site.address("components"))
        said: list[str] = []
        desktop.on("console", lambda each: said.append(each.text) if each.type == "error" else None)

        desktop.hover("[data-chart=sample-bars]")

        tip = desktop.locator(".tip-body")
        tip.wait_for()
        assert "1,530,250.00" in tip.inner_text() or "0.00" in tip.inner_text()
        assert said == []


class TestForms:
    def test_keep_what_was_typed_when_refused(self, desktop: Page, site: Site) -> None:
        desktop.goto(site.address("loan", site.numbers["loan"]))
        desktop.click("[data-bs-target='#repay']")
        desktop.fill("#id_amount_minor", "1.234")
        desktop.fill("#id_pay_no", "B-1")

        desktop.click("#repay button[type=submit]")

        desktop.wait_for_selector("#notices .notice-error")
        assert desktop.input_value("#id_amount_minor") == "1.234"
        assert desktop.locator("#repay").is_visible()

    def test_show_the_exact_effect_where_money_moves(self, desktop: Page, site: Site) -> None:
        desktop.goto(site.address("loan", site.numbers["loan"]))
        desktop.click("[data-bs-target='#repay']")

        desktop.fill("#id_amount_minor", "250.00")

        assert "250.00 CNY" in desktop.locator("#repay .effect").inner_text()

    def test_ask_for_a_purpose_before_a_field_is_shown(self, desktop: Page, site: Site) -> None:
        desktop.goto(site.address("party", site.numbers["party"]))

        desktop.click("[data-choose=mobile]")
        desktop.click("#unmask button[type=submit]")

        shown = desktop.locator("#unmasked .effect")
        shown.wait_for()
        assert "****" not in shown.inner_text()
        assert "手机" in shown.inner_text()
