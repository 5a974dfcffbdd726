"""The one catalogue of translations, kept with Babel because GNU gettext is not everywhere.

    catalogue.py update [FILE.toml …]   extract, take over "English" = "中文" pairs, compile
    catalogue.py missing                print what has no Chinese yet, as TOML to fill in
    catalogue.py check                  po, mo and sources agree; nothing open; values kept

Extracted are gettext calls in Python, translate and blocktranslate in templates, the sentence of
every refusal, every audit sentence, and the problem that a BadField names.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "loanops"
PO = SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Rooms below the windows know no languages, so these are found without a gettext call: the first
# argument of an audit sentence, and the words that are filled into the sentence of a refusal.
WORDS_OF_REFUSALS = frozenset({"problem", "kind", "field"})
_VALUE = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")

Found = tuple[str | tuple[str, str], str | None, Path]


def from_python(path: Path) -> Iterator[Found]:
    """Texts of one Python file: gettext calls, refusals, audit sentences."""
    text = path.read_text(encoding="utf-8")
    for _, message, _, context in extract(
        "python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=()
    ):
        yield message, context, path
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            yield from ((said, None, path) for said in _refusal_sentences(node))
        elif isinstance(node, ast.Call):
            yield from ((said, None, path) for said in _call_sentences(node))


def _refusal_sentences(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
        if isinstance(target, ast.Name) and target.id == "sentence":
            yield from _literal(getattr(line, "value", None))


def _call_sentences(node: ast.Call) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "Sentence" and node.args:
        yield from _literal(node.args[0])
    if name in refusals():
        for word in node.keywords:
            if word.arg in WORDS_OF_REFUSALS:
                yield from _literal(word.value)


def _literal(value: ast.expr | None) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _literal(value.body)
        yield from _literal(value.orelse)


@cache
def refusals() -> frozenset[str]:
    """The names of all classes that carry a refusal's sentence."""
    return frozenset(
        node.name
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any(_refusal_sentences(node))
    )


def from_template(path: Path) -> Iterator[Found]:
    """Texts of one template."""
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    # What is no text was blanked out; its indentation would look like a fault of Python's.
    code = "\n".join(line.lstrip() for line in code.splitlines())
    for _, message, _, context in extract(
        "python", io.BytesIO(code.encode()), keywords=KEYWORDS, comment_tags=()
    ):
        yield message, context, path


def extracted() -> Catalog:
    """Every text of the source, without translations."""
    catalog = Catalog(locale="zh_Hans", domain="django", charset="utf-8", fuzzy=False)
    found: list[Found] = []
    for path in sorted(SOURCE.rglob("*.py")):
        found += from_python(path)
    for suffix in ("html", "txt"):
        for path in sorted(SOURCE.glob(f"surfaces/*/templates/**/*.{suffix}")):
            found += from_template(path)
    for message, context, path in found:
        place = str(path.relative_to(ROOT))
        if message and message != "":
            known = catalog.get(message, context)
            places = [*(known.locations if known else ()), (place, None)]
            catalog.delete(message, context)
            catalog.add(message, context=context, locations=sorted(set(places)))
    return catalog


def stored() -> Catalog:
    """The catalogue as committed; empty where there is none yet."""
    if not PO.exists():
        return Catalog(locale="zh_Hans", domain="django", charset="utf-8", fuzzy=False)
    with PO.open("rb") as handle:
        return read_po(handle, locale="zh_Hans", domain="django")


def po_bytes(catalog: Catalog) -> bytes:
    """The catalogue as text: sorted, without dates or line numbers, so that diffs stay small."""
    out = io.BytesIO()
    write_po(
        out,
        catalog,
        sort_output=True,
        include_lineno=False,
        ignore_obsolete=True,
        omit_header=True,
        width=100,
    )
    header = (
        b'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n"MIME-Version: 1.0\\n"\n'
        b'"Content-Type: text/plain; charset=utf-8\\n"\n'
        b'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    return header + out.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """The catalogue as programs read it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def parsed(text: bytes) -> Catalog:
    """A catalogue from its text."""
    catalog = read_po(io.BytesIO(text), locale="zh_Hans", domain="django")
    # Babel writes the moment of reading into the header; the same text must give the same bytes.
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    return catalog


def update(tables: list[Path]) -> None:
    """Bring po and mo in step with the sources; unused texts leave."""
    pairs: dict[str, str] = {}
    for table in tables:
        pairs |= tomllib.loads(table.read_text(encoding="utf-8"))
    before, fresh = stored(), extracted()
    for message in fresh:
        if not message.id:
            continue
        known = before.get(message.id, message.context)
        single = message.id if isinstance(message.id, str) else message.id[0]
        kept = known.string if known else ""
        chosen = (kept if isinstance(kept, str) else kept[0]) or pairs.get(single, "")
        message.string = chosen if isinstance(message.id, str) else (chosen,)
    text = po_bytes(fresh)
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(text)
    MO.write_bytes(mo_bytes(parsed(text)))
    sys.stdout.write(f"{len(fresh)} texts, {len(list(untranslated(fresh)))} without Chinese\n")


def untranslated(catalog: Catalog) -> Iterator[str]:
    """Texts without a Chinese form."""
    for message in catalog:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if not all(strings) or message.fuzzy:
            yield message.id if isinstance(message.id, str) else message.id[0]


def faults() -> list[str]:
    """What is wrong with the catalogue, one sentence each."""
    kept, fresh = stored(), extracted()
    kept_ids = {(m.id, m.context) for m in kept if m.id}
    fresh_ids = {(m.id, m.context) for m in fresh if m.id}
    found = [f"not in the catalogue: {text!r}" for text, _ in sorted(fresh_ids - kept_ids, key=str)]
    found += [f"no longer used: {text!r}" for text, _ in sorted(kept_ids - fresh_ids, key=str)]
    found += [f"no Chinese: {text!r}" for text in untranslated(kept)]
    for message in kept:
        if isinstance(message.id, str) and isinstance(message.string, str) and message.string:
            said, meant = values_of(message.string), values_of(message.id)
            if said - meant:
                found.append(f"values differ: {message.id!r} has {meant}, its Chinese {said}")
    if not MO.exists() or MO.read_bytes() != mo_bytes(parsed(PO.read_bytes())):
        found.append("django.mo was not compiled from django.po")
    return found


def values_of(text: str) -> set[str]:
    """The names of the values in a text."""
    return {match[1] or match[2] or "" for match in _VALUE.finditer(text)}


def main(argv: list[str]) -> int:
    """Run one of the three verbs."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    match argv:
        case ["update", *tables]:
            update([Path(table) for table in tables])
            return 0
        case ["missing"]:
            fresh, kept = extracted(), stored()
            for message in fresh:
                known = kept.get(message.id, message.context) if message.id else None
                if message.id and not (known and known.string and all(known.string)):
                    text = message.id if isinstance(message.id, str) else message.id[0]
                    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
                    sys.stdout.write(f'"{escaped}" = ""\n')
            return 0
        case ["check"]:
            found = faults()
            sys.stdout.write("".join(f"{fault}\n" for fault in found))
            if found:
                sys.stdout.write("Mend: .venv/bin/python tools/catalogue.py update [FILE.toml]\n")
            return int(bool(found))
        case _:
            sys.stdout.write(str(__doc__))
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
