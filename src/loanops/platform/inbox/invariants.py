"""INV-12: every used key has a stored answer."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.platform.audit import Check, Violation
from loanops.platform.inbox.models import Answer


def unanswered() -> Iterator[Violation]:
    """Keys that were used and have no answer."""
    for row in Answer.objects.filter(status=0).order_by("id").iterator():
        yield Violation(
            code="INV-12",
            object=f"{row.source}:{row.key}",
            expected="a stored answer",
            found="none",
            hint="the command's transaction was changed by hand",
        )


CHECKS = (Check(code="INV-12", statement="Every used key has a stored answer.", find=unanswered),)
