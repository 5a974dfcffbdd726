"""Borrowers who sign in by the code that a pocket received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from loanops.registry.borrowers import operations, queries
from loanops.registry.borrowers.operations import Challenge
from loanops.registry.borrowers.queries import Borrower
from tests.factories.carriers import Pocket, carry_due
from tests.factories.people import AT

ADDRESS = "203.0.113.7"


@dataclass(frozen=True)
class Entered:
    """A session and its token."""

    token: str
    at: datetime

    @property
    def who(self) -> Borrower:
        """Whom the token stands for at the moment of entering."""
        found = queries.find_borrower(self.token, at=self.at)
        assert found is not None
        return found


def ask(
    book: str, mobile: str, *, at: datetime = AT, address: str = ADDRESS, language: str = "zh-hans"
) -> Challenge:
    """Ask for a code and let the message be carried."""
    challenge = operations.send_code(
        book=book,
        mobile=mobile,
        language=language,
        address=address,
        actor=queries.visitor(book=book),
        at=at,
    )
    carry_due(at)
    return challenge


def enter(book: str, mobile: str, carrier: Pocket, *, at: datetime = AT) -> Entered:
    """Sign a mobile in, whoever holds it."""
    challenge = ask(book, mobile, at=at)
    token = operations.sign_in(
        book=book,
        challenge=challenge.token,
        code=carrier.code,
        device="Test phone",
        actor=queries.visitor(book=book),
        at=at + timedelta(seconds=10),
    )
    return Entered(token, at + timedelta(seconds=10))
