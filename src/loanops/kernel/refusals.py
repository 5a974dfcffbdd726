"""Refusals: the words in which the house says no.

A refusal is an answer, not a bug. It carries a stable ``code`` for programs, the values that
explain it, and one English sentence; windows translate the sentence and map ``status`` to HTTP.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """An order that cannot be carried out, said in one sentence that tells how to mend it.

    Subclasses set ``code`` (unique in the house), ``sentence`` (an English template over the
    values) and ``status`` (the HTTP status a window answers with).
    """

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "This cannot be done."
    status: ClassVar[int] = 409

    def __init__(self, *, field: str | None = None, **values: object) -> None:
        self.field = field
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(self.text())

    def text(self, template: str | None = None) -> str:
        """The sentence with its values filled in; ``template`` is a translation of it."""
        values = {"field": self.field or "", **self.values}
        return (template or self.sentence).format_map(_Forgiving(values))


class _Forgiving(dict[str, str]):
    """A translation that names a value we do not have must not turn a refusal into an error."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class NotPermitted(Refusal):
    code = "not_permitted"
    sentence = "You do not have the permission {grant}; ask a manager to grant it."
    status = 403


class NotFound(Refusal):
    """Missing and foreign answer alike, so that a number cannot be probed."""

    code = "not_found"
    sentence = "There is no {kind} with the number {number}."
    status = 404


class MoveNotAllowed(Refusal):
    code = "move_not_allowed"
    sentence = "{move} is not possible while the state is {state}."
    status = 409


class ChangedMeanwhile(Refusal):
    code = "changed_meanwhile"
    sentence = "{number} was changed by somebody else meanwhile; reload the page and try again."
    status = 409


class BadField(Refusal):
    code = "bad_field"
    sentence = "{field}: {problem}"
    status = 422


class KeyReused(Refusal):
    code = "key_reused"
    sentence = "The key {key} was already used with other content; use a new key."
    status = 409
