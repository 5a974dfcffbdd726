"""Orders about documents: render the PDF of contracts, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.origination.contracts import permissions
from loanops.origination.contracts.domain.document import Borrower, document
from loanops.origination.contracts.domain.refusals import BorrowerChanged
from loanops.origination.contracts.models import Contract
from loanops.origination.contracts.operations._persons import borrowers, digest_of
from loanops.origination.contracts.operations._rows import hold_contracts
from loanops.origination.contracts.ports import PAGES, TYPESETTERS
from loanops.origination.contracts.queries import (
    ContractCard,
    OfferCard,
    find_contracts,
    find_offers,
)
from loanops.origination.contracts.queries.templates import template_of
from loanops.platform.books import queries as books
from loanops.platform.db import update_many
from loanops.platform.files import operations as files
from loanops.platform.work import unit_of_work
from loanops.registry.parties.operations import Particulars


def render_many(*, contracts: Sequence[str], actor: Actor, at: datetime) -> int:
    """Render and keep the PDF of each contract that has none yet; returns how many were made.

    :raises NotPermitted: the actor may not render.
    :raises NotFound: a contract does not exist.
    :raises TemplateChanged: a template is not the one a contract was drawn up with.
    :raises BorrowerChanged: a person's name or identity number changed since.
    :raises GlyphMissing: the fonts lack a character.
    """
    require(actor, permissions.RENDER)
    cards = find_contracts(contracts)
    for number in contracts:
        if number not in cards:
            raise NotFound(kind="contract", number=number)
    waiting = [cards[number] for number in dict.fromkeys(contracts) if not cards[number].file]
    if not waiting:
        return 0
    book = waiting[0].book
    on = books.business_date(book)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        people = borrowers(work, [card.party for card in waiting])
        work.unchanged()
    # Setting pages takes long: nobody else's writing waits for it.
    made = compose_many(contracts=waiting, people=people)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        held = hold_contracts(list(made), book=book, actor=actor)
        lacking = [number for number in made if number in held and not held[number].file_id]
        kept = []
        for number in lacking:
            file = files.store(
                work=work,
                kind="contract",
                name=f"{number}.pdf",
                content=made[number],
                actor=actor,
                at=at,
            )
            kept.append((number, file.number, file.sha256, at))
        update_many(
            Contract._meta.db_table, ("number",), ("file_id", "file_sha256", "rendered_at"), kept
        )

        if lacking:
            work.record_batch("contracts.rendered", subjects=lacking)
        else:
            work.unchanged()
    return len(lacking)


def compose_many(
    *, contracts: Sequence[ContractCard], people: Mapping[str, Particulars]
) -> dict[str, bytes]:
    """The PDF of each contract, made anew; the same bytes whenever it is made.

    :raises TemplateChanged, BorrowerChanged, GlyphMissing: as :func:`render_many`.
    """
    offers = find_offers([card.offer for card in contracts])
    return {card.number: _compose(card, offers[card.offer], people) for card in contracts}


def _compose(card: ContractCard, offer: OfferCard, people: Mapping[str, Particulars]) -> bytes:
    person = people.get(card.party)
    if person is not None and digest_of(person) != card.data["borrower"]["digest"]:
        raise BorrowerChanged(party=card.party, contract=card.number)
    template = template_of(card.template_version, card.number)
    borrower = Borrower(person.name, person.id_number) if person else Borrower("", "")
    page = document(
        template.words,
        data=card.data,
        statement=offer.statement,
        rows=[
            (row.number, row.due_date, row.principal_minor, row.interest_minor, row.fees_minor,
             row.total_minor, row.balance_minor)
            for row in offer.schedule
        ],
        borrower=borrower,
        witness=card.witness,
    )  # fmt: skip
    return TYPESETTERS[PAGES].render(template=template.layout, data=page, dated=card.drawn_up_on)
