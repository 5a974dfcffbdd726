"""What may follow what, and what each stage permits: two tables.

A decline has no way out: whoever wants to go on applies again (after the cooling-off period).
"""

from __future__ import annotations

from enum import StrEnum

from loanops.kernel.lifecycle import Lifecycle


class Stage(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    OFFERED = "offered"
    SIGNED = "signed"
    DISBURSED = "disbursed"
    DECLINED = "declined"
    FUNDING_REFUSED = "funding_refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Move(StrEnum):
    """What can be done with an application."""

    SUBMIT = "submit"
    REFER = "refer"
    APPROVE = "approve"
    DECLINE = "decline"
    OFFER = "offer"
    TAKE_BACK_OFFER = "take_back_offer"
    SIGN = "sign"
    DISBURSE = "disburse"
    REFUSE_FUNDING = "refuse_funding"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class Right(StrEnum):
    """What may be done to an application without moving it."""

    EDIT = "edit"
    ADD_DOCUMENTS = "add_documents"
    JUDGE_DOCUMENTS = "judge_documents"
    DECIDE = "decide"


LIFECYCLE: Lifecycle[Stage, Move] = Lifecycle(
    {
        (Stage.DRAFT, Move.SUBMIT): Stage.SUBMITTED,
        (Stage.DRAFT, Move.WITHDRAW): Stage.WITHDRAWN,
        (Stage.DRAFT, Move.EXPIRE): Stage.EXPIRED,
        (Stage.SUBMITTED, Move.APPROVE): Stage.APPROVED,
        (Stage.SUBMITTED, Move.DECLINE): Stage.DECLINED,
        (Stage.SUBMITTED, Move.REFER): Stage.IN_REVIEW,
        (Stage.SUBMITTED, Move.WITHDRAW): Stage.WITHDRAWN,
        (Stage.SUBMITTED, Move.EXPIRE): Stage.EXPIRED,
        (Stage.IN_REVIEW, Move.APPROVE): Stage.APPROVED,
        (Stage.IN_REVIEW, Move.DECLINE): Stage.DECLINED,
        (Stage.IN_REVIEW, Move.WITHDRAW): Stage.WITHDRAWN,
        (Stage.IN_REVIEW, Move.EXPIRE): Stage.EXPIRED,
        (Stage.APPROVED, Move.OFFER): Stage.OFFERED,
        (Stage.APPROVED, Move.REFUSE_FUNDING): Stage.FUNDING_REFUSED,
        (Stage.APPROVED, Move.WITHDRAW): Stage.WITHDRAWN,
        (Stage.APPROVED, Move.EXPIRE): Stage.EXPIRED,
        (Stage.OFFERED, Move.SIGN): Stage.SIGNED,
        # An offer that lapses or is not taken goes back, so that the next funder can be asked.
        (Stage.OFFERED, Move.TAKE_BACK_OFFER): Stage.APPROVED,
        (Stage.OFFERED, Move.REFUSE_FUNDING): Stage.FUNDING_REFUSED,
        (Stage.OFFERED, Move.WITHDRAW): Stage.WITHDRAWN,
        (Stage.OFFERED, Move.EXPIRE): Stage.EXPIRED,
        # From here money may be on its way: the borrower can no longer simply withdraw.
        (Stage.SIGNED, Move.DISBURSE): Stage.DISBURSED,
        (Stage.SIGNED, Move.REFUSE_FUNDING): Stage.FUNDING_REFUSED,
    },
    start=Stage.DRAFT,
)

RIGHTS: dict[Stage, frozenset[Right]] = {
    Stage.DRAFT: frozenset({Right.EDIT, Right.ADD_DOCUMENTS, Right.JUDGE_DOCUMENTS}),
    Stage.SUBMITTED: frozenset({Right.ADD_DOCUMENTS, Right.JUDGE_DOCUMENTS, Right.DECIDE}),
    Stage.IN_REVIEW: frozenset({Right.ADD_DOCUMENTS, Right.JUDGE_DOCUMENTS, Right.DECIDE}),
    Stage.APPROVED: frozenset({Right.ADD_DOCUMENTS, Right.JUDGE_DOCUMENTS}),
    Stage.OFFERED: frozenset({Right.ADD_DOCUMENTS, Right.JUDGE_DOCUMENTS}),
    Stage.SIGNED: frozenset(),
    Stage.DISBURSED: frozenset(),
    Stage.DECLINED: frozenset(),
    Stage.FUNDING_REFUSED: frozenset(),
    Stage.WITHDRAWN: frozenset(),
    Stage.EXPIRED: frozenset(),
}

ENDS = LIFECYCLE.ends()
# A person with one of these has a request under way and is not taken in a second time.
OPEN = LIFECYCLE.states() - ENDS


def permits(stage: Stage, right: Right) -> bool:
    """Whether the stage permits the act."""
    return right in RIGHTS[stage]
