"""Orders over many items, carried out by a job: part by part, each with its own witness.

The job acts in the name of who asked, with what they may do when it runs. How far it is stands in
the row and commits with each part, so a run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound, Refusal
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.files import operations as files
from loanops.platform.files import queries as kept_files
from loanops.platform.sheets.writing import csv_of, xlsx_of
from loanops.platform.work import Work, unit_of_work
from loanops.registry.team import permissions, queries
from loanops.registry.team.domain.lifecycle import State
from loanops.registry.team.domain.refusals import NothingHeld, TooMany
from loanops.registry.team.models import Item, Run
from loanops.registry.team.operations.many import Outcome, assign_many, release_many
from loanops.registry.team.operations.teams import reason_given
from loanops.registry.team.queries.items import card_of, numbers_of, seen
from loanops.registry.team.queries.runs import HEAD, RunCard, find_run, line_of, run_card

JOB: Final = "team.run"
PART: Final = 200
TOTAL_MAX: Final = 20_000
REFUSALS_MAX: Final = 200
FORMS: Final = {"xlsx": xlsx_of, "csv": csv_of}
_GRANTS: Final = {
    "assign": permissions.DISTRIBUTE,
    "release": permissions.TAKE,
    "hand_over": permissions.DISTRIBUTE,
    "export": permissions.EXPORT,
}


def assign_by_run(
    *, book: str, numbers: Sequence[str], to: str, actor: Actor, at: datetime
) -> RunCard:
    """Give items to somebody, or where nobody is named to who has the fewest, by a job.

    :raises NotPermitted: the actor may not distribute work.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: nothing is chosen.
    :raises TooMany: these are more than a run takes.
    """
    return _ask("assign", book, numbers, {"to": to}, actor=actor, at=at)


def release_by_run(*, book: str, numbers: Sequence[str], actor: Actor, at: datetime) -> RunCard:
    """Give items back to the queue, by a job.

    :raises NotPermitted: the actor may not take work.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: nothing is chosen.
    :raises TooMany: these are more than a run takes.
    """
    return _ask("release", book, numbers, {}, actor=actor, at=at)


def hand_over(
    *, book: str, holder: str, to: str, reason: str, actor: Actor, at: datetime
) -> RunCard:
    """Hand over all that somebody has, as when they leave: to one, or to their teams by load.

    :raises NotPermitted: the actor may not distribute work.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: the person is to get it back, or no reason is given.
    :raises NothingHeld: the person has nothing.
    :raises TooMany: these are more than a run takes.
    """
    require(actor, permissions.DISTRIBUTE)
    said = reason_given(reason)
    if to == holder:
        raise BadField(field="to", problem="choose somebody else")
    held = Item.objects.filter(book_id=book, holder=holder, state=State.HELD.value)
    numbers = list(held.order_by("next_at", "id").values_list("number", flat=True))
    if not numbers:
        raise NothingHeld(person=holder)
    values = {"to": to, "holder": holder, "reason": said}
    return _ask("hand_over", book, numbers, values, actor=actor, at=at)


def export_items(*, where: queries.ItemFilter, form: str, actor: Actor, at: datetime) -> RunCard:
    """Write the items of a list into a file, ``xlsx`` or ``csv``, by a job.

    :raises NotPermitted: the actor may not export, or not see the work list.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: the list is empty, or there is no such form.
    :raises TooMany: these are more than a run takes.
    """
    require(actor, permissions.EXPORT)
    if form not in FORMS:
        raise BadField(field="form", problem="choose one of: {forms}", forms=", ".join(FORMS))
    numbers = numbers_of(where, viewer=actor, at=at, limit=TOTAL_MAX + 1)
    return _ask("export", where.book, numbers, {"form": form}, actor=actor, at=at)


def _ask(
    verb: str,
    book: str,
    numbers: Sequence[str],
    values: dict[str, str],
    *,
    actor: Actor,
    at: datetime,
) -> RunCard:
    require(actor, _GRANTS[verb])
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        raise BadField(field="numbers", problem="choose at least one work item")
    if len(wanted) > TOTAL_MAX:
        raise TooMany(field="numbers", most=TOTAL_MAX)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        row = Run.objects.create(
            number=new_number("RN", at),
            book_id=book,
            verb=verb,
            values_json=json.dumps({**values, "numbers": wanted}),
            total=len(wanted),
            asked_by=actor.person,
            asked_at=at,
        )
        work.enqueue(JOB, key=f"{JOB}:{row.number}", payload={"run": row.number})

        work.record("team.run_asked", subject=row.number, verb=verb, count=len(wanted))
        if verb == "hand_over":
            work.record(
                "team.handed_over",
                subject=values["holder"],
                to=values["to"],
                reason=values["reason"],
            )
    return run_card(row)


def go_on(*, run: str, actor: Actor, at: datetime) -> None:
    """Carry a run on to its end; one that has ended stays as it is.

    :raises NotPermitted: the actor may not settle.
    """
    require(actor, permissions.SETTLE)
    row = Run.objects.get(number=run)
    person = queries.find_people([row.asked_by], book=row.book_id, at=at).get(row.asked_by)
    # Somebody who may do nothing any more: each item says so.
    asker = person or Actor(person=row.asked_by)
    while _next_part(run, row.book_id, asker, at):
        pass


def _next_part(number: str, book: str, asker: Actor, at: datetime) -> bool:
    """Do the next part; whether there may be more."""
    with unit_of_work(actor=asker, at=at, book=book, on=books.business_date(book)) as work:
        row = Run.objects.select_for_update().get(number=number)
        if row.finished_at is not None:
            work.unchanged()
            return False
        values: dict[str, Any] = json.loads(row.values_json)
        begun = row.done + row.refused
        part = values["numbers"][begun : begun + PART]
        try:
            outcome = _DO[row.verb](work, row, part, values, asker)
        except Refusal as refusal:
            outcome = Outcome((), tuple((each, refusal) for each in part))
        row.done += len(outcome.done)
        row.refused += len(outcome.refused)
        row.refusals = [*row.refusals, *map(_told, outcome.refused)][:REFUSALS_MAX]
        if row.done + row.refused == row.total:
            row.finished_at = at
            work.record("team.run_done", subject=number, count=row.done, refused=row.refused)
        row.save()
        work.unchanged()
    return row.finished_at is None


def _assign(
    work: Work, row: Run, part: Sequence[str], values: dict[str, Any], asker: Actor
) -> Outcome:
    to = values["to"]
    return assign_many(book=row.book_id, numbers=part, to=to, actor=asker, at=work.at)


def _release(
    work: Work, row: Run, part: Sequence[str], values: dict[str, Any], asker: Actor
) -> Outcome:
    del values
    return release_many(book=row.book_id, numbers=part, actor=asker, at=work.at)


def _export(
    work: Work, row: Run, part: Sequence[str], values: dict[str, Any], asker: Actor
) -> Outcome:
    """The whole file at once: all of it is of one moment."""
    del part
    require(asker, permissions.EXPORT)
    numbers = values["numbers"]
    found = Item.objects.filter(book_id=row.book_id, number__in=numbers)
    rows = {item.number: item for item in seen(list(found), asker)}
    there = [number for number in numbers if number in rows]
    currency = books.get_book(row.book_id).currency
    lines = [line_of(card_of(rows[number], at=work.at), currency) for number in there]
    kept = files.store(
        work=work,
        kind="team:export",
        name=f"work-items-{row.number}.{values['form']}",
        content=FORMS[values["form"]](HEAD, lines),
        actor=asker,
        at=work.at,
    )
    row.file = kept.number
    work.record("team.exported", subject=row.number, count=len(there), file=kept.number)
    gone = [number for number in numbers if number not in rows]
    return Outcome(
        tuple(there), tuple((each, NotFound(kind="work item", number=each)) for each in gone)
    )


_DO: Final = {"assign": _assign, "release": _release, "hand_over": _assign, "export": _export}


def _told(refused: tuple[str, Refusal]) -> dict[str, Any]:
    number, refusal = refused
    return {"number": number, "sentence": refusal.sentence, "values": refusal.values}


def read_export(*, run: str, actor: Actor, at: datetime) -> tuple[str, bytes]:
    """The name and bytes of the file that a run wrote; that it was taken out is kept.

    :raises NotPermitted: the actor may not export.
    :raises NotFound: there is no such run of the actor's, or it wrote no file.
    """
    require(actor, permissions.EXPORT)
    row = find_run(run, actor)
    if not row.file:
        raise NotFound(kind="file", number=run)
    on = books.business_date(row.book_id)
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=on) as work:
        work.record("team.export_read", subject=run, file=row.file)
    return kept_files.get_file(row.file).name, kept_files.read(row.file)
