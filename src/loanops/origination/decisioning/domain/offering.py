"""What an approval offers."""

from __future__ import annotations

from loanops.origination.decisioning.domain.judging import Judgement
from loanops.origination.decisioning.domain.strategy import Outcome


def offered_minor(judgement: Judgement, *, asked_minor: int) -> int | None:
    """The amount of an approval in minor units: what was asked for, within the limit.

    None for any other outcome. A strategy without a limit leaves the amount as asked.
    """
    if judgement.outcome is not Outcome.APPROVE:
        return None
    limit = judgement.limit_minor
    return asked_minor if limit is None else min(asked_minor, limit)
