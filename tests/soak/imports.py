"""Portfolios that come into a small book of chance, and are taken back by two people, or not."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from loanops.kernel.access import Actor
from loanops.kernel.calendar import add_months
from loanops.kernel.schedule import schedule
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.models import BookImport, ImportUndo
from tests.factories.moving import CURRENT, MAP, reading, template

if TYPE_CHECKING:
    from tests.soak.book import Life

HOUSE, COLLEAGUE = Actor.house("soak"), Actor.house("colleague")
MONTHS: Final = 12
LOANS_MAX: Final = 18
"""More than are opened one by one, so that a file still finds room."""


def bring_in(life: Life) -> str:
    """A file of a few loans as they stand today or stood a while ago; or one that came before."""
    chance = life.chance
    if life.loans().count() >= LOANS_MAX:
        return "enough"
    cut_off = life.today - timedelta(days=chance.choice((0, 0, 1, 5)))
    if life.files and chance.random() < 0.2:
        read = chance.choice(life.files)
    else:
        lines = [line(chance, f"S-{life.place}-{n}", cut_off) for n in range(chance.randint(1, 3))]
        read = reading(lines, text=MAP.replace("2026-06-30", cut_off.isoformat()))
        life.files.append(read)
    card = servicing.import_book(read=read, actor=HOUSE, at=life.now)
    return f"{card.loans} loans as of {read.cut_off}{' again' if card.again else ''}"


def line(chance: random.Random, number: str, cut_off: date) -> dict[str, str]:
    """A row of the file: a loan of which some instalments are paid and perhaps some are late."""
    passed = chance.randint(0, MONTHS - 1)
    paid_out = add_months(cut_off, -passed) - timedelta(days=chance.randint(0, 20))
    lent_minor = chance.randint(1_000, 30_000) * 100
    terms = template(
        principal_minor=lent_minor, annual_rate=Decimal("0.12"), instalments=MONTHS,
        start_date=paid_out,
    )  # fmt: skip
    rows = schedule(terms).rows
    due = sum(row.due_date < cut_off for row in rows)
    state = chance.choice("AABBCD") if due else "A"
    late = chance.randint(1, due) if state in "BD" else 0
    paid, missed = rows[: due - late], rows[due - late : due]
    settled = state == "C"
    left_minor = 0 if settled else lent_minor - sum(row.principal_minor for row in paid)
    values = {
        "no": number,
        "lent": lent_minor,
        "left": left_minor,
        "interest so far": sum(row.interest_minor for row in (rows if settled else paid)),
    }
    if missed:
        values["late interest"] = sum(row.interest_minor for row in missed)
    if state == "B":
        values["late principal"] = sum(row.principal_minor for row in missed)
        values["late penalty"] = chance.choice((0, 0, 123, 4_567))
    shown = {
        name: value if isinstance(value, str) else f"{Decimal(value) / 100:.2f}"
        for name, value in values.items()
    }
    since = missed[0].due_date.isoformat() if missed else ""
    return {**CURRENT, **shown, "state": state, "paid out": f"{paid_out}", "late since": since}


def ask_back(life: Life) -> str:
    """Ask that a file be taken back as it is shown; most often it is decided at once."""
    standing = BookImport.objects.filter(undone_at__isnull=True).order_by("id")
    numbers = list(standing.values_list("number", flat=True))
    if not numbers:
        return "none"
    number = numbers[-1] if life.chance.random() < 0.8 else life.chance.choice(numbers)
    seen = servicing.preview_undo(number=number, viewer=HOUSE).effect
    servicing.ask_undo(number=number, seen=seen, reason="wrong", actor=HOUSE, at=life.now)
    return decide(life) if life.chance.random() < 0.7 else _place(number)


def decide(life: Life) -> str:
    """A colleague lets it or not; what is let is done at once, or after something else came."""
    open_ = ImportUndo.objects.filter(state__in=("asked", "approved")).order_by("id")
    request = life.chance.choice(list(open_)) if open_ else None
    if request is None:
        return "none"
    number = request.brought.number
    if request.state == "asked":
        if life.chance.random() < 0.2:
            servicing.refuse_undo(number=number, note="no", actor=COLLEAGUE, at=life.now)
            return f"{_place(number)} refused"
        servicing.approve_undo(number=number, seen=request.effect, actor=COLLEAGUE, at=life.now)
        if life.chance.random() < 0.3:
            return f"{_place(number)} approved"
    servicing.go_on_undoing(request=request.number, actor=HOUSE, at=life.now)
    return f"{_place(number)} done"


def _place(number: str) -> str:
    """Which of the imports this is, the same in every run of a seed."""
    numbers = list(BookImport.objects.order_by("id").values_list("number", flat=True))
    return str(numbers.index(number) + 1)


ACTS: Final[dict[str, tuple[int, Callable[[Life], str]]]] = {
    "bring in": (4, bring_in),
    "ask back": (6, ask_back),
    "decide": (2, decide),
}
