"""However many items there are, a page walks the index that orders them and stops at its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.kernel.access import Actor
from loanops.platform.db import insert_many
from loanops.registry.team import operations, queries
from loanops.registry.team.models import Item
from loanops.registry.team.queries import ItemFilter, View
from tests.factories import requests, work
from tests.factories.plans import full_reads
from tests.factories.registry import AT, HOUSE, TODAY

pytestmark = pytest.mark.django_db
TABLE = Item._meta.db_table
COLUMNS = (
    "number", "book_id", "kind", "subject", "topic", "channel", "funder", "not_by", "state",
    "holder", "since", "opened_on", "due_at", "risk_at", "next_at", "late", "done_at", "done_on",
    "took_minutes",
)  # fmt: skip
KINDS = tuple(queries.KINDS)


def fill(count: int) -> None:
    """Items of every kind and state, a minute apart."""

    def row(place: int) -> tuple[object, ...]:
        state = ("waiting", "held", "done")[place % 3]
        at = AT + timedelta(minutes=place)
        ended = (at, TODAY, 7) if state == "done" else (None, None, None)
        return (
            f"WI-{place}", "cn", KINDS[place % 9].value, f"S-{place}", "", "", "", "", state,
            "" if state == "waiting" else f"p{place % 7}", at, TODAY, at, at, at, False, *ended,
        )  # fmt: skip

    insert_many(TABLE, COLUMNS, map(row, range(count)))


def sorts(ask: Callable[[], object]) -> list[str]:
    """The statements about items that are to sort what they read instead of walking an index."""
    found = []
    with CaptureQueriesContext(connection) as asked:
        ask()
    with connection.cursor() as cursor:
        for query in [each["sql"] for each in asked.captured_queries]:
            if TABLE not in query or "ORDER BY" not in query or not query.startswith("SELECT"):
                continue
            sqlite = connection.vendor == "sqlite"
            if not sqlite:
                # A few rows are sorted sooner than walked; what still sorts has no index to walk.
                for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
                    cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{query}")
            plan = " ".join(str(line[-1]) for line in cursor.fetchall())
            if "TEMP B-TREE FOR ORDER BY" in plan or "Sort" in plan.replace("Sort Key", "Sort"):
                found.append(f"{query[:200]} | {plan[:300]}")
    return found


@pytest.fixture
def reviewer() -> Actor:
    """Somebody who sees some kinds and not others, in a book of many items."""
    requests.desk()
    fill(2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE team_item" if connection.vendor == "postgresql" else "ANALYZE")
    return work.hire("p1", "reviewer", "operations")


VIEWS = [
    *(ItemFilter("cn", view) for view in View),
    ItemFilter("cn", View.ALL, kind="review"),
    ItemFilter("cn", View.UNASSIGNED, kind="review"),
    ItemFilter("cn", View.ALL, holder="p1"),
    ItemFilter("cn", View.DONE, since=TODAY),
]


class TestLists:
    @pytest.mark.parametrize("where", VIEWS, ids=lambda where: f"{where.view}-{where.kind}")
    def test_read_nothing_whole_and_sort_nothing(self, reviewer: Actor, where: ItemFilter) -> None:
        def ask() -> None:
            first = queries.list_items(where, viewer=reviewer, at=AT + timedelta(days=1))
            assert first.cards
            if first.next_after:
                after = ItemFilter(**{**vars(where), "after": first.next_after})
                queries.list_items(after, viewer=reviewer, at=AT + timedelta(days=1))

        with full_reads([TABLE]) as found:
            ask()

        assert found == []
        assert sorts(ask) == []

    def test_follow_each_other_without_a_gap_or_a_repetition(self, reviewer: Actor) -> None:
        for view in (View.ALL, View.OVERDUE, View.DONE):
            listed: list[str] = []
            where = ItemFilter("cn", view, limit=200)
            while True:
                page = queries.list_items(where, viewer=HOUSE, at=AT + timedelta(days=9))
                listed += [card.number for card in page.cards]
                if not page.next_after:
                    break
                where = ItemFilter("cn", view, limit=200, after=page.next_after)

            state = {View.DONE: ["done"]}.get(view, ["waiting", "held"])
            assert len(listed) == len(set(listed)) == Item.objects.filter(state__in=state).count()


class TestTheRest:
    def test_of_what_a_page_asks_reads_nothing_whole(self, reviewer: Actor) -> None:
        with full_reads([TABLE]) as found:
            queries.count_views(book="cn", viewer=reviewer, at=AT)
            queries.count_mine(book="cn", viewer=reviewer)
            queries.get_board(book="cn", days=30, viewer=reviewer, at=AT)
            queries.find_open(subject="S-1", viewer=reviewer, at=AT)
            card = operations.claim_next(book="cn", kind="", actor=reviewer, at=AT)
            operations.release(number=card.number, actor=reviewer, at=AT)

        assert found == []

    def test_of_following_an_event_reads_the_subjects_of_the_event_alone(
        self, reviewer: Actor
    ) -> None:
        [number] = work.referred(1)

        with full_reads([TABLE]) as found:
            work.follow()

        assert found == []
        assert work.item_of(number).kind == "review"
