"""Who looks and who acts: persons with grants and scopes, as plain values.

A grant is the right to do one thing (``"applications.approve"``); a scope is where it holds.
Rooms that ask rooms use the house viewer, which sees and may do everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from loanops.kernel.refusals import NotPermitted

EVERYTHING = "*"


@dataclass(frozen=True)
class Scopes:
    """The rows a person may see; ``None`` means all of them.

    ``channels`` are those by which applications came, ``parties`` the persons who asked (and the
    names under which they act), and with either goes whatever hangs on an application.
    """

    books: frozenset[str] | None = None
    funders: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    parties: frozenset[str] | None = None

    @property
    def by_application(self) -> bool:
        """Whether rows are seen one by one, each by the application that it hangs on."""
        return self.channels is not None or self.parties is not None


@dataclass(frozen=True)
class Viewer:
    """A person (or a room of the house) who asks."""

    person: str
    grants: frozenset[str] = field(default_factory=frozenset)
    scopes: Scopes = field(default_factory=Scopes)

    @classmethod
    def house(cls, name: str = "house") -> Self:
        """A room asking a room: sees everything. Not for windows."""
        return cls(person=f"house:{name}", grants=frozenset({EVERYTHING}))

    def may(self, grant: str) -> bool:
        """Whether the person holds ``grant``."""
        return grant in self.grants or EVERYTHING in self.grants

    def sees_book(self, code: str) -> bool:
        """Whether rows of the book are within the person's scope."""
        return self.scopes.books is None or code in self.scopes.books

    def sees_funder(self, code: str) -> bool:
        """Whether rows of the funder are within the person's scope."""
        return self.scopes.funders is None or code in self.scopes.funders

    def sees_channel(self, code: str) -> bool:
        """Whether applications that came by the channel are within the person's scope."""
        return self.scopes.channels is None or code in self.scopes.channels

    def sees_party(self, number: str) -> bool:
        """Whether rows of the person are within the person's scope."""
        return self.scopes.parties is None or number in self.scopes.parties

    @property
    def is_house(self) -> bool:
        """Whether this is the house itself and not a person."""
        return self.person.startswith("house:")


@dataclass(frozen=True)
class Actor(Viewer):
    """A person (or a room of the house) who orders; every order is recorded under this name."""


def require(actor: Viewer, grant: str) -> None:
    """Let the order pass only when the actor holds ``grant``.

    :raises NotPermitted: the actor does not hold it.
    """
    if not actor.may(grant):
        raise NotPermitted(grant=grant)
