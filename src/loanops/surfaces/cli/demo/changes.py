"""What happens to loans in a season beside their instalments: paid early, put off, agreed anew.

Days are counted back from the last one, as in `trouble`. Each change is looked at and ordered by
who would do it, and approved by a colleague where it takes two; one is left waiting at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from loanops.kernel.access import Viewer
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing import operations, queries
from loanops.loanbook.servicing.operations import ChangeIn
from loanops.loanbook.servicing.queries import LoanCard, LoanFilter
from loanops.surfaces.cli.demo import staff

_HOUSE: Final = Viewer.house("demo")
_LOOKED_AT: Final = 200
_TOO_MUCH_MINOR: Final = 8_800
"""What the borrower who settles pays beyond it; it is refunded the next day."""
Said = Callable[[LoanCard], dict[str, Any]]


def _nothing(loan: LoanCard) -> dict[str, Any]:
    """What a kind says that says nothing of its own."""
    del loan
    return {}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A change of the season: on which kind of loan, by whom, and what is agreed.

    ``back_days`` is how long ago it counts for. ``second`` approves what takes two people; without
    one it is left to wait. ``with_credit`` wants a loan that keeps something left over;
    ``on_changed`` takes one that was changed before, too.
    """

    kind: str
    by: str
    reason: str
    says: Said = _nothing
    state: str = "active"
    bucket: int | None = None
    with_guarantor: bool = False
    with_credit: bool = False
    on_changed: bool = False
    second: str = ""
    back_days: int = 0
    undone_because: str = ""


def _next_due(loan: LoanCard, place: int) -> date:
    rows = queries.get_schedule(number=loan.number, viewer=_HOUSE)
    waiting = [row.due_on for row in rows if row.due_on > loan.on and row.open_minor]
    return waiting[min(place, len(waiting) - 1)]


def _part(loan: LoanCard, share: int) -> int:
    """A share of what is outstanding, in whole hundreds."""
    return loan.outstanding_minor // share // 10_000 * 10_000


def _payoff(loan: LoanCard) -> dict[str, Any]:
    payoff_minor = queries.payoff_minor(number=loan.number, on=loan.on, viewer=_HOUSE)
    return {"amount_minor": payoff_minor + _TOO_MUCH_MINOR}


def _credit(loan: LoanCard) -> dict[str, Any]:
    credit = queries.list_credits(number=loan.number, viewer=_HOUSE)[0]
    return {"of": credit.key, "amount_minor": credit.left_minor}


PLAN: Final[Mapping[int, Planned]] = {
    46: Planned(
        kind="due_moved", by="postloan", reason="换了工作，工资改为每月 10 日发放",
        says=lambda loan: {
            "due": _next_due(loan, 0).isoformat(),
            "to": (_next_due(loan, 0) + timedelta(days=6)).isoformat(),
        },
    ),
    40: Planned(
        kind="prepaid", by="ops", reason="发了年终奖，希望月供降低",
        says=lambda loan: {"amount_minor": _part(loan, 3), "keep": "term"},
    ),
    36: Planned(
        kind="prepaid", by="ops", reason="希望早日还清",
        says=lambda loan: {"amount_minor": _part(loan, 4), "keep": "instalment"},
    ),
    31: Planned(kind="settled_early", by="finance", reason="货车已出售，一次结清", says=_payoff),
    30: Planned(
        kind="refunded", by="finance", second="manager", reason="结清时多付，客户要求原路退回",
        state="settled", with_credit=True, says=_credit,
    ),
    27: Planned(
        kind="rate_changed", by="ops", reason="本季度老客户优惠利率",
        says=lambda _loan: {"annual_rate": "0.0790"},
    ),
    24: Planned(
        kind="waived", by="postloan", reason="银行扣款文件迟到，非客户原因",
        state="overdue", says=lambda _loan: {"component": "interest", "amount_minor": 1_000},
    ),
    19: Planned(
        kind="deferred", by="postloan", second="risk", reason="住院治疗至元旦，已核实诊断证明",
        says=lambda loan: {"due": _next_due(loan, 0).isoformat(), "periods": 2},
    ),
    15: Planned(
        kind="extended", by="ops", second="manager", reason="收成推迟，已实地走访",
        says=lambda _loan: {"periods": 3, "fee_minor": 5_000},
    ),
    13: Planned(
        kind="rate_changed", by="ops", reason="本季度老客户优惠利率",
        undone_because="误操作：优惠对象是另一位客户",
        says=lambda _loan: {"annual_rate": "0.0650"},
    ),
    8: Planned(
        kind="prepaid", by="finance", back_days=6, reason="在旧账户中查到的转账",
        says=lambda loan: {"amount_minor": _part(loan, 5), "keep": "term"},
    ),
    6: Planned(
        kind="restructured", by="postloan", second="risk", reason="订单减半，双方已商定方案",
        state="overdue",
        says=lambda _loan: {
            "instalments": 18, "annual_rate": "0.0960", "method": "equal_instalment",
            "interest": "carry", "penalty": "waive",
            "principal": "carry", "principal_waived_minor": 20_000,
        },
    ),
    5: Planned(
        kind="compensated", by="finance", reason="对最早逾期的一期申请代偿",
        state="overdue", with_guarantor=True, on_changed=True,
    ),
    4: Planned(
        kind="counting_paused", by="ops", second="risk", reason="对扣款金额有异议，正在核对",
        state="overdue", on_changed=True, says=lambda _loan: {"cause": "dispute"},
    ),
    3: Planned(
        kind="written_off", by="finance", second="risk", reason="借款人去世，无可执行遗产",
        state="overdue", bucket=3,
    ),
    0: Planned(
        kind="deferred", by="postloan", reason="店铺进水，保险理赔预计一月到账",
        says=lambda loan: {"due": _next_due(loan, 0).isoformat(), "periods": 1},
    ),
}  # fmt: skip


def of_the_day(*, book: str, on: date, left: int, at: datetime) -> bool:
    """Order the change of the day on the first loan that it fits; whether there was one."""
    planned = PLAN.get(left)
    if planned is None:
        return False
    wanted = LoanFilter(book=book, state=planned.state, bucket=planned.bucket, limit=_LOOKED_AT)
    lines = queries.list_loans(wanted=wanted, viewer=_HOUSE).lines
    for line in reversed(lines):
        loan = queries.get_loan(number=line.number, viewer=_HOUSE)
        fits = loan.guarantor if planned.with_guarantor else True
        if planned.with_credit:
            fits = bool(loan.credit_minor)
        elif not planned.on_changed and _was_changed(loan):
            continue
        if fits and _carry_out(planned, loan, on, at):
            return True
    return False


def _was_changed(loan: LoanCard) -> bool:
    events = queries.list_events(number=loan.number, viewer=_HOUSE)
    return any(event.kind not in {"disbursed", "repaid"} for event in events)


def _carry_out(planned: Planned, loan: LoanCard, on: date, at: datetime) -> bool:
    """Look, and order what was shown; no where it does not fit this loan."""
    counts_on = max(on - timedelta(days=planned.back_days), loan.disbursed_on)
    asked = _asked(planned, loan, counts_on)
    by = staff.actor(planned.by, on=on)
    try:
        effect = operations.preview_change(asked=asked, viewer=by)
    except Refusal:
        return False
    if not effect.needs_second:
        operations.change(asked=asked, seen=effect.digest, reason=planned.reason, actor=by, at=at)
    else:
        request = operations.ask_change(
            asked=asked, seen=effect.digest, reason=planned.reason, actor=by, at=at
        )
        if planned.second:
            second = staff.actor(planned.second, on=on)
            operations.approve_change(request=request, actor=second, at=at)
    if planned.undone_because:
        _undo(planned, loan, effect.key, on, at)
    return True


def _asked(planned: Planned, loan: LoanCard, on: date) -> ChangeIn:
    takes_money = operations.ORDERS[planned.kind].takes_money
    return ChangeIn(
        loan=loan.number,
        kind=planned.kind,
        on=on,
        values=planned.says(loan),
        channel="counter" if takes_money else "",
        pay_no=f"EARLY-{on:%Y%m%d}" if takes_money else "",
    )


def _undo(planned: Planned, loan: LoanCard, key: str, on: date, at: datetime) -> None:
    by = staff.actor(planned.by, on=on)
    asked = ChangeIn(loan=loan.number, kind="reversed", on=on, values={"of": key})
    effect = operations.preview_change(asked=asked, viewer=by)
    operations.change(
        asked=asked, seen=effect.digest, reason=planned.undone_because, actor=by, at=at
    )
