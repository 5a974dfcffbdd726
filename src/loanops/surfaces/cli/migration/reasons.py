"""Why rows of a file cannot be taken, in few lines: a wrong column is wrong in every row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from loanops.loanbook.servicing.queries import BookFile, RowRefusal

LINES_MAX: Final = 10


def reasons_of(read: BookFile) -> list[dict[str, Any]]:
    """Each reason once, the commonest first: its column, how often, and where it stands first."""
    from loanops.platform.web.words import words_of

    counts: Counter[tuple[str, str]] = Counter()
    firsts: dict[tuple[str, str], RowRefusal] = {}
    for each in read.refused:
        place = each.column, each.code
        counts[place] += 1
        firsts.setdefault(place, each)
    return [
        {
            "column": column,
            "code": code,
            "count": count,
            "line": firsts[column, code].line,
            "reason": words_of(firsts[column, code].refusal),
        }
        for (column, code), count in counts.most_common()
    ]


def said_reasons(reasons: list[dict[str, Any]]) -> list[str]:
    """The commonest reasons in words; how many kinds are left where there are more."""
    from django.utils.translation import gettext as _

    lines = [
        (_("%(count)s ×, first in line %(line)s: %(reason)s") % each).replace("%", "%%")
        for each in reasons[:LINES_MAX]
    ]
    if len(reasons) > LINES_MAX:
        more = len(reasons) - LINES_MAX
        lines.append(_("%(more)s more kinds of reasons stand in the file.") % {"more": more})
    return lines
