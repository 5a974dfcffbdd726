"""What the team refuses, in words."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class NothingWaits(Refusal):
    """There is nothing to take next."""

    code = "team_nothing_waits"
    sentence = "Nothing waits that you may take; look at the whole list."
    status = 404


class ItemDone(Refusal):
    """Its subject waits no more."""

    code = "team_item_done"
    sentence = "{number} is done already."


class ItemHeld(Refusal):
    """A colleague was quicker."""

    code = "team_item_held"
    sentence = "{number} is with somebody else; let it be assigned to you, or take the next one."


class NotYours(Refusal):
    """Only what one has can be given back."""

    code = "team_not_yours"
    sentence = "{number} is not with you, so you cannot give it back."
    status = 403


class MayNotDo(Refusal):
    """The person lacks the right, or does not see it."""

    code = "team_may_not_do"
    sentence = "{person} may not do {number}; choose somebody who has the right and sees it."
    status = 403


class NotInRight(Refusal):
    """Whoever entered it or asked for it does not decide it."""

    code = "team_not_by_them"
    sentence = "{person} entered or asked for {number}, so somebody else has to do it."
    status = 403


class NobodyMay(Refusal):
    """There is nobody to give it to."""

    code = "team_nobody_may"
    sentence = "Nobody in the team that takes it may do {number}; name somebody."


class NothingHeld(Refusal):
    """There is nothing to hand over."""

    code = "team_nothing_held"
    sentence = "{person} has no work item."


class KindTaken(Refusal):
    """A kind of work is one team's."""

    code = "team_kind_taken"
    sentence = "Team {team} takes this kind of work already; take it from there first."
    status = 422


class TooMany(Refusal):
    """A run that nobody could look over."""

    code = "team_too_many"
    sentence = "These are more than {most} items; narrow the list first."
    status = 422
