"""The work list by keys alone: walk, mark, take what is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.surfaces.browser.conftest import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_marks_a_row_which_shows_what_can_be_done_with_it(desktop: Page, site: Site) -> None:
    desktop.goto(f"{site.address('work_list')}?view=all")
    before = desktop.locator(".marked-bar").is_visible()

    desktop.keyboard.press("j")
    desktop.keyboard.press("x")

    assert not before
    assert desktop.locator(".marked-bar").is_visible()
    assert desktop.locator("tbody input:checked").count() == 1


def test_takes_what_is_next_and_goes_to_its_page(desktop: Page, site: Site) -> None:
    desktop.goto(f"{site.address('work_list')}?view=all&kind=review")

    desktop.keyboard.press("e")

    desktop.wait_for_url("**/console/applications/AP-*")
    assert "在您名下" in desktop.locator(".work-bar").inner_text()
