"""What people do in a season: judge what a strategy referred, and clear exceptions up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from loanops.kernel.access import Actor, Viewer
from loanops.origination.applications import operations as withdrawing
from loanops.origination.applications import queries as applications
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.decisioning import operations as decisioning
from loanops.origination.decisioning import queries as decisions
from loanops.origination.routing import operations as routing
from loanops.origination.routing import queries as routing_asked
from loanops.platform.identity import queries as identity
from loanops.registry.team import operations as work
from loanops.registry.team import queries as work_asked
from loanops.surfaces.cli.demo import reference

LEFT_OPEN_DAYS: Final = 2
SILENT: Final = timedelta(days=3)
EXCEPTIONS_LEFT_OPEN_DAYS: Final = 8
_HOUSE: Final = Viewer.house("demo")
_APPROVED: Final = (
    "电话核实工作与收入，与申请一致；近半年流水稳定，同意按建议额度。",
    "补充了社保缴纳证明，收入可信；负债已结清两笔，予以通过。",
    "身份信息变更系换号，已通过运营商实名核验，同意。",
)
_DECLINED: Final = (
    "电话三次未接通，单位查无此人，无法核实收入，拒绝。",
    "近三月查询频繁且新增两笔网贷，偿债压力过大，拒绝。",
    "申请人对借款用途的说明前后不一，拒绝。",
)


def actor(login: str, *, on: date) -> Actor:
    """A member of the staff as they may act on a day."""
    return identity.actor_of_login(login, on=on)


def reviewers() -> list[str]:
    """The logins of those who review."""
    return [row["login"] for row in reference.read("staff")["people"] if row["role"] == "reviewer"]


def review(*, book: str, on: date, left: int, at: datetime) -> int:
    """Judge what was referred before today; the last days' referrals are left on the work list."""
    if left < LEFT_OPEN_DAYS:
        return 0
    wanted = applications.Filter(book=book, stages=("in_review",), until=on, limit=200)
    found = applications.list_applications(wanted, viewer=_HOUSE).cards
    people = reviewers()
    for place, card in enumerate(sorted(found, key=lambda each: each.key)):
        login = people[place % len(people)]
        _take_up(card.number, actor(login, on=on), at)
        _judge(card, actor(login, on=on), place, at)
    return len(found)


def _take_up(application: str, who: Actor, at: datetime) -> None:
    """Take the review up before judging, as the work list wants it."""
    for item in work_asked.find_open(subject=application, viewer=_HOUSE, at=at):
        if item.kind == "review" and not item.holder:
            work.claim(number=item.number, actor=who, at=at)


def _judge(card: ApplicationCard, who: Actor, place: int, at: datetime) -> None:
    verdict = decisions.verdicts_of(application=card.number, viewer=_HOUSE)[-1]
    approves = _is_sound(card)
    ceiling = verdict.limit_minor if verdict.limit_minor is not None else card.amount_minor
    # Amounts are offered in whole hundreds of yuan.
    offered = min(card.amount_minor, ceiling) // 10_000 * 10_000
    approves = approves and offered > 0
    outcome = "approve" if approves else "decline"
    notes = _APPROVED if approves else _DECLINED
    decisioning.review(
        number=card.number,
        outcome=outcome,
        reasons=(decisions.review_reasons(outcome)[place % 2].code,),
        offered_minor=offered if approves else None,
        note=notes[place % len(notes)],
        actor=who,
        at=at,
    )


def _is_sound(card: ApplicationCard) -> bool:
    """What a careful reviewer looks at: arrears, hunger for credit, what is owed already."""
    facts = card.facts
    income = facts.get("income_monthly_minor") or 0
    debts = facts.get("debt_monthly_minor") or 0
    return (
        (facts.get("overdue_24m") or 0) <= 1
        and (facts.get("inquiries_3m") or 0) <= 6
        and debts * 2 < income
    )


def end_unanswered(*, book: str, on: date, at: datetime) -> int:
    """Withdraw for borrowers who let an offer expire and were not heard of since."""
    wanted = applications.Filter(book=book, stages=("approved",), limit=200)
    found = applications.list_applications(wanted, viewer=_HOUSE).cards
    silent = [card for card in found if on - card.moved_on > SILENT]
    who = actor("ops", on=on)
    for card in silent:
        withdrawing.withdraw(
            number=card.number,
            reason="other",
            version=card.version,
            actor=who,
            at=at,
        )
    return len(silent)


def clear_exceptions(*, book: str, on: date, left: int, at: datetime) -> None:
    """Take exceptions up and close them with a word; those of the last days stay open."""
    who = actor("ops", on=on)
    for card in routing_asked.list_exceptions(book=book, viewer=_HOUSE):
        if not card.owner:
            routing.assign_exception(number=card.number, owner="ops", actor=who, at=at)
        elif left >= EXCEPTIONS_LEFT_OPEN_DAYS:
            routing.close_exception(
                number=card.number,
                note="已与银行对账：以查询结果为准，回调为对方系统重发旧消息，双方台账一致。",
                actor=who,
                at=at,
            )
