"""Questions to the customer file; what is personal comes out masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.platform import vault
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard
from loanops.registry.parties import permissions
from loanops.registry.parties.domain import identity, matching
from loanops.registry.parties.domain.identity import Checked, PersonIn
from loanops.registry.parties.domain.matching import Duplicate, Known, Match
from loanops.registry.parties.domain.refusals import IdNumberWrong, MobileWrong
from loanops.registry.parties.models import NameToken, Party

_CHUNK: Final = 5_000
SEARCH_MAX: Final = 50


@dataclass(frozen=True)
class PartyCard:
    """A person as staff see one: masked. ``age_years`` is on the book's business day."""

    number: str
    book: str
    name_masked: str
    id_number_masked: str
    mobile_masked: str
    address_masked: str
    email_masked: str
    region: str
    industry: str
    income_monthly_minor: int | None
    age_years: int | None
    registered_at: datetime
    version: int


@dataclass(frozen=True)
class Indexes:
    """The two keyed indexes of a person, by which the same person is found again."""

    id_index: str
    mobile_index: str


def get_party(number: str, *, viewer: Viewer) -> PartyCard:
    """The person with this number, masked.

    :raises NotPermitted: the viewer may not see persons.
    :raises NotFound: there is none in the viewer's books.
    """
    require(viewer, permissions.VIEW)
    # PostgreSQL refuses a NUL, so what cannot be a number never reaches it.
    party = Party.objects.filter(number=number).first() if number.isprintable() else None
    if party is None or not viewer.sees_book(party.book_id) or not viewer.sees_party(number):
        raise NotFound(kind="party", number=number)
    return card_of(party, books.business_date(party.book_id))


def card_of(party: Party, on: date) -> PartyCard:
    """A row as a masked card."""
    id_number = vault.unseal(party.id_number_sealed)
    born = identity.birth_date_of(id_number)
    return PartyCard(
        number=party.number,
        book=party.book_id,
        name_masked=_masked("name", party.name_sealed),
        id_number_masked=vault.mask("id_number", id_number),
        mobile_masked=_masked("mobile", party.mobile_sealed),
        address_masked=_masked("address", party.address_sealed),
        email_masked=_masked("email", party.email_sealed),
        region=party.region,
        industry=party.industry,
        income_monthly_minor=party.income_monthly_minor,
        age_years=identity.age_on(born, on) if born else None,
        registered_at=party.registered_at,
        version=party.version,
    )


def _masked(kind: str, sealed: str) -> str:
    return vault.mask(kind, vault.unseal(sealed)) if sealed else ""


def masked_names(numbers: Iterable[str]) -> dict[str, str]:
    """The masked name of each party, for lists; one query whatever the length."""
    found: dict[str, str] = {}
    for chunk in _chunks(sorted(set(numbers))):
        rows = Party.objects.filter(number__in=chunk).values_list("number", "name_sealed")
        found |= {number: _masked("name", sealed) for number, sealed in rows}
    return found


def known_numbers(*, book: str, numbers: Iterable[str]) -> frozenset[str]:
    """Which of these numbers are those of persons of a book."""
    found: set[str] = set()
    for chunk in _chunks(sorted(set(numbers))):
        rows = Party.objects.filter(book_id=book, number__in=chunk)
        found |= set(rows.values_list("number", flat=True))
    return frozenset(found)


def search(*, book: str, text: str, viewer: Viewer, limit: int = SEARCH_MAX) -> list[PartyCard]:
    """Persons of a book by name (whole, beginning, pinyin or initials), mobile or identity number.

    The newest come first, at most ``limit`` of them.

    :raises NotPermitted: the viewer may not see persons.
    :raises NotFound: there is no such book in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        raise NotFound(kind="book", number=book)
    card = books.get_book(book)
    country = identity.country_of(card.currency)
    plain = identity.squeezed(text)[: identity.TEXT_MAX]
    if not plain:
        return []
    found = Party.objects.filter(book_id=book)
    mobile = identity.mobile_of(plain, country)
    id_number = identity.id_number_of(plain, country)
    if mobile:
        found = found.filter(mobile_index=vault.blind_index("mobile", mobile))
    elif id_number and any(letter.isdigit() for letter in id_number):
        found = found.filter(id_index=vault.blind_index("id_number", id_number))
    else:
        token = vault.query_token("name", plain)
        holders = NameToken.objects.filter(token=token).values("party_id")
        found = found.filter(pk__in=holders)
    if viewer.scopes.parties is not None:
        found = found.filter(number__in=viewer.scopes.parties)
    return [card_of(party, card.business_date) for party in found.order_by("-id")[:limit]]


def read_mobile(text: str, *, book: BookCard) -> str:
    """A mobile in normal form (E.164), read in the country of a book.

    :raises MobileWrong: no such mobile can exist there.
    """
    country = identity.country_of(book.currency)
    plain = identity.mobile_of(text, country)
    if plain is None:
        raise MobileWrong(field="mobile", country=country)
    return plain


def find_known(id_number: str, *, book: BookCard) -> Known | None:
    """The person of a book with an identity number, by keyed indexes; for the rooms' own use.

    :raises IdNumberWrong: no such identity number can exist there.
    """
    plain = identity.id_number_of(id_number, identity.country_of(book.currency))
    if plain is None:
        raise IdNumberWrong(field="id_number")
    rows = Party.objects.filter(book_id=book.code, id_index=vault.blind_index("id_number", plain))
    found = rows.values_list("number", "id_index", "mobile_index").first()
    return Known(*found) if found else None


def has_mobile(number: str, *, mobile_index: str) -> bool:
    """Whether a person's mobile is the one behind a blind index."""
    return Party.objects.filter(number=number, mobile_index=mobile_index).exists()


def check_people(*, book: str, people: Sequence[PersonIn]) -> list[Checked]:
    """Each person in normal form with every reason why the particulars cannot be taken.

    :raises NotFound: there is no such book.
    """
    card = books.get_book(book)
    country = identity.country_of(card.currency)
    return [
        identity.check_person(person, country=country, on=card.business_date) for person in people
    ]


def indexes_of(person: PersonIn) -> Indexes:
    """The keyed indexes of a person in normal form."""
    return Indexes(
        id_index=vault.blind_index("id_number", person.id_number),
        mobile_index=vault.blind_index("mobile", person.mobile),
    )


def find_duplicates(*, book: str, people: Sequence[PersonIn]) -> list[Duplicate]:
    """Whether each person (in normal form) is known in the book, with the reason in words.

    A book without identities answers "not checked", never "passed".

    :raises NotFound: there is no such book.
    """
    if books.get_book(book).without_identity:
        return [matching.NOT_CHECKED] * len(people)
    return match_indexes(book=book, indexes=[indexes_of(person) for person in people])


def match_indexes(*, book: str, indexes: Sequence[Indexes]) -> list[Duplicate]:
    """The duplicate check on indexes; persons earlier in the list count as known too."""
    by_id: dict[str, Known] = {}
    by_mobile: dict[str, list[Known]] = defaultdict(list)
    for known in _known(book, indexes):
        by_id[known.id_index] = known
        by_mobile[known.mobile_index].append(known)
    answers = []
    for keys in indexes:
        candidates = list(by_mobile.get(keys.mobile_index, ()))
        same = by_id.get(keys.id_index)
        if same is not None and same not in candidates:
            candidates.append(same)
        answers.append(
            matching.match(id_index=keys.id_index, mobile_index=keys.mobile_index, known=candidates)
        )
        if same is None:
            # Not yet a row, so it has no number: the empty one says "earlier in this batch".
            fresh = Known("", keys.id_index, keys.mobile_index)
            by_id[keys.id_index] = fresh
            by_mobile[keys.mobile_index].append(fresh)
    return answers


def _known(book: str, indexes: Sequence[Indexes]) -> Iterator[Known]:
    seen: set[str] = set()
    for column, values in (
        ("id_index__in", sorted({keys.id_index for keys in indexes})),
        ("mobile_index__in", sorted({keys.mobile_index for keys in indexes})),
    ):
        for chunk in _chunks(values):
            rows = Party.objects.filter(book_id=book, **{column: chunk}).values_list(
                "number", "id_index", "mobile_index"
            )
            for number, id_index, mobile_index in rows:
                if number not in seen:
                    seen.add(number)
                    yield Known(number, id_index, mobile_index)


def age_of(person: PersonIn, on: date) -> int | None:
    """Completed years of a person in normal form, where the identity number tells a birth date."""
    born = identity.birth_date_of(person.id_number)
    return identity.age_on(born, on) if born else None


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


NOT_CHECKED: Final = matching.NOT_CHECKED

__all__ = [
    "NOT_CHECKED",
    "Checked",
    "Duplicate",
    "Indexes",
    "Known",
    "Match",
    "PartyCard",
    "PersonIn",
    "age_of",
    "card_of",
    "check_people",
    "find_duplicates",
    "find_known",
    "get_party",
    "has_mobile",
    "indexes_of",
    "masked_names",
    "match_indexes",
    "read_mobile",
    "search",
]
