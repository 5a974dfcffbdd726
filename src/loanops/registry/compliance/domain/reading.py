"""Reading of rule packs: plain values of a TOML file to rules, strictly.

Every complaint names the pack, the entry and what to mend, because packs are written by people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from loanops.kernel.refusals import Refusal
from loanops.registry.compliance.domain.packs import (
    ConsentType,
    Effect,
    Pack,
    ReferenceRate,
    Rule,
    Scope,
    Source,
    Unit,
    Wording,
)

_LANGUAGES: Final = frozenset({"zh-hans", "en"})


class BadPack(Refusal):
    """A rule pack that cannot be read: a mistake in its file."""

    code = "compliance_bad_pack"
    sentence = "Rule pack {pack}, {place}: {problem}"
    status = 422


def parse_pack(name: str, content: Mapping[str, Any]) -> Pack:
    """A pack from the plain values of its file.

    :raises BadPack: naming the entry and what to mend.
    """
    reader = _Reader(name, content)
    rules = tuple(reader.rule(row) for row in content.get("rules", ()))
    reader.refuse_twins((rule.id for rule in rules), "rules")
    canonical = json.dumps(content, default=str, ensure_ascii=False, sort_keys=True)
    return Pack(
        code=reader.text(content, "code", "top"),
        name=reader.names(content, "name", "top"),
        version=hashlib.sha256(canonical.encode()).hexdigest()[:16],
        rules=rules,
        consents=tuple(reader.consent(row) for row in content.get("consents", ())),
        wordings=tuple(reader.wording(row) for row in content.get("wordings", ())),
        rates=tuple(reader.rate(row) for row in content.get("reference_rates", ())),
        calendar=reader.text(content, "calendar", "top", ""),
    )


class _Reader:
    """Reads the entries of one pack; every complaint names the pack and the entry."""

    def __init__(self, pack: str, content: Mapping[str, Any]) -> None:
        self.pack = pack
        self.sources = {
            key: Source(key, row.get("document", ""), row.get("number", ""), row.get("url", ""))
            for key, row in content.get("sources", {}).items()
        }

    def fail(self, place: str, problem: str) -> BadPack:
        return BadPack(pack=self.pack, place=place, problem=problem)

    def refuse_twins(self, ids: Iterable[str], place: str) -> None:
        seen: set[str] = set()
        for each in ids:
            if each in seen:
                raise self.fail(place, f"{each} is there twice; give each rule its own id.")
            seen.add(each)

    def text(self, row: Mapping[str, Any], key: str, place: str, default: str | None = None) -> str:
        value = row.get(key, default)
        if not isinstance(value, str):
            raise self.fail(place, f"{key} is missing or is not a text.")
        return value

    def flag(self, row: Mapping[str, Any], key: str, place: str) -> bool:
        value = row.get(key)
        if not isinstance(value, bool):
            raise self.fail(place, f"{key} must be true or false.")
        return value

    def day(self, row: Mapping[str, Any], key: str, place: str) -> date:
        value = row.get(key)
        if type(value) is not date:
            raise self.fail(place, f"{key} must be a date such as 2026-01-15, without quotes.")
        return value

    def names(self, row: Mapping[str, Any], key: str, place: str) -> Mapping[str, str]:
        value = row.get(key)
        if not isinstance(value, dict) or set(value) != _LANGUAGES:
            raise self.fail(place, f"{key} must give zh-hans and en.")
        return {language: str(text) for language, text in value.items()}

    def words(self, row: Mapping[str, Any], key: str) -> frozenset[str]:
        return frozenset(row.get(key, ()))

    def source(self, row: Mapping[str, Any], place: str) -> Source:
        key = self.text(row, "source", place)
        if key not in self.sources:
            raise self.fail(place, f"source {key} is not among the [sources] of the pack.")
        return self.sources[key]

    def number(self, value: object) -> Decimal:
        try:
            return Decimal(value) if isinstance(value, str | int) else Decimal("NaN")
        except InvalidOperation:
            return Decimal("NaN")

    def value(self, row: Mapping[str, Any], unit: Unit, place: str) -> Decimal | tuple[str, ...]:
        given = row.get("value")
        if unit in {Unit.CODES, Unit.CLOCK}:
            if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
                raise self.fail(place, "value must be a list of texts.")
            return tuple(given) if unit is Unit.CLOCK else tuple(sorted(given))
        number = self.number(given)
        if not number.is_finite() or number < 0:
            raise self.fail(place, 'value must be a number of zero or more, such as "0.24".')
        return number

    def rule(self, row: Mapping[str, Any]) -> Rule:
        place = self.text(row, "id", "rules")
        try:
            unit = Unit(self.text(row, "unit", place))
            effect = Effect(self.text(row, "effect", place, Effect.BLOCK.value))
        except ValueError as error:
            raise self.fail(place, f"{error}.") from None
        return Rule(
            id=place,
            key=self.text(row, "key", place),
            unit=unit,
            value=self.value(row, unit, place),
            effect=effect,
            scope=Scope(
                lenders=self.words(row, "lenders"),
                methods=self.words(row, "methods"),
                customers=self.words(row, "customers"),
                months_min=int(row.get("months_min", 0)),
            ),
            source=self.source(row, place),
            article=self.text(row, "article", place),
            effective_from=self.day(row, "effective_from", place),
            effective_to=self.day(row, "effective_to", place) if "effective_to" in row else None,
            verified=self.flag(row, "verified", place),
            rate=self.text(row, "rate", place, ""),
            note=self.names(row, "note", place),
        )

    def consent(self, row: Mapping[str, Any]) -> ConsentType:
        place = self.text(row, "purpose", "consents")
        return ConsentType(
            purpose=place,
            separate=self.flag(row, "separate", place),
            per_recipient=self.flag(row, "per_recipient", place),
            needed_for=self.words(row, "needed_for"),
            source=self.source(row, place),
            article=self.text(row, "article", place),
            effective_from=self.day(row, "effective_from", place),
            verified=self.flag(row, "verified", place),
            name=self.names(row, "name", place),
        )

    def wording(self, row: Mapping[str, Any]) -> Wording:
        place = self.text(row, "purpose", "wordings")
        return Wording(
            purpose=place,
            version=self.text(row, "version", place),
            effective_from=self.day(row, "effective_from", place),
            text=self.names(row, "text", place),
        )

    def rate(self, row: Mapping[str, Any]) -> ReferenceRate:
        place = self.text(row, "key", "reference_rates")
        number = self.number(row.get("rate_annual"))
        if not number.is_finite():
            raise self.fail(place, 'rate_annual must be a number in quotes, such as "0.03".')
        return ReferenceRate(
            key=place,
            rate_annual=number,
            effective_from=self.day(row, "effective_from", place),
            verified=self.flag(row, "verified", place),
            document=str(row.get("document", "")),
        )
