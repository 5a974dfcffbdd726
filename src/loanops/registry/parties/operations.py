"""Orders to the customer file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.refusals import ChangedMeanwhile, NotFound
from loanops.platform import vault
from loanops.platform.books import queries as books
from loanops.platform.db import insert_many, new_numbers, upsert_many
from loanops.platform.work import unit_of_work
from loanops.registry.compliance import queries as compliance
from loanops.registry.parties import permissions, queries
from loanops.registry.parties.domain import identity
from loanops.registry.parties.domain.identity import PersonIn
from loanops.registry.parties.domain.refusals import MobileWrong
from loanops.registry.parties.models import NameToken, Party
from loanops.registry.parties.queries import Indexes

_COLUMNS = (
    "number", "book_id", "name_sealed", "id_number_sealed", "mobile_sealed", "address_sealed",
    "email_sealed", "id_index", "mobile_index", "region", "industry", "income_monthly_minor",
    "registered_at", "version",
)  # fmt: skip


@dataclass(frozen=True)
class Particulars:
    """A person in clear, for one recipient; lives only as long as the message it is put into."""

    number: str
    name: str
    id_number: str
    mobile: str
    address: str
    email: str

    def __repr__(self) -> str:
        """Says nothing personal, so that a traceback or a log line cannot either."""
        return f"Particulars({self.number})"


def register_many(
    *, book: str, people: Sequence[PersonIn], actor: Actor, at: datetime
) -> list[str]:
    """Register persons; who is known already (same identity number) keeps the number and file.

    What a known person said this time does not overwrite the file: somebody else might be using
    the papers. Returns one party number for each person, in the order given.

    :raises NotPermitted: the actor may not register persons.
    :raises NotFound: there is no such book.
    :raises IdentityMissing, NameWrong, IdNumberWrong, MobileWrong, EmailWrong, TextWrong,
        IncomeWrong: the particulars of a person; ask ``queries.check_people`` before.
    """
    require(actor, permissions.REGISTER)
    checked = queries.check_people(book=book, people=people)
    for each in checked:
        for refusal in each.refusals:
            raise refusal
    normal = [each.person for each in checked]
    indexes = [queries.indexes_of(person) for person in normal]
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        known = {
            keys.id_index: match.party
            for keys, match in zip(
                indexes, queries.match_indexes(book=book, indexes=indexes), strict=True
            )
            if match.party
        }
        fresh = {
            keys.id_index: (person, keys)
            for person, keys in zip(normal, indexes, strict=True)
            if keys.id_index not in known
        }
        made = _insert(book, list(fresh.values()), at)
        known |= made

        subjects = sorted(set(made.values()))
        if len(subjects) == 1:
            work.record("parties.registered", subject=subjects[0], count=1)
        elif subjects:
            work.record_batch("parties.registered", subjects=subjects)
        else:
            work.unchanged()
    return [known[keys.id_index] for keys in indexes]


def _insert(book: str, people: list[tuple[PersonIn, Indexes]], at: datetime) -> dict[str, str]:
    """Insert persons nobody knew a moment ago; the answer is the party number by id index.

    Somebody else may register the same person in the same moment: the first row stays.
    """
    numbers = new_numbers("PA", at, len(people))
    rows = [
        _row(book, number, person, keys, at)
        for number, (person, keys) in zip(numbers, people, strict=True)
    ]
    upsert_many(Party._meta.db_table, _COLUMNS, rows, conflict=("book_id", "id_index"))
    wanted = [keys.id_index for _, keys in people]
    found = {
        index: (pk, number)
        for index, pk, number in Party.objects.filter(
            book_id=book, id_index__in=wanted
        ).values_list("id_index", "pk", "number")
    }
    tokens = [
        (found[keys.id_index][0], token)
        for number, (person, keys) in zip(numbers, people, strict=True)
        if found[keys.id_index][1] == number
        for token in vault.name_tokens(person.name)
    ]
    insert_many(NameToken._meta.db_table, ("party_id", "token"), tokens)
    return {index: number for index, (_, number) in found.items()}


def _row(book: str, number: str, person: PersonIn, keys: Indexes, at: datetime) -> tuple[Any, ...]:
    return (
        number,
        book,
        vault.seal("name", person.name),
        vault.seal("id_number", person.id_number),
        vault.seal("mobile", person.mobile),
        vault.seal("address", person.address) if person.address else "",
        vault.seal("email", person.email) if person.email else "",
        keys.id_index,
        keys.mobile_index,
        person.region,
        person.industry,
        person.income_monthly_minor,
        at,
        0,
    )


def change_mobile(
    *, number: str, mobile: str, version: int, actor: Actor, at: datetime
) -> queries.PartyCard:
    """Write down the mobile that a person confirmed as their own.

    :raises NotPermitted: the actor may not change persons.
    :raises NotFound: there is no such person in the actor's books.
    :raises MobileWrong: no such mobile can exist in the book's country.
    :raises ChangedMeanwhile: the file was changed since ``version`` was seen.
    """
    require(actor, permissions.CHANGE)
    party = _find(number, actor)
    book = books.get_book(party.book_id)
    country = identity.country_of(book.currency)
    plain = identity.mobile_of(mobile, country)
    if plain is None:
        raise MobileWrong(field="mobile", country=country)
    with unit_of_work(actor=actor, at=at, book=book.code, on=book.business_date) as work:
        changed = Party.objects.filter(pk=party.pk, version=version).update(
            mobile_sealed=vault.seal("mobile", plain),
            mobile_index=vault.blind_index("mobile", plain),
            version=version + 1,
        )
        if not changed:
            raise ChangedMeanwhile(number=number)

        work.record("parties.mobile_changed", subject=number)
    return queries.get_party(number, viewer=Viewer.house("parties"))


def disclose_many(
    *, numbers: Sequence[str], recipient: str, act: str, book: str, actor: Actor, at: datetime
) -> dict[str, Particulars]:
    """Persons in clear for one recipient, where each consented to it; the giving is recorded.

    ``act`` is the act of the rule pack that names the consents needed (``share_with_funder``).

    :raises NotPermitted: the actor may not disclose persons.
    :raises NotFound: a person is not in the book.
    :raises ConsentMissing: a person did not consent, or withdrew.
    """
    require(actor, permissions.DISCLOSE)
    wanted = sorted(set(numbers))
    on: date = books.business_date(book)
    compliance.require_consents(book=book, subjects=wanted, act=act, recipient=recipient, on=on)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        found = {
            party.number: party for party in Party.objects.filter(book_id=book, number__in=wanted)
        }
        for number in wanted:
            if number not in found:
                raise NotFound(kind="party", number=number)

        work.record_batch("parties.disclosed", subjects=wanted, recipient=recipient, purpose=act)
    return {number: _particulars(party) for number, party in found.items()}


def _particulars(party: Party) -> Particulars:
    return Particulars(
        number=party.number,
        name=vault.unseal(party.name_sealed),
        id_number=vault.unseal(party.id_number_sealed),
        mobile=vault.unseal(party.mobile_sealed),
        address=vault.unseal(party.address_sealed) if party.address_sealed else "",
        email=vault.unseal(party.email_sealed) if party.email_sealed else "",
    )


def unmask(*, number: str, kind: str, purpose: str, actor: Actor, at: datetime) -> str:
    """One personal field in clear for one person of the staff, with a trace.

    ``kind`` is name, id_number, mobile, address or email.

    :raises NotPermitted: the actor may not see personal fields in clear.
    :raises NotFound: there is no such person, or the person has no such field.
    :raises BadField: the purpose is none of the known ones.
    """
    party = _find(number, actor)
    tokens = {
        "name": party.name_sealed,
        "id_number": party.id_number_sealed,
        "mobile": party.mobile_sealed,
        "address": party.address_sealed,
        "email": party.email_sealed,
    }
    token = tokens.get(kind, "")
    if not token:
        raise NotFound(kind=kind, number=number)
    return vault.unmask(
        actor=actor,
        at=at,
        book=party.book_id,
        on=books.business_date(party.book_id),
        subject=number,
        kind=kind,
        token=token,
        purpose=purpose,
    )


def _find(number: str, actor: Actor) -> Party:
    # PostgreSQL refuses a NUL, so what cannot be a number never reaches it.
    party = Party.objects.filter(number=number).first() if number.isprintable() else None
    if party is None or not actor.sees_book(party.book_id) or not actor.sees_party(number):
        raise NotFound(kind="party", number=number)
    return party


__all__ = [
    "Particulars",
    "PersonIn",
    "change_mobile",
    "disclose_many",
    "register_many",
    "unmask",
]
