"""An import that is taken back and killed with signal 9 on the way, in processes of its own.

``build`` brings a file in and closes three days; ``killed`` takes it back and dies at each stage;
``beside`` takes it back twice at once; ``clean`` takes it back and prints what came of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from loanops.config import startup

startup.start()

from loanops.loanbook.servicing import operations as servicing  # noqa: E402
from loanops.loanbook.servicing.models import BookImport, Loan, LoanEvent  # noqa: E402
from loanops.loanbook.servicing.operations import undoing  # noqa: E402
from tests.factories.loans import AT, HOUSE, close_until  # noqa: E402
from tests.factories.moving import CUT_OFF, open_moving_book, reading  # noqa: E402
from tests.rooms.servicing.killed import die, fork, in_child, wait  # noqa: E402
from tests.rooms.servicing.moved import EVERYTHING  # noqa: E402

STAGES = ("insert_reversals", "withdraw_loans", "_tell")


def build() -> None:
    open_moving_book()
    servicing.import_book(read=reading(EVERYTHING), actor=HOUSE, at=AT)
    close_until(CUT_OFF + timedelta(days=3))


def clean() -> None:
    number = BookImport.objects.get().number
    seen = servicing.preview_undo(number=number, viewer=HOUSE).effect
    card = servicing.undo_import(
        number=number, seen=seen, reason="wrong file", actor=HOUSE, at=datetime.now(tz=UTC)
    )
    json.dump({"again": card.again, "loans": card.loans}, sys.stdout)


def killed() -> None:
    """The parent never touches the database; each child dies when a stage has done its work."""
    for stage in STAGES:
        if in_child(lambda stage=stage: dying(stage)) >= 0:
            sys.exit(f"the undoing was not killed in {stage}")


def dying(stage: str) -> None:
    done: Callable[..., Any] = getattr(undoing, stage)

    def do_and_die(*values: Any, **named: Any) -> None:
        done(*values, **named)
        die()

    setattr(undoing, stage, do_and_die)
    clean()


def beside() -> None:
    """Two at once; both end well, and one of them does it."""
    children = [fork(clean) for _ in range(2)]
    if [wait(child) for child in children] != [0, 0]:
        sys.exit("taking back beside another failed")


def dump() -> None:
    counts = {
        "withdrawn": Loan.objects.filter(state="withdrawn").count(),
        "reversed": LoanEvent.objects.filter(kind="reversed").count(),
        "undone": BookImport.objects.filter(undone_at__isnull=False).count(),
    }
    json.dump(counts, sys.stdout)


WAYS: dict[str, Callable[[], None]] = {
    "build": build, "clean": clean, "killed": killed, "beside": beside, "dump": dump,
}  # fmt: skip

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
