"""Ceilings: taken exactly once by key, never above the limit, freed exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.access import Scopes, Viewer
from loanops.kernel.refusals import BadField, MoveNotAllowed, NotFound, NotPermitted
from loanops.money.limits import invariants, operations, queries
from loanops.money.limits.domain.filling import Wish, fill
from loanops.money.limits.models import Bucket, Hold, Quota
from loanops.platform.audit.models import Entry
from tests.corruption import names
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, open_book

pytestmark = pytest.mark.django_db

FUNDER = "funder:jianglan"
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def book() -> str:
    return open_book()


def set_quota(limit_minor: int, *, kind: str = "total", period: str = "total") -> None:
    operations.set_quota(
        book="cn", owner=FUNDER, kind=kind, period=period, limit_minor=limit_minor,
        actor=HOUSE, at=AT,
    )  # fmt: skip


def reserve(key: str, amount_minor: int, owner: str = FUNDER) -> None:
    operations.reserve(
        book="cn", owner=owner, key=key, amount_minor=amount_minor, on=TODAY, actor=HOUSE, at=AT
    )


def move(verb: str, key: str) -> None:
    order = getattr(operations, verb)
    order(book="cn", owner=FUNDER, key=key, on=TODAY, actor=HOUSE, at=AT)


def taken(kind: str = "total") -> tuple[int, int]:
    cards = queries.list_quotas(book="cn", on=TODAY, viewer=Viewer.house())
    card = next(card for card in cards if card.kind == kind)
    return card.reserved_minor, card.used_minor


def violations() -> list[str]:
    return [violation.object for check in invariants.CHECKS for violation in check.find()]


class TestReserve:
    def test_takes_from_every_ceiling_of_the_owner(self) -> None:
        set_quota(1_000)
        set_quota(600, kind="daily", period="day")

        reserve("AP-1", 400)

        assert taken() == taken("daily") == (400, 0)

    def test_takes_nothing_where_one_ceiling_is_short(self) -> None:
        set_quota(1_000)
        set_quota(300, kind="daily", period="day")

        with pytest.raises(operations.QuotaExhausted, match=r"3\.00 left of its daily limit"):
            reserve("AP-1", 400)

        assert taken() == taken("daily") == (0, 0)

    def test_takes_once_for_one_key(self) -> None:
        set_quota(1_000)

        reserve("AP-1", 400)
        reserve("AP-1", 400)

        assert taken() == (400, 0)

    def test_refuses_a_key_with_another_amount(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 400)

        with pytest.raises(operations.HoldKeyReused):
            reserve("AP-1", 401)

    def test_counts_a_day_by_itself(self) -> None:
        set_quota(500, kind="daily", period="day")
        reserve("AP-1", 500)

        operations.reserve(
            book="cn", owner=FUNDER, key="AP-2", amount_minor=500, on=TOMORROW,
            actor=HOUSE, at=AT,
        )  # fmt: skip

        assert taken("daily") == (500, 0)

    def test_refuses_a_frozen_ceiling_until_it_is_unfrozen(self) -> None:
        set_quota(1_000)
        operations.freeze(book="cn", owner=FUNDER, kind="total", reason="audit", actor=HOUSE, at=AT)
        with pytest.raises(operations.QuotaFrozen, match="audit"):
            reserve("AP-1", 1)

        operations.unfreeze(book="cn", owner=FUNDER, kind="total", actor=HOUSE, at=AT)
        reserve("AP-1", 1)

        assert taken() == (1, 0)

    def test_lets_an_owner_without_ceiling_take_anything(self) -> None:
        reserve("AP-1", 10**12, owner="funder:unbounded")

        assert not Hold.objects.exists()

    def test_needs_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            operations.reserve(
                book="cn", owner=FUNDER, key="AP-1", amount_minor=1, on=TODAY,
                actor=NOBODY, at=AT,
            )  # fmt: skip


class TestUse:
    def test_moves_what_was_reserved_once(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 400)

        move("use", "AP-1")
        move("use", "AP-1")

        assert taken() == (0, 400)

    def test_refuses_what_was_released(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 400)
        move("release", "AP-1")

        with pytest.raises(MoveNotAllowed):
            move("use", "AP-1")

    def test_refuses_what_was_never_reserved(self) -> None:
        set_quota(1_000)

        with pytest.raises(NotFound):
            move("use", "AP-9")


class TestRelease:
    def test_frees_exactly_once(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 400)
        reserve("AP-2", 300)

        move("release", "AP-1")
        move("release", "AP-1")

        assert taken() == (300, 0)

    def test_refuses_what_was_used(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 400)
        move("use", "AP-1")

        with pytest.raises(MoveNotAllowed):
            move("release", "AP-1")


class TestGiveBack:
    def test_frees_what_was_used(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 400)
        move("use", "AP-1")

        move("give_back", "AP-1")
        move("give_back", "AP-1")

        assert taken() == (0, 0)


class TestSetQuota:
    def test_changes_the_room_that_is_left(self) -> None:
        set_quota(100)
        reserve("AP-1", 100)

        set_quota(150)
        reserve("AP-2", 50)

        assert taken() == (150, 0)

    def test_refuses_less_than_is_taken(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 400)

        with pytest.raises(operations.LimitBelowTaken, match="400 is reserved or used"):
            set_quota(399)

    @pytest.mark.parametrize(("field", "value"), [("period", "week"), ("limit_minor", -1)])
    def test_refuses_what_makes_no_ceiling(self, field: str, value: object) -> None:
        wanted = {"period": "total", "limit_minor": 1, field: value}

        with pytest.raises(BadField, match=field):
            operations.set_quota(
                book="cn", owner=FUNDER, kind="total", actor=HOUSE, at=AT, **wanted
            )

    def test_needs_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            operations.set_quota(
                book="cn", owner=FUNDER, kind="total", period="total", limit_minor=1,
                actor=NOBODY, at=AT,
            )  # fmt: skip


class TestReserveMany:
    def test_grants_in_order_until_nothing_fits(self) -> None:
        set_quota(1_000)
        wishes = [Wish("AP-1", FUNDER, 600), Wish("AP-2", FUNDER, 600), Wish("AP-3", FUNDER, 400)]

        outcome = operations.reserve_many(book="cn", wishes=wishes, on=TODAY, actor=HOUSE, at=AT)

        granted = [key for key, short in outcome.items() if short is None]
        assert granted == ["AP-1", "AP-3"]
        assert outcome["AP-2"] == operations.Shortfall("total", 400)
        assert taken() == (1_000, 0)

    def test_gives_every_owner_a_first_ceiling_once(self) -> None:
        owners = ["party:PT-1", "party:PT-2"]
        for _ in range(2):
            operations.ensure_quotas_many(
                book="cn", owners=owners, kind="person", period="total",
                limit_minor=20_000_000, actor=HOUSE, at=AT,
            )  # fmt: skip

        assert queries.headroom_of(book="cn", owners=owners, on=TODAY) == {
            "party:PT-1": 20_000_000,
            "party:PT-2": 20_000_000,
        }

    @given(
        amounts=st.lists(st.integers(1, 500), max_size=12),
        limits=st.lists(st.integers(0, 1_500), min_size=1, max_size=3),
    )
    def test_never_fills_a_ceiling_above_its_limit(
        self, amounts: list[int], limits: list[int]
    ) -> None:
        wishes = [Wish(str(place), "o", amount) for place, amount in enumerate(amounts)]
        names = [f"c{place}" for place in range(len(limits))]
        left = dict(zip(names, limits, strict=True))

        outcome = fill(wishes, ceilings={"o": names}, left_minor=left)

        granted = sum(wish.amount_minor for wish in wishes if outcome[wish.key] is None)
        assert granted <= min(limits)
        for wish in wishes:
            short = outcome[wish.key]
            assert short is None or short.left_minor < wish.amount_minor

    @settings(max_examples=15)
    @given(amounts=st.lists(st.integers(1, 500), min_size=1, max_size=8))
    def test_leaves_what_single_orders_would_leave(self, amounts: list[int]) -> None:
        Hold.objects.all().delete()
        Bucket.objects.all().delete()
        Quota.objects.all().delete()
        Entry.objects.all().delete()
        set_quota(1_000)
        wishes = [Wish(f"AP-{place}", FUNDER, amount) for place, amount in enumerate(amounts)]

        many = operations.reserve_many(book="cn", wishes=wishes, on=TODAY, actor=HOUSE, at=AT)
        together = taken()
        Hold.objects.all().delete()
        Bucket.objects.all().update(reserved_minor=0)
        Entry.objects.filter(code="limits.reserved").delete()
        singly = []
        for wish in wishes:
            try:
                reserve(wish.key, wish.amount_minor)
            except operations.QuotaExhausted:
                continue
            singly.append(wish.key)

        assert singly == [key for key, short in many.items() if short is None]
        assert taken() == together
        assert violations() == []


class TestDatabase:
    def test_itself_refuses_to_go_above_the_limit(self) -> None:
        set_quota(100)
        reserve("AP-1", 100)

        with pytest.raises(IntegrityError), transaction.atomic():
            Bucket.objects.update(reserved_minor=101)

    def test_itself_refuses_a_second_hold_of_a_key(self) -> None:
        set_quota(100)
        reserve("AP-1", 10)
        hold = Hold.objects.get()
        hold.pk = None

        with pytest.raises(IntegrityError), transaction.atomic():
            hold.save()


class TestListQuotas:
    def test_shows_a_funders_ceilings_to_who_sees_the_funder(self) -> None:
        for owner in ("funder:jianglan", "funder:jianglan/AG-1", "funder:yunting/AG-2"):
            operations.set_quota(
                book="cn", owner=owner, kind="total", period="total", limit_minor=1,
                actor=HOUSE, at=AT,
            )  # fmt: skip
        viewer = Viewer(
            person="bank", grants=HOUSE.grants, scopes=Scopes(funders=frozenset({"jianglan"}))
        )

        cards = queries.list_quotas(book="cn", on=TODAY, viewer=viewer)

        assert [card.owner for card in cards] == ["funder:jianglan", "funder:jianglan/AG-1"]


class TestVerify:
    def test_is_clean_after_every_move(self) -> None:
        set_quota(1_000)
        for key in ("AP-1", "AP-2", "AP-3"):
            reserve(key, 100)
        move("use", "AP-1")
        move("release", "AP-2")

        assert violations() == []

    def test_names_a_bucket_that_was_changed(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 100)
        Bucket.objects.update(reserved_minor=99)

        names(invariants.untrue_buckets, "funder:jianglan total total")

    def test_names_a_hold_that_was_changed(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 100)
        Hold.objects.update(amount_minor=1)

        names(invariants.untrue_buckets, "funder:jianglan total total")

    def test_names_a_hold_that_stands_in_another_day_or_ceiling(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 100)
        Hold.objects.update(owner="funder:yunting")

        names(invariants.strayed_holds, "hold AP-1 of funder:yunting")

    def test_names_a_bucket_of_no_period_of_its_ceiling(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 100)
        Bucket.objects.update(slot="tota~")

        names(invariants.strayed_slots, "funder:jianglan total tota~")
