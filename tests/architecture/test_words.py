"""Laws of words: every refusal and every witness has a sentence, in two languages."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.architecture import house

HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;!?]|[,;!?]\s?[\u4e00-\u9fff]")
CATALOGUE = house.SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def refusals() -> list[tuple[Path, ast.ClassDef, str]]:
    """Every class with a code and a sentence."""
    return [
        (path, node, code)
        for path in house.modules()
        for node in house.classes(path)
        if (code := house.assigned(node, "code")) and house.assigned(node, "sentence")
    ]


def chinese() -> Catalog:
    with CATALOGUE.open("rb") as handle:
        return read_po(handle, locale="zh_Hans")


def sentences() -> set[str]:
    """The codes that have an audit sentence: keys of every table of sentences."""
    found = set()
    for path in house.modules():
        for node in ast.walk(house.tree_of(path)):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    code = house.text_of(key)
                    if code and "Sentence(" in ast.unparse(value):
                        found.add(code)
    return found


def test_the_code_of_a_refusal_is_unique() -> None:
    places = defaultdict(list)
    for path, node, code in refusals():
        places[code].append(house.at(path, node.lineno))

    twice = {code: where for code, where in places.items() if len(where) > 1}

    assert places, "no refusal was found: the test reads the wrong place"
    assert not twice


def test_every_refusal_has_a_chinese_sentence() -> None:
    catalogue = chinese()

    silent = [
        f"{house.at(path, node.lineno)} {code}"
        for path, node, code in refusals()
        if not getattr(catalogue.get(house.assigned(node, "sentence") or ""), "string", "")
    ]

    assert not silent, "\n".join(silent)


def test_every_subclass_of_a_refusal_has_a_code_of_its_own() -> None:
    known = {node.name for _, node, _ in refusals()} | {"Refusal"}

    nameless = [
        house.at(path, node.lineno)
        for path in house.modules()
        for node in house.classes(path)
        if {ast.unparse(base).split(".")[-1] for base in node.bases} & known
        and not (house.assigned(node, "code") and house.assigned(node, "sentence"))
    ]

    assert not nameless, "\n".join(nameless)


def test_every_recorded_code_has_a_sentence() -> None:
    known = sentences()
    silent = []
    for path in house.modules():
        for name, call in house.calls(path):
            if name in {"record", "record_many", "record_batch"} and call.args:
                code = house.text_of(call.args[0])
                if code and code not in known:
                    silent.append(f"{house.at(path, call.lineno)} {code}")

    assert known, "no audit sentence was found: the test reads the wrong place"
    assert not silent, "\n".join(silent)


def test_audit_codes_name_their_room_first() -> None:
    strange = sorted(code for code in sentences() if code.count(".") != 1)

    assert not strange, "an audit code reads room.done, such as applications.approved"


def test_chinese_sentences_have_chinese_punctuation() -> None:
    written = [
        (house.at(path, node.lineno), node.value)
        for path in house.modules()
        for node in ast.walk(house.tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    written += [("catalogue", str(message.string)) for message in chinese()]
    written += [
        (path.name, path.read_text(encoding="utf-8"))
        for path in sorted(house.SOURCE.rglob("*"))
        if path.suffix in {".json", ".toml"}
    ]

    assert len(written) > len(chinese())
    assert not [
        f"{place}: {found[0]!r}" for place, text in written for found in HALF_WIDTH.finditer(text)
    ]
