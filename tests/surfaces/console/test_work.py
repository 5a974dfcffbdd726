"""The work list: its views and filters, taking and giving, runs over many, and what each keeps."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from loanops.origination.applications import operations as applications
from loanops.platform.audit.models import Entry
from loanops.platform.jobs import runner
from loanops.platform.web import clock
from loanops.registry.team.models import Item, Run
from tests.factories import desk, work
from tests.factories.registry import AT, HOUSE
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

LIST = "work_list"


def page_of(client: Client, query: str = "") -> str:
    return client.get(f"{address(LIST)}{query}").content.decode()


def subjects(page: str) -> list[str]:
    return re.findall(r'<a class="code" href="/console/work/items/[^"]+">([^<]+)</a>', page)


def run_jobs() -> None:
    """As a worker does: what is due is run to its end."""
    while claimed := runner.claim(at=clock.now(), limit=20):
        for batch in runner.batches(claimed):
            runner.run_batch(batch, clock=clock.now)


class TestList:
    def test_begins_with_the_team_of_who_has_nothing_and_then_with_their_own(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("reviewer")
        assert operation.in_review in subjects(page_of(client))

        client.post(address("claim_item", operation.item))
        work_of_mine = page_of(client)

        assert subjects(work_of_mine) == [operation.in_review]
        assert "?view=my" in work_of_mine

    def test_goes_on_with_a_next_page_and_never_shows_a_row_twice(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        work.referred(*range(900, 955))
        work.follow()
        client = enter("everyone")

        first = page_of(client, "?view=all&kind=review")
        [onward] = re.findall(r'href="(\?[^"]*before=[^"]+)"', first)
        second = page_of(client, html.unescape(onward))

        assert len(subjects(first)) == 50
        assert len(subjects(second)) >= 5
        assert not set(subjects(first)) & set(subjects(second))

    def test_narrows_by_what_stands_in_the_address(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("everyone")

        assert operation.in_review in subjects(page_of(client, "?view=all&kind=review"))
        assert subjects(page_of(client, "?view=all&kind=reread")) == []
        assert subjects(page_of(client, f"?view=all&text={operation.in_review.lower()}")) == [
            operation.in_review
        ]
        assert subjects(page_of(client, "?view=overdue&standing=in_time")) == []

    def test_shows_no_kind_that_its_reader_may_not_see(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        page = page_of(enter("collector"), "?view=all")

        assert operation.in_review not in page

    def test_leads_to_where_the_work_is_done(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("everyone")

        answer = client.get(address("open_item", operation.item))

        assert answer.headers["Location"] == address("application", operation.in_review)
        for kind, number in Item.objects.values_list("kind", "number"):
            place = client.get(address("open_item", number)).headers["Location"]
            assert client.get(place.partition("#")[0]).status_code == 200, kind

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_has_columns_and_density_as_each_person_likes_them(
        self, operation: desk.Operation, enter: Enter, language: str
    ) -> None:
        client = enter("reviewer")
        client.post(address("set_work_desk"), {"columns": ["number"], "dense": "on"})

        page = page_of(client, "?view=all")

        assert operation.item in re.sub(r"<[^>]+>", "", page)
        assert "list-close" in page
        assert "list-close" not in page_of(enter("everyone"), "?view=all")


class TestTaking:
    def test_the_next_one_goes_to_its_page_which_says_that_it_is_yours(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("reviewer")

        answer = client.post(address("claim_next"), {"kind": "review"}, follow=True)

        item = Item.objects.get(holder="reviewer")
        assert answer.redirect_chain[-1][0] == address("application", item.subject)
        assert address("release_item", item.number) in answer.content.decode()

    def test_of_nothing_says_so(self, operation: desk.Operation, enter: Enter) -> None:
        answer = enter("collector").post(address("claim_next"), headers={"HX-Request": "true"})

        assert answer.status_code == 404
        assert "没有您可以领取的待办" in answer.content.decode()

    def test_what_a_colleague_took_is_refused(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        enter("reviewer").post(address("claim_item", operation.item))

        answer = enter("everyone").post(address("claim_item", operation.item))

        assert answer.status_code == 409

    def test_after_it_is_done_its_page_shows_the_next_of_ones_own(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        [other] = work.referred(181, at=AT + timedelta(minutes=1))
        work.follow()
        client = enter("reviewer")
        for subject in (operation.in_review, other):
            client.post(address("claim_item", work.item_of(subject).number))

        applications.decline(number=operation.in_review, reasons=("SCORE_LOW",), actor=HOUSE, at=AT)
        page = client.get(address("application", operation.in_review)).content.decode()

        bar = page.partition('class="work-bar"')[2].partition("</aside>")[0]
        assert "badge" not in bar, "its own item is over, though its event is not delivered"
        assert other in bar
        assert address("application", other) in bar


class TestMany:
    def test_are_assigned_by_a_run_that_says_how_far_it_is(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("everyone")
        form = {"number": [operation.item], "to": "reviewer", "view": "all"}

        begun = client.post(address("assign_items"), form)
        run = Run.objects.get()
        before = client.get(begun.headers["Location"]).content.decode()
        run_jobs()
        after = client.get(
            begun.headers["Location"], headers={"HX-Request": "true"}
        ).content.decode()

        assert 'hx-trigger="every 1s"' in before
        assert "hx-trigger" not in after
        run.refresh_from_db()
        assert (run.done, run.refused) == (1, 0)
        assert Item.objects.get(number=operation.item).holder == "reviewer"
        assert Entry.objects.filter(code="team.assigned_many", actor="everyone").exists()

    def test_all_that_the_list_holds_and_each_refusal_in_words(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("everyone")
        everything = Item.objects.exclude(state="done").count()

        begun = client.post(
            address("assign_items"), {"every": "1", "view": "all", "to": "reviewer"}
        )
        run_jobs()

        run = Run.objects.get()
        assert run.done + run.refused == run.total == everything
        assert run.refused > 0, "a reviewer may not clear an exception up"
        page = client.get(begun.headers["Location"]).content.decode()
        assert "reviewer 不能办理" in page

    def test_of_a_leaver_are_handed_over_with_a_reason(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        enter("reviewer").post(address("claim_item", operation.item))
        desk.hire("reviewer", login="heir")
        client = enter("manager")
        form = {"holder": "reviewer", "to": "heir", "reason": "离职"}

        client.post(address("hand_over"), form)
        run_jobs()

        assert Item.objects.get(number=operation.item).holder == "heir"
        told = Entry.objects.get(code="team.handed_over")
        assert (told.subject, "离职" in told.values_json) == ("reviewer", True)
        again = client.post(address("hand_over"), form)
        assert again.status_code == 409, "nothing is left to hand over"

    def test_are_exported_as_a_workbook_and_the_taking_out_is_kept(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("manager")

        begun = client.post(address("export_work"), {"view": "all"})
        run_jobs()
        answer = client.get(begun.headers["Location"] + "/file")

        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        rows = book.get_sheet_by_index(0).to_python()
        assert rows[0][:3] == ["number", "kind", "subject"]
        assert operation.in_review in {row[2] for row in rows}
        assert Entry.objects.filter(code="team.export_read", actor="manager").exists()
        assert enter("reviewer").get(begun.headers["Location"]).status_code == 404

    def test_are_exported_as_plain_rows_too(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("manager")

        begun = client.post(address("export_work"), {"view": "all", "form": "csv"})
        run_jobs()
        answer = client.get(begun.headers["Location"] + "/file")

        assert answer.headers["Content-Type"].startswith("text/csv")
        assert operation.in_review in answer.content.decode("utf-8-sig")

    def test_of_nobody_marked_are_refused(self, operation: desk.Operation, enter: Enter) -> None:
        assert enter("everyone").post(address("release_items"), {}).status_code == 422


class TestFilters:
    def test_are_kept_under_a_name_and_shared(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        own, other = enter("manager"), enter("reviewer")
        own.post(
            address("save_work_filter"),
            {"name": "急件", "view": "all", "kind": "review", "standing": "late", "shared": "on"},
        )
        own.post(address("save_work_filter"), {"name": "我自己的", "view": "overdue"})

        shared = page_of(other)

        assert "?view=all&amp;kind=review&amp;standing=late" in shared
        assert "我自己的" not in shared
        [number] = re.findall(r"/console/work/filters/(SF-\w+)/remove", page_of(own))[:1]
        assert other.post(address("remove_work_filter", number)).status_code == 404
        own.post(address("remove_work_filter", number))
        assert "急件" not in page_of(own)


class TestServiceBoard:
    def test_counts_what_its_figures_open(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("everyone")

        page = client.get(address("work_board")).content.decode()

        figures = re.findall(r'href="(/console/work\?[^"]+)">([\d,]+)</a>', page)
        assert len(figures) > 9 * 6
        for link, figure in figures:
            rows = subjects(client.get(link.replace("&amp;", "&")).content.decode())
            assert len(rows) == int(figure), link

    def test_says_who_has_how_much_and_how_long_it_took(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("reviewer")
        client.post(address("claim_item", operation.item))
        applications.decline(
            number=operation.in_review, reasons=("SCORE_LOW",), actor=HOUSE,
            at=AT + timedelta(minutes=90),
        )  # fmt: skip
        [other] = work.referred(181)
        work.follow()
        client.post(address("claim_item", work.item_of(other).number))

        page = client.get(address("work_board")).content.decode()

        assert "1.5 小时" in page
        assert "?view=all&holder=reviewer" in page


class TestLevels:
    def test_are_set_as_dated_rows_with_a_reason(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("manager")
        form = {
            "kind": "review", "effective_from": "2026-11-02", "target_hours": "2.5",
            "risk_percent": "60", "large_from_minor": "50000.00", "head_start_hours": "1",
            "reason": "旺季提速",
        }  # fmt: skip

        assert client.post(address("set_level"), form).status_code == 302
        page = client.get(address("work_levels")).content.decode()

        assert "旺季提速" in page
        assert "2.5 小时" in page
        for field, wrong in (
            ("target_hours", "0"),
            ("reason", ""),
            ("effective_from", "2020-01-01"),
        ):
            assert client.post(address("set_level"), {**form, field: wrong}).status_code == 422


class TestTeams:
    def test_are_formed_changed_and_dissolved(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("manager")
        form = {"code": "credit", "name": "授信组", "members": ["reviewer"], "kinds": ["review"]}

        client.post(address("set_team"), form)
        assert "授信组" in client.get(address("teams")).content.decode()

        assert client.post(address("set_team"), form).status_code == 409, "it exists"
        client.post(address("set_team"), {**form, "name": "授信一组", "version": "0"})
        assert "授信一组" in client.get(address("teams")).content.decode()

        other = {**form, "code": "second", "name": "二组"}
        assert client.post(address("set_team"), other).status_code == 422, "the work is taken"
        end = {"version": "1", "reason": "合并"}
        client.post(address("dissolve_team", "credit"), end)
        assert "授信一组" not in client.get(address("teams")).content.decode()
