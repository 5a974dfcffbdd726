"""Every page in a real browser: no error, no stranger, no barrier, no overflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.surfaces.browser.conftest import CHINESE, ENGLISH, Site
from tests.surfaces.console.addresses import DETAILS, PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def addresses(site: Site) -> Iterator[tuple[str, str]]:
    """Every page with its address."""
    for name in PAGES:
        yield name, site.address(name)
    for name, (_grant, field) in DETAILS.items():
        yield name, site.address(name, site.numbers[field])
    yield "partner", site.address("partner", "harbour")
    yield "person", site.address("person", CHINESE)
    yield "components", site.address("components")


def test_every_page_draws_on_a_desk_in_chinese_without_a_barrier(desktop: Page, site: Site) -> None:
    faults = heard(desktop)

    for name, address in addresses(site):
        faults += [f"{name}: {wrong}" for wrong in (*drawn(desktop, address), *barriers(desktop))]
        if desktop.evaluate("document.documentElement.lang") != "zh-CN":
            faults.append(f"{name}: not in Chinese")

    assert not faults, "\n".join(faults)


def test_every_page_draws_on_a_phone_in_english_by_night_without_overflow_or_barrier(
    page: Page, site: Site, kept: Callable[[str], Any]
) -> None:
    page.emulate_media(color_scheme="dark")
    page.context.add_cookies(kept(ENGLISH))
    page.set_viewport_size(PHONE)
    faults = heard(page)

    for name, address in addresses(site):
        faults += [f"{name}: {wrong}" for wrong in (*drawn(page, address), *barriers(page))]
        if page.evaluate("document.documentElement.dataset.bsTheme") != "dark":
            faults.append(f"{name}: not dark")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            faults.append(f"{name}: {width} pixels wide")
        if page.evaluate("document.documentElement.lang") != "en":
            faults.append(f"{name}: not in English")

    assert not faults, "\n".join(faults)


def heard(page: Page) -> list[str]:
    """What the browser complains of from now on."""
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return faults


def drawn(page: Page, address: str) -> Iterator[str]:
    """What is wrong with a page once it is there."""
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        yield f"answered {answer and answer.status}"
    for chart in page.query_selector_all("[data-chart]"):
        if chart.query_selector("canvas") is None:
            yield "a chart is not drawn"


def barriers(page: Page) -> list[str]:
    """What keeps somebody from using the page: the serious findings of axe."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']} {[node['html'][:120] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


def test_the_sign_in_has_no_barrier(page: Page, site: Site) -> None:
    page.goto(site.address("sign_in"))

    assert barriers(page) == []
