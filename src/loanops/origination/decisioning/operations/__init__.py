"""Orders to decisioning: publish and assign strategies, let them judge, judge as a person."""

from loanops.origination.decisioning.domain.rescoring import Points
from loanops.origination.decisioning.operations.deciding import (
    DecideOutcome,
    decide,
    decide_many,
)
from loanops.origination.decisioning.operations.publishing import (
    assign_strategy,
    publish_strategy,
    revise_scorecard,
)
from loanops.origination.decisioning.operations.reviewing import review

__all__ = [
    "DecideOutcome",
    "Points",
    "assign_strategy",
    "decide",
    "decide_many",
    "publish_strategy",
    "review",
    "revise_scorecard",
]
