"""Orders to limits: ceilings, and the holds under them."""

from loanops.money.limits.domain.filling import Shortfall, Wish
from loanops.money.limits.domain.refusals import (
    HoldKeyReused,
    LimitBelowTaken,
    QuotaExhausted,
    QuotaFrozen,
)
from loanops.money.limits.operations.holds import (
    give_back,
    give_back_many,
    release,
    release_many,
    reserve,
    reserve_many,
    use,
    use_many,
)
from loanops.money.limits.operations.quotas import (
    ensure_quotas_many,
    freeze,
    set_quota,
    unfreeze,
)

__all__ = [
    "HoldKeyReused",
    "LimitBelowTaken",
    "QuotaExhausted",
    "QuotaFrozen",
    "Shortfall",
    "Wish",
    "ensure_quotas_many",
    "freeze",
    "give_back",
    "give_back_many",
    "release",
    "release_many",
    "reserve",
    "reserve_many",
    "set_quota",
    "unfreeze",
    "use",
    "use_many",
]
