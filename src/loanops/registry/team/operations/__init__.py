"""Orders to the team."""

from loanops.registry.team.domain.levels import Level
from loanops.registry.team.operations.desks import remove_filter, save_filter, set_desk
from loanops.registry.team.operations.following import rebuild, settle
from loanops.registry.team.operations.holding import assign, claim, claim_next, release
from loanops.registry.team.operations.levels import set_level
from loanops.registry.team.operations.many import Outcome, assign_many, release_many
from loanops.registry.team.operations.runs import (
    TOTAL_MAX,
    assign_by_run,
    export_items,
    go_on,
    hand_over,
    read_export,
    release_by_run,
)
from loanops.registry.team.operations.teams import dissolve_team, set_team

__all__ = [
    "TOTAL_MAX",
    "Level",
    "Outcome",
    "assign",
    "assign_by_run",
    "assign_many",
    "claim",
    "claim_next",
    "dissolve_team",
    "export_items",
    "go_on",
    "hand_over",
    "read_export",
    "rebuild",
    "release",
    "release_by_run",
    "release_many",
    "remove_filter",
    "save_filter",
    "set_desk",
    "set_level",
    "set_team",
    "settle",
]
