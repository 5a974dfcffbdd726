"""`loanops verify`: what one check cannot read hides nothing that the others find."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loanops.config import wiring
from loanops.platform.audit import Check, Violation
from loanops.surfaces.cli import verify

pytestmark = pytest.mark.django_db


def _unreadable() -> Iterator[Violation]:
    yield Violation(code="INV-03", object="loan LN-1", expected="1", found="2")
    raise ValueError("Expecting value")


def _another() -> Iterator[Violation]:
    yield Violation(code="INV-14", object="loan LN-2", expected="1", found="2")


def test_a_check_that_cannot_read_a_row_is_a_violation_beside_those_of_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checks = (
        Check("INV-03", "Every loan replays.", _unreadable),
        Check("INV-14", "Every row is witnessed.", _another),
    )
    monkeypatch.setattr(wiring, "invariants", lambda: checks)

    result = verify.report()

    assert [row["object"] for row in result["violations"]] == [
        "loan LN-1", "check “Every loan replays.”", "loan LN-2",
    ]  # fmt: skip
    assert (result["ok"], verify.exit_code(result)) == (False, 2)
