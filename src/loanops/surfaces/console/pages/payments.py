"""Pages of payments: debit files with their orders, files of banks, unapplied money, refunds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.loanbook.servicing import permissions as of_loans
from loanops.money.payments import operations, permissions, queries
from loanops.money.payments.operations import Announced, AnswerFileWrong
from loanops.money.payments.queries import DebitPolicy, FileFilter, OrderFilter
from loanops.platform.web import clock
from loanops.platform.web.templatetags import money
from loanops.platform.web.words import words_of
from loanops.surfaces.console.forms.fields import read_day
from loanops.surfaces.console.forms.payments import (
    BankFileForm,
    NotPaidForm,
    PaidOutForm,
    PolicyForm,
    RefundForm,
    ReturnFileForm,
)
from loanops.surfaces.console.pages.naming import channel_name
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render
from loanops.surfaces.console.pages.words.collecting import DEBIT_FILES, DEBIT_ORDERS

PAGE = 30
ORDERS = 100
ROWS_SHOWN = 200


def _channels(request: ConsoleRequest) -> dict[str, str]:
    return {
        code: channel_name(request, code)
        for code in queries.channels_debited(book=request.book.code)
    }


@page(permissions.VIEW, needs_book=True)
def debits(request: ConsoleRequest) -> HttpResponse:
    """The debit files of the book, newest first, and the policies they are made by."""
    asked, book = request.GET, request.book
    channels = _channels(request)
    state, channel = asked.get("state", ""), asked.get("channel", "")
    wanted = FileFilter(
        book=book.code,
        on=read_day(asked.get("on", "")),
        channel=channel if channel in channels else "",
        state=state if state in DEBIT_FILES else "",
        before=asked.get("before", "")[:64],
        limit=PAGE,
    )
    files = queries.find_files(wanted=wanted, viewer=request.actor)
    figures = queries.figures_of(files=[card.number for card in files])
    in_force = queries.policies_on(book=book.code, on=book.business_date)
    form = PolicyForm(
        currency=book.currency,
        channels=channels,
        initial={
            **_typed(in_force.otherwise),
            "effective_from": book.business_date + timedelta(days=1),
        },
    )
    context = {
        "files": [(card, figures.get(card.number)) for card in files],
        "next": files[-1].number if len(files) == PAGE else "",
        "wanted": wanted,
        "states": DEBIT_FILES,
        "channels": channels,
        "in_force": [("", in_force.otherwise), *sorted(in_force.of_channels.items())],
        "policies": queries.list_policies(book=book.code, viewer=request.actor),
        "may_set": request.actor.may(permissions.SET_POLICY),
        "may_return": request.actor.may(permissions.RETURN),
        "form": form,
        "return_form": ReturnFileForm(
            currency=book.currency, channels=channels, auto_id="returned_%s"
        ),
    }
    return render(request, "console/payments/debits.html", context)


def _typed(policy: DebitPolicy) -> dict[str, Any]:
    least = policy.part_min_minor
    return {
        **{name: getattr(policy, name) for name in DebitPolicy.__dataclass_fields__},
        "windows": ", ".join(policy.windows),
        "retry_dpd": ", ".join(str(days) for days in policy.retry_dpd),
        "part_min_minor": "" if least is None else f"{least // 100}.{least % 100:02d}",
    }


@order(permissions.SET_POLICY, needs_book=True)
def set_policy(request: ConsoleRequest) -> HttpResponse:
    """Set how a channel debits from a day on."""
    form = PolicyForm(request.POST, currency=request.book.currency, channels=_channels(request))
    typed = form.read()
    operations.set_debit_policy(
        book=request.book.code,
        channel=typed["channel"],
        policy=form.policy_of(typed),
        effective_from=typed["effective_from"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The debit policy is set."), "console:debits")


@page(permissions.VIEW, needs_book=True)
def debit_file(request: ConsoleRequest, number: str) -> HttpResponse:
    """One debit file with its orders, and the upload of its answer."""
    return render(request, "console/payments/debit_file.html", _about_file(request, number))


def _about_file(request: ConsoleRequest, number: str) -> dict[str, Any]:
    card = queries.get_file(number=number, viewer=request.actor)
    currency = next(each.currency for each in request.desk.books if each.code == card.book)
    state = request.GET.get("state", "")
    wanted = OrderFilter(
        file=number,
        state=state if state in DEBIT_ORDERS else "",
        before=request.GET.get("before", "")[:64],
        limit=ORDERS,
    )
    orders = queries.list_orders(wanted=wanted, viewer=request.actor)
    return {
        "file": card,
        "currency": currency,
        "figures": queries.figures_of(files=[number]).get(number),
        "orders": orders,
        "next": orders[-1].number if len(orders) == ORDERS else "",
        "state": wanted.state,
        "states": DEBIT_ORDERS,
        "answers": queries.list_answer_files(file=number, viewer=request.actor),
        "may_take": card.state in {"sent", "answered"}
        and request.actor.may(permissions.SEND_DEBITS),
        "form": BankFileForm(currency=currency),
    }


@order(permissions.SEND_DEBITS, needs_book=True)
def take_answer(request: ConsoleRequest, number: str) -> HttpResponse:
    """Take the answer to a debit file from a file; every bad row is shown, and nothing booked."""
    about = _about_file(request, number)
    typed = BankFileForm(request.POST, request.FILES, currency=about["currency"]).read()
    try:
        taken = operations.take_answer_file(
            file=number,
            name=typed["file"].name,
            content=typed["file"].read(),
            announced=Announced(count=typed["count"], total_minor=typed["total_minor"]),
            actor=request.actor,
            at=clock.now(),
        )
    except AnswerFileWrong as wrong:
        return _report(request, wrong, typed["file"].name)
    return done(request, _taken(taken, about["currency"]), "console:debit_file", number)


@order(permissions.RETURN, needs_book=True)
def take_returns(request: ConsoleRequest) -> HttpResponse:
    """Take a file of payments that a bank took back."""
    form = ReturnFileForm(
        request.POST,
        request.FILES,
        currency=request.book.currency,
        channels=_channels(request),
    )
    typed = form.read()
    try:
        taken = operations.take_return_file(
            book=request.book.code,
            channel=typed["channel"],
            name=typed["file"].name,
            content=typed["file"].read(),
            announced=Announced(count=typed["count"], total_minor=typed["total_minor"]),
            actor=request.actor,
            at=clock.now(),
        )
    except AnswerFileWrong as wrong:
        return _report(request, wrong, typed["file"].name)
    return done(request, _taken(taken, request.book.currency), "console:unapplied")


def _taken(taken: operations.FileTaken, currency: str) -> str:
    return _("The file is taken: %(rows)s rows, %(total)s.") % {
        "rows": taken.rows,
        "total": money(taken.total_minor, currency),
    }


def _report(request: ConsoleRequest, wrong: AnswerFileWrong, name: str) -> HttpResponse:
    """Every row that cannot be taken, with its line, its column and why."""
    context = {
        "name": name,
        "said": words_of(wrong),
        "rows": [(row.line, row.column, words_of(row.refusal)) for row in wrong.rows[:ROWS_SHOWN]],
        "more": max(len(wrong.rows) - ROWS_SHOWN, 0),
    }
    return render(request, "console/payments/report.html", context, status=wrong.status)


@page(permissions.VIEW, needs_book=True)
def unapplied(request: ConsoleRequest) -> HttpResponse:
    """Money without a place, what banks took back, and refunds."""
    book, actor = request.book, request.actor
    cards = queries.list_unapplied(
        book=book.code, viewer=actor, before=request.GET.get("before", "")[:32], limit=PAGE
    )
    returns = queries.list_returns(book=book.code, viewer=actor, limit=PAGE)
    context = {
        "cards": cards,
        "next": cards[-1].receipt if len(cards) == PAGE else "",
        "total_minor": queries.unapplied_minor(book=book.code, viewer=actor),
        "returns": returns,
        "refunds_open": queries.count_refunds_open(book=book.code, viewer=actor),
        "waiting_minor": sum(card.waiting_minor for card in returns),
        "refunds": queries.list_refunds(book=book.code, viewer=actor, limit=PAGE),
        "may_ask": actor.may(permissions.REQUEST_REFUND),
        "may_give_credit_back": actor.may(of_loans.VIEW) and actor.may(of_loans.REFUND),
        "may_decide": actor.may(permissions.DECIDE_REFUND),
        "may_send": actor.may(permissions.SEND_REFUND),
        "form": RefundForm(currency=book.currency),
        "paid_form": PaidOutForm(),
        "failed_form": NotPaidForm(),
    }
    return render(request, "console/payments/unapplied.html", context)


@order(permissions.REQUEST_REFUND, needs_book=True)
def request_refund(request: ConsoleRequest, number: str) -> HttpResponse:
    """Ask for unapplied money to be given back."""
    typed = RefundForm(request.POST, currency=request.book.currency).read()
    operations.request_refund(receipt=number, actor=request.actor, at=clock.now(), **typed)
    return done(request, _("The refund waits for another person."), "console:unapplied")


@order(permissions.DECIDE_REFUND, needs_book=True)
def decide_refund(request: ConsoleRequest, number: str, move: str) -> HttpResponse:
    """Let a refund go, or refuse it."""
    decide = operations.approve_refund if move == "approve" else operations.refuse_refund
    decide(number=number, actor=request.actor, at=clock.now())
    return done(request, _("The refund is decided."), "console:unapplied")


@order(permissions.SEND_REFUND, needs_book=True)
def end_refund(request: ConsoleRequest, number: str, move: str) -> HttpResponse:
    """Say that the bank paid a refund out, or did not take it."""
    if move == "confirm":
        operations.confirm_refund(
            number=number, actor=request.actor, at=clock.now(), **PaidOutForm(request.POST).read()
        )
    else:
        operations.fail_refund(
            number=number, actor=request.actor, at=clock.now(), **NotPaidForm(request.POST).read()
        )
    return done(request, _("The end of the refund is kept."), "console:unapplied")
