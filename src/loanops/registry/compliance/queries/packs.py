"""Which packs there are, and the law of a book on a day."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.platform.books import queries as books
from loanops.registry.compliance import permissions
from loanops.registry.compliance.domain.law import (
    DecisionFact,
    Law,
    Limit,
    limit_in,
    limit_of,
    newest_first,
)
from loanops.registry.compliance.domain.packs import Pack, ReferenceRate
from loanops.registry.compliance.domain.reading import BadPack, parse_pack
from loanops.registry.compliance.models import Decision
from loanops.registry.compliance.models import ReferenceRate as RateRow

SHIPPED: Final = Path(__file__).resolve().parents[1] / "data" / "packs"


@dataclass(frozen=True)
class PackCard:
    """A rule pack as a page shows it; ``unverified`` counts the figures still to be confirmed."""

    code: str
    name: dict[str, str]
    version: str
    rules: tuple[Limit, ...]
    unverified: int


def _folders() -> tuple[Path, ...]:
    """An operator's own packs lie in the home and stand before the shipped ones."""
    return (Path(settings.HOME) / "packs", SHIPPED)


def get_pack(code: str) -> Pack:
    """The rule pack with this code.

    :raises NotFound: there is no such pack.
    :raises BadPack: its file cannot be read.
    """
    for folder in _folders():
        path = folder / f"{code}.toml"
        if path.is_file():
            return _read(path, path.stat().st_mtime_ns)
    raise NotFound(kind="rule pack", number=code)


@cache
def _read(path: Path, modified_ns: int) -> Pack:
    """One file, read once for each time it was written."""
    del modified_ns
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadPack(pack=path.name, place="file", problem=f"{error}.") from None
    return parse_pack(path.name, content)


def list_packs(*, viewer: Viewer) -> list[PackCard]:
    """Every rule pack of this installation.

    :raises NotPermitted: the viewer may not read the rule packs.
    """
    require(viewer, permissions.VIEW)
    codes = {path.stem for folder in _folders() for path in folder.glob("*.toml")}
    return [_card(get_pack(code)) for code in sorted(codes)]


def _card(pack: Pack) -> PackCard:
    return PackCard(
        code=pack.code,
        name=dict(pack.name),
        version=pack.version,
        rules=tuple(limit_of(rule) for rule in pack.rules),
        unverified=sum(not rule.verified for rule in pack.rules),
    )


def law_of(*, book: str, on: date) -> Law:
    """What binds a book on a day; ask it as often as a batch needs.

    :raises NotFound: there is no such book or pack.
    """
    pack = get_pack(books.get_book(book).pack)
    decided = Decision.objects.filter(book_id=book, valid_from__lte=on, valid_to__gt=on).exclude(
        revoked_on__lte=on
    )
    return Law(
        pack=pack,
        rates=newest_first([rate for rate, _ in standing_rates(pack)]),
        decisions=tuple(
            DecisionFact(row.number, row.topic, row.partner) for row in decided.order_by("id")
        ),
        on=on,
    )


def standing_rates(pack: Pack) -> list[tuple[ReferenceRate, str]]:
    """The figures that count, with who recorded each: of a day the latest, else the shipped one."""
    held = {(rate.key, rate.effective_from): (rate, "") for rate in pack.rates}
    for row in RateRow.objects.filter(pack=pack.code).order_by("id"):
        rate = ReferenceRate(
            row.key,
            row.rate_annual.normalize(),
            row.effective_from,
            verified=True,
            document=row.document,
        )
        held[rate.key, rate.effective_from] = (rate, row.recorded_by)
    return list(held.values())


def get_limit(*, book: str, key: str, on: date, lender_kind: str = "") -> Limit | None:
    """One figure of the book's pack on a day, with source and standing; None where none is set.

    :raises NotFound: there is no such book or pack.
    """
    return limit_in(get_pack(books.get_book(book).pack), key, on, lender_kind=lender_kind)


def get_limits(*, book: str, keys: Iterable[str], on: date) -> dict[str, Limit | None]:
    """:func:`get_limit` of several keys, which asks for the book once.

    :raises NotFound: there is no such book or pack.
    """
    pack = get_pack(books.get_book(book).pack)
    return {key: limit_in(pack, key, on) for key in keys}
