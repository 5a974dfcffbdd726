"""Questions to the team."""

from loanops.registry.team.domain.holding import why_not
from loanops.registry.team.domain.kinds import FOLLOWED, KINDS, Kind
from loanops.registry.team.queries.board import Board, BoardLine, Load, get_board
from loanops.registry.team.queries.desks import (
    COLUMNS,
    DeskCard,
    FilterCard,
    get_desk,
    list_filters,
)
from loanops.registry.team.queries.items import (
    COUNT_MAX,
    ItemCard,
    ItemFilter,
    ItemPage,
    View,
    count_mine,
    count_views,
    find_open,
    get_item,
    list_items,
    numbers_of,
)
from loanops.registry.team.queries.levels import (
    LevelCard,
    dated_levels,
    list_levels,
    working_hours,
)
from loanops.registry.team.queries.runs import RunCard, get_run, list_runs
from loanops.registry.team.queries.teams import (
    TeamCard,
    find_people,
    kinds_of_team,
    kinds_seen,
    list_members,
    list_teams,
    members_of,
)

__all__ = [
    "COLUMNS",
    "COUNT_MAX",
    "FOLLOWED",
    "KINDS",
    "Board",
    "BoardLine",
    "DeskCard",
    "FilterCard",
    "ItemCard",
    "ItemFilter",
    "ItemPage",
    "Kind",
    "LevelCard",
    "Load",
    "RunCard",
    "TeamCard",
    "View",
    "count_mine",
    "count_views",
    "dated_levels",
    "find_open",
    "find_people",
    "get_board",
    "get_desk",
    "get_item",
    "get_run",
    "kinds_of_team",
    "kinds_seen",
    "list_filters",
    "list_items",
    "list_levels",
    "list_members",
    "list_runs",
    "list_teams",
    "members_of",
    "numbers_of",
    "why_not",
    "working_hours",
]
