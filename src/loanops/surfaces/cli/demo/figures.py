"""The figures of the operation as it stands, for the summary that `demo --no-serve` ends with."""

from __future__ import annotations

from typing import Any

from loanops.kernel.access import Viewer
from loanops.kernel.money import format_amount
from loanops.loanbook.servicing import queries as loans
from loanops.money.ledger import queries as ledger
from loanops.origination.applications import queries as applications
from loanops.origination.routing import queries as routing
from loanops.platform.books import queries as books
from loanops.platform.jobs import queries as jobs
from loanops.platform.web import clock
from loanops.registry.team import queries as work
from loanops.surfaces.cli import verify

_HOUSE = Viewer.house("demo")


def figures(book: str) -> dict[str, Any]:
    """What a manager would ask first, and whether everything fits."""
    card = books.get_book(book)
    ageing = loans.list_ageing(book=book, viewer=_HOUSE)
    moves = loans.count_moves(book=book, viewer=_HOUSE)
    sums = ledger.trial_balance(book=book, viewer=_HOUSE)
    verified = verify.report()
    return {
        "business_date": card.business_date,
        "applications_by_stage": applications.count_by_stage(book=book, viewer=_HOUSE),
        "loans": sum(line.loans for line in ageing) + moves.get("settle", 0),
        "settled": moves.get("settle", 0),
        "outstanding": format_amount(sum(line.outstanding_minor for line in ageing), card.currency),
        "buckets": {line.name: line.loans for line in ageing if line.loans},
        "fell_overdue": moves.get("fall_overdue", 0),
        "cures": moves.get("cure", 0),
        "funders": {
            each.funder: {
                "asked": each.asked, "approved": each.approved, "refused": each.refused,
                "waiting": each.waiting, "paid": each.paid_count,
            }
            for each in routing.figures_by_funder(book=book, viewer=_HOUSE)
        },
        "work_items": {
            line.kind: {"open": line.open, "late": line.late}
            for line in work.get_board(
                book=book, days=30, viewer=_HOUSE, at=clock.now()
            ).lines if line.open
        },
        "changes_waiting": loans.count_requests(book=book, viewer=_HOUSE),
        "exceptions_open": routing.count_exceptions(book=book, viewer=_HOUSE),
        "dead_jobs": jobs.count_dead(viewer=_HOUSE),
        "debit_total": format_amount(sums.debit_minor, card.currency),
        "credit_total": format_amount(sums.credit_minor, card.currency),
        "verify": {"ok": verified["ok"], "checks": verified["checks"],
                   "violations": len(verified["violations"])},
    }  # fmt: skip
