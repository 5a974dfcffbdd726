"""Teams of a season: who takes which work, how soon it is to be done, and who takes what up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from loanops.kernel.access import Viewer
from loanops.origination.applications import operations as papers
from loanops.origination.applications import queries as applications
from loanops.registry.team import operations, queries
from loanops.registry.team.operations import Level
from loanops.registry.team.queries import ItemCard, ItemFilter, View
from loanops.surfaces.cli.demo import staff

_HOUSE: Final = Viewer.house("demo")
_TEAMS: Final = (
    (
        "credit",
        "授信审核组",
        ("reviewer", "li.hang", "yang.lei", "he.jing"),
        ("review", "document"),
    ),
    (
        "operations",
        "运营组",
        ("ops", "xu.bo", "ma.li", "finance", "song.jia"),
        ("supplement", "aside", "exception"),
    ),
    ("control", "复核组", ("risk", "manager", "finance"), ("change", "reread", "undo", "refund")),
)
_HOUR: Final = 60
# Business days left: the service level that the manager sets then, and why.
_LEVELS: Final = {
    20: (
        "review",
        Level(3 * _HOUR, 70, 10_000_000, 2 * _HOUR),
        "旺季前提速：审核三小时内办结，十万元以上优先。",
    ),
    12: ("exception", Level(4 * _HOUR, 75), "与银行约定四个工作小时内互相核对。"),
}
_STATEMENT: Final = (
    "银行流水（演示）\n日期　　　　摘要　　金额\n10-10　　　工资　　12,300.00\n".encode()
)
TAKEN_UP: Final = 3
"""Reviews that lie with a reviewer when the season ends; the others wait for whoever is next."""


def form(*, book: str, on: date, at: datetime) -> None:
    """The teams as they are from the first day."""
    manager = staff.actor("manager", on=on)
    for code, name, members, kinds in _TEAMS:
        operations.set_team(
            book=book, code=code, name=name, members=members, kinds=kinds, version=None,
            actor=manager, at=at,
        )  # fmt: skip


def of_the_day(*, book: str, on: date, left: int, at: datetime) -> None:
    """A service level set on its day; on the last one some of the work is taken up."""
    manager = staff.actor("manager", on=on)
    if left in _LEVELS:
        kind, level, reason = _LEVELS[left]
        operations.set_level(
            book=book, kind=kind, effective_from=on, level=level, reason=reason,
            actor=manager, at=at,
        )  # fmt: skip
    if left == 1:
        _papers(book, on, at)
    if left == 0:
        _send_back(book, on, at)
        for place, item in enumerate(_waiting(book, "review", at)[:TAKEN_UP]):
            people = staff.reviewers()
            operations.assign(
                number=item.number, to=people[place % len(people)], actor=manager, at=at
            )
        for item in _waiting(book, "exception", at)[:1]:
            operations.claim(number=item.number, actor=staff.actor("ops", on=on), at=at)
        operations.save_filter(
            book=book, name="临近超时的审核", query="view=all&kind=review&standing=at_risk",
            shared=True, actor=manager, at=at,
        )  # fmt: skip


def _papers(book: str, on: date, at: datetime) -> None:
    """Borrowers bring statements of their accounts, which nobody has judged yet."""
    wanted = applications.Filter(book=book, stages=("in_review", "approved", "offered"), limit=6)
    for card in applications.list_applications(wanted, viewer=_HOUSE).cards:
        papers.add_document(
            number=card.number, kind="bank_statement", name="statement.txt", content=_STATEMENT,
            actor=staff.actor("ops", on=on), at=at,
        )  # fmt: skip


def _send_back(book: str, on: date, at: datetime) -> None:
    """One of them cannot be read, and the borrower is asked for another."""
    reviewer = staff.actor("reviewer", on=on)
    for item in _waiting(book, "document", at)[:1]:
        [paper, *_] = applications.list_documents(item.subject, viewer=_HOUSE)
        papers.send_back_document(document=paper.number, reason="unreadable", actor=reviewer, at=at)


def _waiting(book: str, kind: str, at: datetime) -> list[ItemCard]:
    where = ItemFilter(book, View.UNASSIGNED, kind=kind)
    return list(queries.list_items(where, viewer=_HOUSE, at=at).cards)
