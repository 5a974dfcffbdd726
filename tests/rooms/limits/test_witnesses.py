"""Ceilings and holds that are not what the audit saw are named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loanops.money.limits import invariants, operations
from loanops.money.limits.models import Hold, Quota
from loanops.platform.audit.models import Entry
from tests.corruption import names
from tests.factories.registry import AT, HOUSE, TODAY, open_book

pytestmark = pytest.mark.django_db

FUNDER = "funder:jianglan"


@pytest.fixture(autouse=True)
def book() -> str:
    return open_book()


def set_quota(limit_minor: int, *, kind: str = "total", period: str = "total") -> None:
    operations.set_quota(
        book="cn", owner=FUNDER, kind=kind, period=period, limit_minor=limit_minor,
        actor=HOUSE, at=AT,
    )  # fmt: skip


def reserve(key: str, amount_minor: int) -> None:
    operations.reserve(
        book="cn", owner=FUNDER, key=key, amount_minor=amount_minor, on=TODAY, actor=HOUSE, at=AT
    )


class TestVerify:
    def test_names_a_hold_that_moved_when_the_audit_saw_nothing_done(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 100)
        Hold.objects.update(moved_at=AT + timedelta(seconds=1))

        names(invariants.unwitnessed, "hold AP-1 of funder:jianglan")

    def test_names_a_ceiling_that_the_audit_saw_set_otherwise(self) -> None:
        set_quota(1_000)
        Quota.objects.update(version=7)

        names(invariants.changed_quotas, "limit total of funder:jianglan in cn")

    def test_names_a_ceiling_that_is_gone(self) -> None:
        set_quota(1_000)
        Quota.objects.all().delete()

        names(invariants.changed_quotas, "limit total of funder:jianglan in cn")

    def test_names_ceilings_of_which_one_was_moved_to_another_kind(self) -> None:
        operations.ensure_quotas_many(
            book="cn", owners=["party:PT-1", "party:PT-2"], kind="person", period="total",
            limit_minor=20_000_000, actor=HOUSE, at=AT,
        )  # fmt: skip
        Quota.objects.filter(owner="party:PT-1").update(kind="other")

        names(invariants.changed_quotas, "limits person of cn", "limits other of cn")

    def test_names_a_day_of_which_a_hold_is_gone(self) -> None:
        set_quota(1_000)
        reserve("AP-1", 100)
        reserve("AP-2", 100)
        Hold.objects.filter(key="AP-1").delete()

        names(invariants.unseen_holds, f"holds of cn {TODAY}")

    def test_names_a_hold_that_is_gone_from_one_of_its_ceilings(self) -> None:
        set_quota(1_000)
        set_quota(1_000, kind="daily", period="day")
        Entry.objects.filter(code="limits.set").update(on=TODAY - timedelta(days=1))
        reserve("AP-1", 100)
        Hold.objects.filter(bucket__quota__kind="daily").delete()

        names(invariants.unseen_holds, "hold AP-1 of funder:jianglan")
