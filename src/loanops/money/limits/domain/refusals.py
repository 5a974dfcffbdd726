"""How limits say no."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class QuotaExhausted(Refusal):
    """A ceiling has less left than is asked for."""

    code = "limits_quota_exhausted"
    sentence = "{owner} has {left} left of its {kind} limit and {wanted} is needed; choose another."
    status = 409


class QuotaFrozen(Refusal):
    """Nothing new is taken from a frozen ceiling."""

    code = "limits_quota_frozen"
    sentence = "The {kind} limit of {owner} is frozen ({reason}); unfreeze it or choose another."
    status = 409


class HoldKeyReused(Refusal):
    """One key stands for one take."""

    code = "limits_hold_key_reused"
    sentence = "The key {key} already holds another amount of {owner}; use a new key."
    status = 409


class LimitBelowTaken(Refusal):
    """A ceiling cannot be set below what is taken."""

    code = "limits_below_taken"
    sentence = (
        "The {kind} limit of {owner} cannot be {limit}: {taken} is reserved or used; "
        "freeze it instead."
    )
    status = 409
