"""Documents by typst: the same bytes, no empty boxes, many threads."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from loanops.adapters.typesetting import TypstPages
from loanops.origination.contracts.ports import GlyphMissing

TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title)
#set text(font: "Noto Sans CJK SC", lang: "zh")
#data.title
"""
DAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> TypstPages:
    return TypstPages(tmp_path_factory.mktemp("fonts"))


def make(pages: TypstPages, title: str) -> bytes:
    return pages.render(template=TEMPLATE, data={"title": title}, dated=DAY)


def text_of(content: bytes) -> str:
    with pymupdf.open(stream=content, filetype="pdf") as document:
        return "".join(page.get_text() for page in document)


class TestRender:
    def test_sets_chinese_that_can_be_searched(self, pages: TypstPages) -> None:
        assert "借款合同 欧阳䶮" in text_of(make(pages, "借款合同 欧阳䶮"))

    def test_gives_the_same_bytes_again_and_in_another_compiler(
        self, pages: TypstPages, tmp_path: Path
    ) -> None:
        first = make(pages, "借款合同")
        make(pages, "另一份")

        assert make(pages, "借款合同") == first
        assert make(TypstPages(tmp_path), "借款合同") == first

    @pytest.mark.parametrize(("name", "points"), [("王𠮷", "U+20BB7"), ("李🧿", "U+1F9FF")])
    def test_fails_aloud_where_a_sign_is_missing(
        self, pages: TypstPages, name: str, points: str
    ) -> None:
        with pytest.raises(GlyphMissing) as refused:
            make(pages, name)

        assert refused.value.values["letters"] == points

    def test_serves_many_threads(self, pages: TypstPages) -> None:
        expected = {title: make(pages, title) for title in ("甲", "乙", "丙")}
        made: dict[str, Any] = {}

        threads = [
            threading.Thread(target=lambda title=title: made.update({title: make(pages, title)}))
            for title in expected
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert made == expected
