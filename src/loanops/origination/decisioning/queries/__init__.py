"""Questions to decisioning."""

from loanops.origination.decisioning.queries.reasons import Reason, house_reasons, review_reasons
from loanops.origination.decisioning.queries.strategies import (
    AssignmentCard,
    StrategyCard,
    get_strategy,
    list_assignments,
    list_strategies,
    shipped_strategies,
    strategy_in_force,
)
from loanops.origination.decisioning.queries.verdicts import (
    Replay,
    VerdictCard,
    VerdictLine,
    get_verdict,
    latest_outcomes,
    lines_of,
    replay,
    verdicts_of,
)

__all__ = [
    "AssignmentCard",
    "Reason",
    "Replay",
    "StrategyCard",
    "VerdictCard",
    "VerdictLine",
    "get_strategy",
    "get_verdict",
    "house_reasons",
    "latest_outcomes",
    "lines_of",
    "list_assignments",
    "list_strategies",
    "replay",
    "review_reasons",
    "shipped_strategies",
    "strategy_in_force",
    "verdicts_of",
]
