"""Running loans of an older system, which come into the demo at its start.

One file comes as it should. A second is read wrong, which is noticed the next day: it is taken
back by two people, mended, and comes again. Their borrowers pay at the counter from then on, as
the old system's collection agreements are not carried over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.calendar import add_months
from loanops.kernel.money import format_amount
from loanops.kernel.schedule import schedule
from loanops.loanbook.servicing import operations, queries
from loanops.loanbook.servicing.operations import RepaymentIn
from loanops.loanbook.servicing.queries import DueLine
from loanops.registry.products import queries as products
from loanops.surfaces.cli.demo import reference, staff
from loanops.surfaces.cli.demo.money import CHANNEL

# Business days since the season began.
CAME: Final = 0
CAME_WRONG: Final = 1
ASKED_BACK: Final = 2
CAME_AGAIN: Final = 3
WHY: Final = "年利率一列是小数，却按百分数读入，利率低了一百倍"
NEVER_PAYS: Final = 6
"""One borrower in so many does not pay any more."""
_NIGHT: Final = timedelta(days=1)
_HOUSE: Final = Viewer.house("demo")
_ACTOR: Final = Actor.house("import")


@dataclass
class Moved:
    """What came from the old system so far: the import to be taken back, and who goes on paying."""

    wrong: str = ""
    known: set[str] = field(default_factory=set)
    paying: set[str] = field(default_factory=set)
    first: date = date.max
    paid_to: date | None = None


def of_the_day(moved: Moved, *, book: str, day: int, on: date, at: datetime) -> int:
    """Bring files in and take one back on their days; how many loans were paid onto at the counter.

    ``day`` counts business days from 0.
    """
    if day == CAME:
        _bring(book, "1", "存量贷款-第一批.csv", on, at)
        moved.first = on
        _take_note(moved, book, on)
    elif day == CAME_WRONG:
        moved.wrong = _bring(book, "2", "存量贷款-第二批.csv", on, at, per_cent=False)
    elif day == ASKED_BACK:
        _take_back(moved.wrong, on, at)
    elif day == CAME_AGAIN:
        _bring(book, "2", "存量贷款-第二批-更正.csv", on, at)
        _take_note(moved, book, moved.first)
    return _pay(moved, book, on, at)


def _bring(
    book: str, batch: str, name: str, on: date, at: datetime, *, per_cent: bool = True
) -> str:
    """Read a file of loans as of the night before, and bring it in; the number of its import."""
    read = queries.read_book(
        book_map=queries.read_book_map(reference.read("moved")),
        name=name,
        content=_file(book, batch, on - _NIGHT, per_cent=per_cent),
        cut_off=on - _NIGHT,
        viewer=_ACTOR,
    )
    return operations.import_book(read=read, actor=_ACTOR, at=at).number


def _file(book: str, batch: str, cut_off: date, *, per_cent: bool) -> bytes:
    """The old system's own file: what each loan was, and where it stands at the cut-off."""
    path = Path(__file__).parent / "data" / "moved.csv"
    with path.open(encoding="utf-8", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["batch"] == batch]
    lines = [_line(book, place, row, cut_off, per_cent=per_cent) for place, row in enumerate(rows)]
    written = io.StringIO()
    writer = csv.DictWriter(written, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return written.getvalue().encode()


def _line(
    book: str, place: int, row: Mapping[str, str], cut_off: date, *, per_cent: bool
) -> dict[str, str]:
    """A row of the file; what fell due is paid but for the instalments that were missed."""
    version = products.get_version(book=book, product=row["product"], on=cut_off + _NIGHT)
    rate, principal_minor = version.rate_annual or Decimal(0), int(row["principal"]) * 100
    begun = add_months(cut_off, -int(row["passed"])) - timedelta(days=2 + place % 20)
    terms = products.terms_for(
        version,
        principal_minor=principal_minor,
        instalments=products.instalments_for(version, int(row["term"])),
        annual_rate=rate,
        start_date=begun,
    )
    missed = int(row["missed"])
    due = [each for each in schedule(terms).rows if each.due_date <= cut_off]
    paid = due[: len(due) - missed]
    left_minor = principal_minor - sum(each.principal_minor for each in paid)
    off = missed >= NEVER_PAYS
    state = "核销" if off else "逾期" if missed else "正常" if left_minor else "结清"
    return {
        "借据号": row["number"],
        "姓名": row["name"],
        "身份证号": row["id_number"],
        "手机号": row["mobile"],
        "产品": row["product"],
        "资金方": row["funder"],
        "放款金额": format_amount(principal_minor, "CNY"),
        "本金余额": format_amount(left_minor, "CNY"),
        "年利率": f"{rate * 100 if per_cent else rate:f}",
        "期数": row["term"],
        "放款日": begun.isoformat(),
        "状态": state,
        "已还利息": format_amount(sum(each.interest_minor for each in paid), "CNY"),
        "核销日": (cut_off - timedelta(days=30)).isoformat() if off else "",
    }


def _take_note(moved: Moved, book: str, first: date) -> None:
    """Who of those that just came goes on paying: they were paid out before the season began."""
    wanted = queries.LoanFilter(book=book, state="active", limit=200)
    lines = queries.list_loans(wanted=wanted, viewer=_HOUSE).lines
    came = [line for line in lines if line.disbursed_on < first and line.number not in moved.known]
    # Numbers are drawn; what was lent and when is the same in every season.
    came.sort(key=lambda line: (line.principal_minor, line.disbursed_on))
    moved.known |= {line.number for line in came}
    moved.paying |= {line.number for place, line in enumerate(came) if place % NEVER_PAYS}


def _take_back(number: str, on: date, at: datetime) -> None:
    """One asks with a reason, another approves what both were shown; a job does it."""
    asks, approves = staff.actor("ops", on=on), staff.actor("manager", on=on)
    seen = operations.preview_undo(number=number, viewer=asks).effect
    operations.ask_undo(number=number, seen=seen, reason=WHY, actor=asks, at=at)
    operations.approve_undo(number=number, seen=seen, actor=approves, at=at)


def _pay(moved: Moved, book: str, on: date, at: datetime) -> int:
    """Money at the counter for what fell due since the last business day."""
    since = moved.paid_to or on
    moved.paid_to = on
    rows = [
        RepaymentIn(
            loan=due.loan,
            channel=CHANNEL,
            pay_no=f"OLD-{due.loan}-{due.number}",
            amount_minor=due.open_minor,
            on=on,
        )
        for due in _dues(book, since, on)
        if due.loan in moved.paying
    ]
    if rows:
        operations.repay_many(book=book, rows=rows, actor=staff.actor("ops", on=on), at=at)
    return len(rows)


def _dues(book: str, since: date, until: date) -> Iterator[DueLine]:
    day = since
    while day < until:
        day += _NIGHT
        found, _more = queries.list_dues(book=book, due_on=day, viewer=_HOUSE)
        yield from found
