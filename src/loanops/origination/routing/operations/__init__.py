"""Orders to routing: seek a funder, sign on its page, draw down, find out, hear, clear up."""

from loanops.origination.routing.operations._drawing import Refused
from loanops.origination.routing.operations.clearing import (
    assign_exception,
    close_exception,
    give_up,
)
from loanops.origination.routing.operations.comparing import Compared, compare_schedules
from loanops.origination.routing.operations.hearing import take_callback
from loanops.origination.routing.operations.paying import (
    DrawOutcome,
    draw_down,
    draw_down_many,
    escalate,
    resolve,
    resolve_many,
)
from loanops.origination.routing.operations.seeking import (
    RouteOutcome,
    lapse,
    route,
    route_many,
    settle_attempts_many,
)
from loanops.origination.routing.operations.signing import settle_signing, start_signing
from loanops.origination.routing.operations.sweeping import Swept, settle_open

__all__ = [
    "Compared",
    "DrawOutcome",
    "Refused",
    "RouteOutcome",
    "Swept",
    "assign_exception",
    "close_exception",
    "compare_schedules",
    "draw_down",
    "draw_down_many",
    "escalate",
    "give_up",
    "lapse",
    "resolve",
    "resolve_many",
    "route",
    "route_many",
    "settle_attempts_many",
    "settle_open",
    "settle_signing",
    "start_signing",
    "take_callback",
]
