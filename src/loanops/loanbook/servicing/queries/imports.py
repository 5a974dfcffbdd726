"""Migrations: a map made ready, and a file of running loans read row by row. Nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from loanops.kernel.access import Viewer, require
from loanops.kernel.allocation import Parts
from loanops.kernel.money import format_amount, parse_amount
from loanops.kernel.refusals import BadField, NotFound, Refusal
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.importing.building import incoming
from loanops.loanbook.servicing.domain.importing.checking import Given, faults_of
from loanops.loanbook.servicing.domain.importing.fields import PERSON_MARK
from loanops.loanbook.servicing.domain.importing.loans import (
    Agreement,
    Incoming,
    Product,
    Row,
    Setting,
)
from loanops.loanbook.servicing.domain.importing.mapping import BookMap, Group, parse_book_map
from loanops.loanbook.servicing.domain.importing.reading import (
    RowValues,
    read_rows,
    read_schedules,
)
from loanops.loanbook.servicing.domain.importing.refusals import (
    CutOffMissing,
    IdentityDiffers,
    NumberTwice,
    RowsOfNobody,
    ScheduleUnmapped,
    TotalDiffers,
)
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard
from loanops.platform.sheets.opening import FILE_BYTES_MAX, open_sheet
from loanops.platform.sheets.rows import RowRefusal
from loanops.registry.parties import queries as parties
from loanops.registry.parties.queries import PersonIn
from loanops.registry.partners import queries as partners
from loanops.registry.partners.queries import PartnerKind
from loanops.registry.products import queries as products
from loanops.registry.products.queries import ProductVersionCard

__all__ = [
    "FILE_BYTES_MAX",
    "BookFile",
    "BookMap",
    "Incoming",
    "RowRefusal",
    "read_book",
    "read_book_map",
]

_GUARANTORS: Final = frozenset({PartnerKind.GUARANTOR, PartnerKind.INSURER})
_NO_FUNDERS: Final = _GUARANTORS | {PartnerKind.PAYMENT, PartnerKind.DATA, PartnerKind.CHANNEL}


@dataclass(frozen=True)
class BookFile:
    """A file read to its end: the loans in it, or why rows cannot be taken.

    ``digest`` names the content of the file and of its schedules; ``refused`` is in the order of
    the rows. Nothing may be imported while a row is refused.
    """

    book: str
    source: str
    name: str
    digest: str
    cut_off: date
    currency: str
    rows: int
    skipped: int
    loans: tuple[Incoming, ...]
    refused: tuple[RowRefusal, ...]
    by_state: Mapping[str, int] = field(default_factory=dict)

    @property
    def outstanding_minor(self) -> int:
        """Principal outstanding of the loans that are not written off."""
        return sum(loan.outstanding_minor for loan in self.loans if loan.state != "written_off")

    @property
    def owners(self) -> dict[str, int]:
        """Principal outstanding of the loans that are not written off, by who lends it."""
        found: dict[str, int] = {}
        for loan in self.loans:
            if loan.state != "written_off":
                for owner, minor in loan.owners.items():
                    found[owner] = found.get(owner, 0) + minor
        return found

    @property
    def paid(self) -> Parts:
        """What had been paid before, by component."""
        return sum((loan.paid for loan in self.loans), Parts())


def read_book_map(document: Mapping[str, Any]) -> BookMap:
    """A map as TOML gives it, checked and made ready.

    :raises MapWrong: a key is unknown, missing or of the wrong type; the place is named.
    :raises Refusal: a constant or default is not of its own field's type.
    """
    return parse_book_map(document)


def read_book(
    *,
    book_map: BookMap,
    name: str,
    content: bytes,
    schedules: tuple[str, bytes] | None = None,
    cut_off: date | None = None,
    count: int | None = None,
    outstanding: str | None = None,
    viewer: Viewer,
) -> BookFile:
    """A file of loans read and checked row by row; ``schedules`` is the second file, if any.

    ``cut_off`` and the control totals go before those of the map.

    :raises NotPermitted: the viewer may not import loans.
    :raises NotFound: there is no such book in the viewer's scope.
    :raises CutOffMissing: neither the map nor the caller names the cut-off.
    :raises IdentityDiffers: the map names persons and the book keeps none, or the reverse.
    :raises ScheduleUnmapped: schedules are given and not mapped, or the reverse.
    :raises FileUnreadable: a file is empty, too large, in no known encoding, or broken.
    :raises ColumnMissing, ColumnTwice, ColumnNotMapped: a header does not fit the map.
    :raises TotalDiffers: a control total is not that of the file.
    """
    require(viewer, permissions.IMPORT)
    card = _book(book_map, viewer)
    on = cut_off or book_map.cut_off
    if on is None:
        raise CutOffMissing
    rows, refused = _schedules(book_map, schedules)
    sheet = open_sheet(file=name, content=content, encoding=book_map.encoding, sheet=book_map.sheet)
    read = list(read_rows(book_map.loan, sheet))
    setting = _setting(book_map, card, on, rows, read)
    loans, more = _loans(read, book_map.loan, setting)
    refused += more + _persons(card, loans, book_map.loan)
    if rows is not None:
        refused += _of_nobody(rows, read)
    kept = [loan for loan in loans if not (book_map.skips_settled and loan.state == "settled")]
    made = BookFile(
        book=card.code,
        source=book_map.name,
        name=name,
        digest=digest_of_files(content, schedules[1] if schedules else None),
        cut_off=on,
        currency=card.currency,
        rows=len(read),
        skipped=len(loans) - len(kept),
        loans=tuple(kept),
        refused=tuple(sorted(refused, key=lambda each: each.line)),
        by_state=_counted(loan.state for loan in kept),
    )
    if not made.refused:
        _see_totals(made, count or book_map.count, outstanding or book_map.outstanding)
    return made


def _book(book_map: BookMap, viewer: Viewer) -> BookCard:
    card = books.get_book(book_map.book)
    if not viewer.sees_book(card.code):
        raise NotFound(kind="book", number=card.code)
    names = {"borrower", f"{PERSON_MARK}name"} & book_map.loan.fields
    if card.without_identity == bool(names):
        raise IdentityDiffers(book=card.code)
    return card


def digest_of_files(content: bytes, schedules: bytes | None) -> str:
    """The digest by which a file of loans is known, with that of its schedules if it has one."""
    digest = hashlib.sha256(content)
    if schedules is not None:
        digest.update(hashlib.sha256(schedules).digest())
    return digest.hexdigest()


def _counted(states: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in states:
        found[state] = found.get(state, 0) + 1
    return found


def _schedules(
    book_map: BookMap, schedules: tuple[str, bytes] | None
) -> tuple[Mapping[str, list[Row]] | None, list[RowRefusal]]:
    if (schedules is None) != (book_map.schedule is None):
        raise ScheduleUnmapped
    if schedules is None or book_map.schedule is None:
        return None, []
    name, content = schedules
    sheet = open_sheet(file=name, content=content, encoding=book_map.encoding)
    return read_schedules(book_map.schedule, sheet)


def _setting(
    book_map: BookMap,
    card: BookCard,
    on: date,
    rows: Mapping[str, list[Row]] | None,
    read: Sequence[RowValues],
) -> Setting:
    @cache
    def find_product(code: str) -> Product | None:
        try:
            version = products.get_version(book=card.code, product=code, on=card.business_date)
        except Refusal:
            return None
        return _product(version, book_map.terms, on)

    cards = partners.list_partners(
        where=partners.Filter(book=card.code), viewer=Viewer.house("servicing")
    )
    named = "borrower" in book_map.loan.fields
    wanted = {row.values.get("borrower") or "" for row in read} if named else set()
    return Setting(
        book=card.code,
        currency=card.currency,
        cut_off=on,
        find_product=find_product,
        funders=frozenset(each.code for each in cards if each.kind not in _NO_FUNDERS),
        guarantors=frozenset(each.code for each in cards if each.kind in _GUARANTORS),
        borrowers=parties.known_numbers(book=card.code, numbers=wanted) if named else None,
        rows=rows,
        arrears_agreed=book_map.arrears_agreed,
        keeps_instalment=book_map.keeps_instalment,
        settles_empty=book_map.settles_empty,
        small_minor=parse_amount(book_map.small, card.currency) if book_map.small else 0,
        agreements=_agreements(card),
        of_funder=book_map.of_funder,
        residue_minor=parse_amount(book_map.residue, card.currency) if book_map.residue else 0,
    )


def _agreements(card: BookCard) -> dict[str, Agreement]:
    """The agreements that are in force on the business day, suspended ones too, by number."""
    return {
        each.number: Agreement(
            number=each.number,
            version=each.version,
            funder=each.partner,
            guarantor=each.guarantor or "",
            products=each.products,
            sharing=each.co_lending,
            fees=each.fees,
        )
        for each in partners.list_agreements(book=card.code, on=card.business_date, suspended=True)
    }


def _product(version: ProductVersionCard, more: Mapping[str, Any], on: date) -> Product:
    """A product with the terms that the map adds to it, for a loan that is yet to be named."""
    try:
        template = products.terms_for(
            replace(version, terms={**version.terms, **more}),
            principal_minor=1,
            instalments=products.instalments_for(version, max(version.terms_months)),
            annual_rate=Decimal(0),
            start_date=on,
        )
    except BadField as refusal:
        values = {name: value for name, value in refusal.values.items() if name != "field"}
        raise BadField(field=f"terms.{refusal.field}", **values) from None
    return Product(version.number, template, lambda term: products.instalments_for(version, term))


def _loans(
    read: Sequence[RowValues], group: Group, setting: Setting
) -> tuple[list[Incoming], list[RowRefusal]]:
    loans: list[Incoming] = []
    refused: list[RowRefusal] = []
    seen: dict[str, int] = {}
    for row in read:
        if row.refusals:
            refused += row.refusals
            continue
        given = Given(row.values, setting)
        first = seen.setdefault(given.number, row.line)
        faults = faults_of(given)
        if first != row.line:
            faults.append(NumberTwice(field="number", number=given.number, line=first))
        if not faults:
            try:
                loans.append(incoming(given, row.line))
            except Refusal as refusal:
                faults.append(refusal)
        refused += [_blamed(row.line, group, fault) for fault in faults]
    return loans, refused


def _blamed(line: int, group: Group, fault: Refusal, mark: str = "") -> RowRefusal:
    field = fault.field or ""
    return RowRefusal(line, group.column_of(f"{mark}{field}") if field else "", fault)


def _persons(card: BookCard, loans: Sequence[Incoming], group: Group) -> list[RowRefusal]:
    """What the room of customers says of the borrowers that rows describe."""
    described = [loan for loan in loans if loan.person]
    people = [person_of(loan) for loan in described]
    checked = parties.check_people(book=card.code, people=people)
    return [
        _blamed(loan.line, group, refusal, PERSON_MARK)
        for loan, each in zip(described, checked, strict=True)
        for refusal in each.refusals
    ]


def person_of(loan: Incoming) -> PersonIn:
    """The borrower of a loan, as its row describes one."""
    words = {name: value or "" for name, value in loan.person.items() if name != "income_monthly"}
    return PersonIn(**words, income_monthly_minor=loan.person.get("income_monthly"))


def _of_nobody(rows: Mapping[str, list[Row]], read: Sequence[RowValues]) -> list[RowRefusal]:
    known = {row.values.get("number") for row in read}
    return [
        RowRefusal(each[0].line, "", RowsOfNobody(field="number", number=number[:40]))
        for number, each in rows.items()
        if number not in known
    ]


def _see_totals(made: BookFile, count: int | None, outstanding: str | None) -> None:
    if count is not None and count != made.rows:
        raise TotalDiffers(kind="loans", expected=count, found=made.rows)
    if outstanding is not None:
        expected_minor = parse_amount(outstanding, made.currency)
        if expected_minor != made.outstanding_minor:
            raise TotalDiffers(
                kind="outstanding",
                expected=format_amount(expected_minor, made.currency),
                found=format_amount(made.outstanding_minor, made.currency),
            )
