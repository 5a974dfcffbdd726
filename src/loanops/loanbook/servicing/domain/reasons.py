"""Reasons: what people say of what they order, and of what they refuse."""

from __future__ import annotations

from typing import Final

from loanops.kernel.refusals import BadField

LENGTH_MAX: Final = 300
"""Characters that are kept, of which a column holds as many."""


def reason_given(text: str) -> str:
    """Why something is done.

    :raises BadField: nothing is said, or too much.
    """
    reason = _short(text, field="reason")
    if not reason:
        raise BadField(field="reason", problem="say why")
    return reason


def note_given(text: str) -> str:
    """What is said of a decision, which may be nothing.

    :raises BadField: too much is said.
    """
    return _short(text, field="note")


def _short(text: str, *, field: str) -> str:
    said = text.strip()
    if len(said) > LENGTH_MAX:
        raise BadField(field=field, problem="at most {most} characters", most=LENGTH_MAX)
    return said
