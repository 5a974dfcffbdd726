"""The demo operation is alive and sound: every stage of the main job is there and fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests import installations
from tests.installations import Installation

pytestmark = pytest.mark.processes
LAST = date(2026, 11, 20)
DAYS, APPLICANTS = 45, 90
# Loans of an older system that stand: thirty of one file, five of another that came twice; one
# was written off, which has no age any more.
MOVED = 35 - 1


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Installation, dict[str, Any]]]:
    """A season of the same code, shorter than the demo's, and the summary that it ended with."""
    with installations.empty(tmp_path_factory.mktemp("demo")) as made:
        done = made.loanops(
            "demo", "--no-serve", "--until", LAST.isoformat(),
            "--days", str(DAYS), "--applicants", str(APPLICANTS),
        )  # fmt: skip
        yield made, json.loads(done.stdout.strip().splitlines()[-1])


Built = tuple[Installation, dict[str, Any]]


def test_ends_on_the_last_business_day_with_nothing_that_contradicts(built: Built) -> None:
    place, summary = built

    verified = json.loads(place.loanops("verify", "--json").stdout)

    assert (summary["business_date"], summary["business_days"]) == (LAST.isoformat(), DAYS)
    assert verified["violations"] == []
    assert summary["verify"]["ok"]
    assert summary["debit_total"] == summary["credit_total"]
    assert float(summary["outstanding"]) > 0


def test_brings_applications_to_every_end(built: Built) -> None:
    _, summary = built
    stages = summary["applications_by_stage"]

    assert summary["applications"] + summary["refused"] == APPLICANTS
    assert sum(stages.values()) == summary["applications"]
    for stage in ("in_review", "declined", "funding_refused", "disbursed", "withdrawn"):
        assert stages.get(stage, 0) > 0, stage
    assert summary["reviewed"] > 0
    assert sum(each["refused"] for each in summary["funders"].values()) > 0


def test_has_loans_that_were_changed_and_one_change_that_waits(built: Built) -> None:
    _, summary = built

    assert summary["changed"] >= 8
    assert summary["changes_waiting"] == 1


def test_has_borrowers_who_bring_the_code_of_a_promotion(built: Built) -> None:
    place, summary = built

    standing = place.rows(
        "SELECT COUNT(*) FROM products_promotionuse WHERE released_at IS NULL AND saving_minor > 0"
    )[0][0]
    counted = place.rows("SELECT SUM(uses) FROM products_promotion")[0][0]

    assert 0 < standing == counted <= summary["promotions"]


def test_has_borrowers_who_pay_late_and_some_who_come_back(built: Built) -> None:
    _, summary = built

    assert summary["loans"] == summary["applications_by_stage"]["disbursed"] + MOVED
    assert summary["short"] > 0
    assert summary["counter"] > 0
    assert summary["fell_overdue"] > summary["cures"] > 0
    assert sum(count for name, count in summary["buckets"].items() if name != "M0") > 0


def test_brings_loans_of_an_older_system_in_and_takes_a_file_back(built: Built) -> None:
    place, summary = built

    files = place.rows(
        "SELECT loan_count, undone_reason <> '' FROM servicing_bookimport ORDER BY id"
    )
    asked = place.rows("SELECT state, asked_by <> decided_by FROM servicing_importundo")
    withdrawn = place.rows("SELECT COUNT(*) FROM servicing_loan WHERE state = 'withdrawn'")[0][0]
    together = place.rows(
        "SELECT COUNT(*) FROM servicing_loan l JOIN servicing_pool p ON p.id = l.pool_id"
        " WHERE l.contract LIKE ? AND p.rules_json LIKE ?",
        ("old-core:%", '%"sharing"%'),
    )[0][0]

    assert [tuple(row) for row in files] == [(30, 0), (5, 1), (5, 0)]
    assert [tuple(row) for row in asked] == [("done", 1)]
    assert withdrawn == 5
    assert together > 5
    assert summary["counter_of_old"] > 0


def test_debits_in_two_windows_and_gives_back_what_is_nobody_s(built: Built) -> None:
    place, _ = built

    windows = dict(place.rows('SELECT "window", COUNT(*) FROM payments_debitorder GROUP BY 1'))
    refunds = dict(place.rows("SELECT state, COUNT(*) FROM payments_refund GROUP BY state"))
    returned = place.rows("SELECT amount_minor, covered_minor FROM payments_return")

    assert windows[1] > windows[2] > 0
    # What is nobody's by two hands and by one, and the credit of a loan that is on its way back.
    assert refunds == {"sent": 1, "requested": 1, "approved": 1}
    # What the bank took back is off its loan, and so off the account where it waited.
    assert [amount - covered for amount, covered in returned] == [0]


def test_leaves_work_for_people(built: Built) -> None:
    place, summary = built

    states = dict(place.rows("SELECT state, COUNT(*) FROM jobs_job GROUP BY state"))

    assert summary["exceptions_open"] > 0
    assert states.get("running", 0) == 0


def test_lives_in_the_story_s_time_alone(built: Built) -> None:
    place, summary = built

    first, last, days = place.rows(
        "SELECT MIN(submitted_on), MAX(submitted_on), COUNT(DISTINCT submitted_on)"
        " FROM applications_application"
    )[0]
    late = place.rows("SELECT COUNT(*) FROM audit_entry WHERE at > ?", ["2026-11-21 00:00:00"])
    loans, starts = place.rows("SELECT COUNT(*), COUNT(DISTINCT disbursed_on) FROM servicing_loan")[
        0
    ]

    assert str(last) == LAST.isoformat()
    assert str(first) < str(last)
    assert days > DAYS * 0.8
    assert late[0][0] == 0
    assert 1 < starts <= loans
    assert summary["dues"] > 0


def test_adds_nothing_when_it_is_there(built: Built) -> None:
    place, _ = built
    before = place.rows("SELECT COUNT(*) FROM audit_entry")

    again = json.loads(place.loanops("demo", "--no-serve").stdout.strip().splitlines()[-1])

    assert again["built"] is False
    assert place.rows("SELECT COUNT(*) FROM audit_entry") == before


def test_is_not_built_in_production(bare: Installation) -> None:
    bare.environment["LOANOPS_MODE"] = "production"

    done = bare.loanops("demo", "--no-serve", check=False)

    assert done.returncode == 2
    assert "production" in done.stderr


def test_says_what_is_no_date(bare: Installation) -> None:
    done = bare.loanops("demo", "--no-serve", "--until", "soon", check=False)

    assert (done.returncode, done.stderr.strip()) == (
        2, "--until: soon is not a date; write it as 2026-12-31.",
    )  # fmt: skip


def test_does_not_serve_a_build_that_was_interrupted(bare: Installation) -> None:
    mark = bare.home / "run" / "demo-unfinished"
    mark.parent.mkdir(parents=True)
    mark.touch()

    done = bare.loanops("demo", "--no-serve", check=False)

    assert done.returncode == 2
    assert "interrupted" in done.stderr


def test_has_teams_and_work_in_every_state_some_of_it_late(built: Built) -> None:
    place, summary = built

    states = dict(place.rows("SELECT state, COUNT(*) FROM team_item GROUP BY state"))
    taking = place.rows("SELECT COUNT(*) FROM team_taken")[0][0]

    assert {"waiting", "held", "done"} <= set(states)
    assert taking == 9
    assert {"review", "exception", "change"} <= set(summary["work_items"])
    assert sum(each["late"] for each in summary["work_items"].values()) > 0
