"""The words in which a strategy or a review is refused."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class StrategyWrong(Refusal):
    code = "decisioning_strategy_wrong"
    sentence = "The strategy cannot be published. {place}: {problem}."
    status = 422


class VersionTaken(Refusal):
    code = "decisioning_version_taken"
    sentence = "Version {version} of {strategy} is published already with other content; raise it."


class NoStrategy(Refusal):
    code = "decisioning_no_strategy"
    sentence = "The book {book} has no strategy for {product}; assign one first."


class SelfReview(Refusal):
    code = "decisioning_self_review"
    sentence = "{number} was entered by you; somebody else must review it."
    status = 403


class ReasonUnknown(Refusal):
    code = "decisioning_reason_unknown"
    sentence = "{field}: {reason} is not a reason a reviewer may give; one of {reasons} is taken."
    status = 422


class NotUnderReview(Refusal):
    code = "decisioning_not_under_review"
    sentence = "{number} is {stage}; only an application in review can be reviewed."


class CannotReplay(Refusal):
    code = "decisioning_cannot_replay"
    sentence = "The verdict {number} was given by a person and cannot be calculated again."


class StrategyNotForPack(Refusal):
    code = "decisioning_strategy_not_for_pack"
    sentence = "{strategy} was not made for the rule pack {pack} of the book {book}."
    status = 422


class AboveLimit(Refusal):
    code = "decisioning_above_limit"
    sentence = "{field}: the strategy allows at most {limit} for {number}."
    status = 422
