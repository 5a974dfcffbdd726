"""INV-09: what cohorts say falls due is what the instalments of their pools say."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.loanbook.servicing.operations.periods import strayed_periods
from loanops.platform.audit import Violation


def cohorts() -> Iterator[Violation]:
    """Periods of a pool whose cohort, with the moves that wait, is not that of its instalments."""
    for each in strayed_periods():
        yield Violation(
            code="INV-09",
            object=f"cohort of {each.pool} {each.starts_on} {each.due_on}",
            expected="/".join(str(minor) for minor in each.expected),
            found="/".join(str(minor) for minor in each.found),
            hint="principal, interest and fees of the cohort are not those of its instalments",
        )
