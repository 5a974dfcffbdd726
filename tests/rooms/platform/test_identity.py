"""Identity: who may do what, where and from when until when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.platform.audit.models import Entry
from loanops.platform.identity import operations, queries
from loanops.platform.identity.models import ApiKey, Person

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUSE = Actor.house("tests")


def add(login: str = "zhao.min", *, is_demo: bool = False) -> str:
    return operations.add_person(
        login=login, name="赵敏", password="long enough 1", is_demo=is_demo,
        language="zh-hans", actor=HOUSE, at=MONDAY,
    )  # fmt: skip


def grant(role: str, *books: str, since: date = date(2026, 11, 1)) -> None:
    operations.grant_role(
        login="zhao.min", role=role, books=books, valid_from=since, actor=HOUSE, at=MONDAY
    )


def actor(on: date = date(2026, 11, 23)) -> Actor:
    return queries.actor_of_login("zhao.min", on=on)


class TestAddPeopleMany:
    PEOPLE = (
        operations.NewPerson("sun.yi", "孙一", "reviewer", "zh-hans"),
        operations.NewPerson("jane.doe", "Jane Doe", "finance", "en"),
    )

    def add(self, *people: operations.NewPerson, by: Actor = HOUSE) -> list[str]:
        return operations.add_people_many(
            people=people, password="long enough 1", is_demo=True,
            valid_from=date(2026, 11, 1), actor=by, at=MONDAY,
        )  # fmt: skip

    def test_lets_each_sign_in_with_a_role_as_one_by_one_does(self) -> None:
        logins = self.add(*self.PEOPLE)

        row = Person.objects.get(login="jane.doe")
        assert logins == ["sun.yi", "jane.doe"]
        assert (row.check_password("long enough 1"), row.is_demo) == (True, True)
        assert queries.actor_of_login("sun.yi", on=MONDAY.date()).may("decisioning.review")
        codes = Entry.objects.filter(subject="sun.yi").order_by("id").values_list("code", flat=True)
        assert list(codes) == ["identity.person_added", "identity.role_granted"]

    def test_leaves_alone_who_is_known(self) -> None:
        self.add(*self.PEOPLE)

        assert self.add(*self.PEOPLE) == []
        assert Person.objects.count() == 2

    @pytest.mark.parametrize(
        "person",
        [
            operations.NewPerson("sün", "Sün", "reviewer", "en"),
            operations.NewPerson("sun", "Sun", "no-such-role", "en"),
        ],
    )
    def test_adds_nobody_where_one_is_wrong(self, person: operations.NewPerson) -> None:
        with pytest.raises(BadField):
            self.add(*self.PEOPLE, person)

        assert not Person.objects.exists()

    def test_needs_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            self.add(*self.PEOPLE, by=Actor(person="nobody"))


class TestRole:
    def test_holds_from_its_first_day_until_the_day_it_ends(self) -> None:
        add()
        grant("reviewer", since=date(2026, 11, 10))
        operations.end_role(
            login="zhao.min", role="reviewer", valid_to=date(2026, 11, 20), actor=HOUSE, at=MONDAY
        )

        held = [bool(actor(date(2026, 11, day)).grants) for day in (9, 10, 19, 20)]

        assert held == [False, True, True, False]

    def test_adds_up_over_roles_and_books(self) -> None:
        add()
        grant("reviewer", "cn")
        grant("collector", "us")

        both = actor()

        assert both.may("decisioning.review")
        assert both.scopes.books == frozenset({"cn", "us"})

    def test_in_every_book_lifts_the_scope(self) -> None:
        add()
        grant("reviewer", "cn")
        grant("collector")

        assert actor().scopes.books is None

    def test_is_nobodys_own_to_give(self) -> None:
        add()
        manager = Actor("zhao.min", frozenset({"identity.manage"}))

        with pytest.raises(BadField) as refused:
            operations.grant_role(
                login="zhao.min", role="administrator", books=(), valid_from=date(2026, 11, 1),
                actor=manager, at=MONDAY,
            )  # fmt: skip

        assert refused.value.field == "login"

    def test_must_be_known(self) -> None:
        add()

        with pytest.raises(BadField, match="choose one of"):
            grant("emperor")

    def test_cannot_end_before_it_was_held(self) -> None:
        add()

        with pytest.raises(NotFound):
            operations.end_role(
                login="zhao.min", role="reviewer", valid_to=date(2026, 11, 20), actor=HOUSE,
                at=MONDAY,
            )  # fmt: skip


class TestPerson:
    def test_without_a_role_may_nothing_and_sees_nothing(self) -> None:
        add()

        nobody = actor()

        assert not nobody.grants
        assert not nobody.sees_book("cn")

    def test_who_was_shut_out_may_nothing_at_once(self) -> None:
        add()
        grant("reviewer")

        operations.deactivate(login="zhao.min", actor=HOUSE, at=MONDAY)

        assert not actor().grants
        assert not actor().sees_book("cn")

    def test_keeps_the_password_as_a_hash_and_out_of_the_audit(self) -> None:
        add()

        assert "long enough 1" not in Person.objects.get().password
        assert all("long enough" not in entry.values_json for entry in Entry.objects.all())

    @pytest.mark.parametrize("login", ["", "赵敏", "a b", "a@b", "../x"])
    def test_has_a_plain_login(self, login: str) -> None:
        with pytest.raises(BadField):
            add(login)

    def test_has_a_login_of_their_own(self) -> None:
        add()

        with pytest.raises(BadField, match="taken"):
            add()

    def test_of_the_demo_is_seen_until_shut_out(self) -> None:
        add(is_demo=True)
        before = queries.has_demo_logins()

        operations.deactivate(login="zhao.min", actor=HOUSE, at=MONDAY)

        assert (before, queries.has_demo_logins()) == (True, False)


class TestKey:
    def issue(self, role: str = "channel", partner: str = "C1") -> str:
        return operations.issue_key(
            name="channel", partner=partner, role=role, books=("cn",), actor=HOUSE, at=MONDAY
        )

    def test_stands_for_its_role_partner_and_books(self) -> None:
        caller = queries.caller_of_key(self.issue())

        assert caller is not None
        assert (caller.partner, caller.role) == ("C1", "channel")
        assert caller.actor.scopes.books == frozenset({"cn"})
        assert caller.actor.scopes.channels == frozenset({"C1"}), "what came by the partner"
        assert not caller.actor.may("decisioning.review")

    def test_is_kept_as_a_hash_of_its_secret(self) -> None:
        secret = self.issue().partition(".")[2]

        row = ApiKey.objects.get()
        assert secret not in (row.prefix, row.secret_hash)
        assert all(secret not in entry.values_json for entry in Entry.objects.all())

    def test_that_was_revoked_is_nobodys(self) -> None:
        key = self.issue()
        operations.revoke_key(prefix=key.partition(".")[0], actor=HOUSE, at=MONDAY)

        assert queries.caller_of_key(key) is None
        with pytest.raises(NotFound):
            operations.revoke_key(prefix=key.partition(".")[0], actor=HOUSE, at=MONDAY)

    @pytest.mark.parametrize("change", ["x", "", ".", "\x00", "\ud800"])
    def test_with_another_secret_is_nobodys(self, change: str) -> None:
        prefix = self.issue().partition(".")[0]

        assert queries.caller_of_key(f"{prefix}.{change}") is None
        assert queries.caller_of_key(f"{change}{prefix}") is None


class TestOrders:
    def test_need_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            operations.issue_key(
                name="x", partner="", role="channel", books=(), actor=Actor("zhao.min"), at=MONDAY
            )


class TestChooseTheme:
    def test_keeps_the_look_with_the_person_and_records_it(self) -> None:
        add()

        operations.choose_theme(theme="dark", actor=Actor(person="zhao.min"), at=MONDAY)

        assert Person.objects.get(login="zhao.min").theme == "dark"
        assert Entry.objects.filter(code="identity.theme_chosen", subject="zhao.min").exists()

    def test_begins_as_the_device_is_set(self) -> None:
        add()

        assert Person.objects.get(login="zhao.min").theme == "system"

    def test_refuses_a_look_that_there_is_not(self) -> None:
        add()

        with pytest.raises(BadField):
            operations.choose_theme(theme="sepia", actor=Actor(person="zhao.min"), at=MONDAY)

    def test_refuses_somebody_who_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            operations.choose_theme(theme="dark", actor=Actor(person="nobody"), at=MONDAY)


class TestEndTour:
    def test_is_kept_with_the_person_and_recorded(self) -> None:
        add()

        operations.end_tour(actor=Actor(person="zhao.min"), at=MONDAY)

        assert Person.objects.get(login="zhao.min").toured
        assert Entry.objects.filter(code="identity.tour_ended", subject="zhao.min").exists()

    def test_refuses_somebody_who_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            operations.end_tour(actor=Actor(person="nobody"), at=MONDAY)
