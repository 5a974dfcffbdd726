"""Refusals: the words in which the house says no.

A refusal is an answer, not a bug. It carries a stable ``code`` for programs, the values that
explain it, and one English sentence; windows translate the sentence and map ``status`` to HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from loanops.kernel.personal import blurred

_PLACE = re.compile(r"\{(\w+)\}")


class Refusal(Exception):
    """An order that cannot be carried out, said in one sentence that tells how to mend it.

    Subclasses set ``code`` (unique in the house), ``sentence`` (an English template over the
    values) and ``status`` (the HTTP status a window answers with).
    """

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "This cannot be done."
    status: ClassVar[int] = 409

    def __init__(self, *, field: str | None = None, **values: object) -> None:
        """``field`` is what the refusal is about, where it is about one; values are texts.

        Somebody's number that was sent where ours belongs is not said back whole.
        """
        self.field = field
        self.values = {name: blurred(str(value)) for name, value in values.items()}
        super().__init__(self.text())

    def text(self, template: str | None = None) -> str:
        """The sentence with its values filled in; ``template`` is a translation of it.

        A ``problem`` may itself name values, so that it can be translated as one sentence.
        """
        values = {"field": self.field or "", **self.values}
        if "problem" in values:
            values["problem"] = _filled(values["problem"], values)
        return _filled(template or self.sentence, values)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Named places replaced, once; an unknown name or a stray brace stays as it is."""
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


class NotPermitted(Refusal):
    """The actor does not hold the grant."""

    code = "not_permitted"
    sentence = "You do not have the permission {grant}; ask a manager to grant it."
    status = 403


class NotFound(Refusal):
    """Missing and foreign answer alike, so that a number cannot be probed."""

    code = "not_found"
    sentence = "There is no {kind} with the number {number}."
    status = 404


class MoveNotAllowed(Refusal):
    """The lifecycle has no such move from this state."""

    code = "move_not_allowed"
    sentence = "{move} is not possible while the state is {state}."
    status = 409


class ChangedMeanwhile(Refusal):
    """Somebody else changed the row after the actor saw it."""

    code = "changed_meanwhile"
    sentence = "{number} was changed by somebody else meanwhile; reload the page and try again."
    status = 409


class BadField(Refusal):
    """One field of the input, and how to mend it."""

    code = "bad_field"
    sentence = "{field}: {problem}"
    status = 422


class KeyReused(Refusal):
    """One key cannot stand for two contents."""

    code = "key_reused"
    sentence = "The key {key} was already used with other content; use a new key."
    status = 409
