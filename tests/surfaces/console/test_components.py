"""The design: its values stand once, and every part is shown where it cannot drift."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loanops.surfaces import console
from loanops.surfaces.console.pages.components import TOKENS, tokens
from loanops.surfaces.console.pages.words.helping import HELP
from tests.factories import desk
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

CONSOLE = Path(console.__file__).parent
PARTS = CONSOLE / "templates" / "console" / "parts"
SHEETS = [path for path in TOKENS.parent.iterdir() if path.suffix in {".css", ".js"}]
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
DEFINED = {name for _head, lines in tokens() for name, _day, _night in lines}


class TestTokens:
    def test_alone_name_colours(self) -> None:
        strangers = {
            sheet.name: found
            for sheet in SHEETS
            if sheet != TOKENS
            if (
                found := COLOUR.findall(
                    re.sub(r"#[a-z][\w-]* ?[{,>]", "", sheet.read_text("utf-8"))
                )
            )
        }

        assert len(SHEETS) > 5
        assert strangers == {}

    def test_are_all_used_and_all_defined(self) -> None:
        text = "\n".join(sheet.read_text("utf-8") for sheet in SHEETS)
        named = set(re.findall(r"var\(--([\w-]+)", text))
        drawn = {
            f"{kind}-{place}"
            for kind, most in (("chart", 6), ("step", 5))
            for place in range(1, most + 1)
        }
        ours = {name for name in DEFINED if not name.startswith("tblr-")}

        assert ours - named - drawn == set()
        assert {name for name in named if not name.startswith("tblr-")} - DEFINED == {"hue"}

    def test_of_the_night_have_a_value_of_the_day(self) -> None:
        _day, night = TOKENS.read_text("utf-8").split('[data-bs-theme="dark"]')

        assert set(re.findall(r"^  --([\w-]+):", night, re.MULTILINE)) - DEFINED == {
            "tblr-bg-surface",
            "tblr-body-bg",
        }


class TestComponents:
    def test_show_every_part(self, operation: desk.Operation, enter: Enter) -> None:
        answer = enter("operations").get(address("components"))

        shown = {template.name for template in answer.templates}
        assert {f"console/parts/{path.name}" for path in PARTS.iterdir()} - shown == set()

    @pytest.mark.parametrize("role", desk.STAFF)
    def test_are_open_to_everybody_who_has_signed_in(
        self, operation: desk.Operation, enter: Enter, role: str
    ) -> None:
        assert enter(role).get(address("components")).status_code == 200

    def test_answer_what_is_posted_and_do_nothing(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        answer = enter("operations").post(address("components"), {"reason": "x"}, follow=True)

        assert "成功时这样提示" in answer.content.decode()


class TestCharts:
    @pytest.mark.parametrize(
        ("name", "field"),
        [
            ("board", ""),
            ("portfolio", ""),
            ("overdue", ""),
            ("loan", "loan"),
            ("offer", "offer"),
            ("product", "product"),
            ("components", ""),
        ],
    )
    def test_have_a_table_behind_them_and_their_figures_as_a_file(
        self, operation: desk.Operation, enter: Enter, name: str, field: str
    ) -> None:
        client = enter("everyone")
        here = address(name, str(getattr(operation, field)) if field else "")

        shown = client.get(here).content.decode()

        charts = re.findall(r'data-chart="([\w-]+)"', shown)
        assert charts
        for chart in charts:
            _before, behind = shown.split(f'data-chart="{chart}"', 1)
            assert "<table" in behind.split("</section>", 1)[0]
            assert f"?chart={chart}" in behind
            file = client.get(here, {"chart": chart})
            assert file["Content-Type"] == "text/csv; charset=utf-8"
            assert "," in file.content.decode().splitlines()[0]

    def test_name_their_units_in_the_file(self, operation: desk.Operation, enter: Enter) -> None:
        file = enter("everyone").get(address("components"), {"chart": "sample-bars"})

        head, first = file.content.decode().removeprefix("\ufeff").splitlines()[:2]
        assert head == "日期,已放款 (CNY),借据"
        assert first.endswith(",1284000.00,12")


class TestHelp:
    def test_is_asked_for_by_words_that_there_are(self) -> None:
        asked = {
            code
            for template in (CONSOLE / "templates").rglob("*.html")
            for code in re.findall(r'{% help "(\w+)" %}', template.read_text("utf-8"))
        }

        assert asked == set(HELP)
