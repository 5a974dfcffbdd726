"""What a partner's program may see of rows that hang on an application: those of its own alone.

Rooms scope by book, funder and channel; what hangs on an application without a room's query is
looked up here. A row of another partner answers like a row that does not exist.
"""

from __future__ import annotations

from dataclasses import replace

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.refusals import NotFound
from loanops.loanbook.servicing import permissions as servicing_permissions
from loanops.loanbook.servicing import queries as servicing
from loanops.loanbook.servicing.queries import LoanCard
from loanops.origination.applications import permissions
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import queries as contracts
from loanops.origination.contracts.queries import ContractCard, OfferCard
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard


def seen_book(code: str, actor: Actor) -> BookCard:
    """A book within the caller's scope.

    :raises NotFound: there is none.
    """
    if not actor.sees_book(code):
        raise NotFound(kind="book", number=code)
    return books.get_book(code)


def seeing(actor: Actor, grant: str) -> Viewer:
    """The caller with one grant lent: for a look that another grant of the caller allows."""
    return replace(actor, grants=actor.grants | {grant})


def check_own(application: str, actor: Actor, *, kind: str, number: str) -> None:
    """Let the caller pass only when the application is within its scope.

    :raises NotFound: of the row that hangs on it, as if it did not exist.
    """
    if actor.scopes.channels is None:
        return
    try:
        applications.get_application(application, viewer=seeing(actor, permissions.VIEW))
    except NotFound:
        raise NotFound(kind=kind, number=number) from None


def own_offer(number: str, actor: Actor) -> OfferCard:
    """An offer within the caller's scope.

    :raises NotPermitted: the caller may not see contracts.
    :raises NotFound: there is none.
    """
    card = contracts.get_offer(number, viewer=actor)
    check_own(card.application, actor, kind="offer", number=number)
    return card


def own_contract(number: str, actor: Actor) -> ContractCard:
    """A contract within the caller's scope.

    :raises NotPermitted: the caller may not see contracts.
    :raises NotFound: there is none.
    """
    card = contracts.get_contract(number, viewer=actor)
    check_own(card.application, actor, kind="contract", number=number)
    return card


def own_loan(number: str, actor: Actor) -> LoanCard:
    """A loan within the caller's scope.

    :raises NotPermitted: the caller may not see loans.
    :raises NotFound: there is none.
    """
    card = servicing.get_loan(number=number, viewer=actor)
    check_own(card.application, actor, kind="loan", number=number)
    return card


def paid_loan(number: str, actor: Actor) -> LoanCard:
    """The loan that a payment company may pay onto: one in its books.

    :raises NotFound: there is none.
    """
    # Whoever collects money is no channel: the loans of all channels are paid onto.
    everyone = replace(actor, scopes=replace(actor.scopes, channels=None))
    return servicing.get_loan(number=number, viewer=seeing(everyone, servicing_permissions.VIEW))
