"""Documents of an application: their kinds, their states, and when enough of them are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class DocumentState(StrEnum):
    """Where one document stands."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"


class Judgement(StrEnum):
    """What a reviewer says of one document."""

    ACCEPT = "accept"
    REJECT = "reject"
    SEND_BACK = "send_back"


# A document that is sent back is replaced by a new one; the old row keeps its reason.
DOCUMENT_LIFECYCLE: Lifecycle[DocumentState, Judgement] = Lifecycle(
    {
        (DocumentState.RECEIVED, Judgement.ACCEPT): DocumentState.ACCEPTED,
        (DocumentState.RECEIVED, Judgement.REJECT): DocumentState.REJECTED,
        (DocumentState.RECEIVED, Judgement.SEND_BACK): DocumentState.SENT_BACK,
        (DocumentState.ACCEPTED, Judgement.REJECT): DocumentState.REJECTED,
        (DocumentState.ACCEPTED, Judgement.SEND_BACK): DocumentState.SENT_BACK,
    },
    start=DocumentState.RECEIVED,
)

KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "id_front": {"zh-hans": "身份证人像面", "en": "Identity card, portrait side"},
    "id_back": {"zh-hans": "身份证国徽面", "en": "Identity card, emblem side"},
    "income_proof": {"zh-hans": "收入证明", "en": "Proof of income"},
    "bank_statement": {"zh-hans": "银行流水", "en": "Bank statement"},
    "employment_proof": {"zh-hans": "工作证明", "en": "Proof of employment"},
    "residence_proof": {"zh-hans": "居住证明", "en": "Proof of residence"},
    "purpose_proof": {"zh-hans": "用途证明", "en": "Proof of purpose"},
    "other": {"zh-hans": "其他资料", "en": "Other document"},
}

# Why a document is rejected or sent back: words, not free text, so that nothing personal slips in.
REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "unreadable": {"zh-hans": "不清晰", "en": "It cannot be read"},
    "incomplete": {"zh-hans": "不完整", "en": "It is not complete"},
    "expired": {"zh-hans": "已过期", "en": "It has expired"},
    "wrong_kind": {"zh-hans": "资料类型不符", "en": "It is another kind of document"},
    "wrong_person": {"zh-hans": "非申请人本人资料", "en": "It belongs to somebody else"},
    "contradicts": {"zh-hans": "与申请信息不一致", "en": "It contradicts the application"},
    "not_genuine": {"zh-hans": "疑似不真实", "en": "It does not seem genuine"},
}


@dataclass(frozen=True)
class ItemIn:
    """One line of a product's checklist."""

    kind: str
    mandatory: bool


def missing_kinds(
    mandatory: Iterable[str], documents: Iterable[tuple[str, DocumentState]]
) -> tuple[str, ...]:
    """The mandatory kinds of which no document is received or accepted."""
    there = {
        kind
        for kind, state in documents
        if state in {DocumentState.RECEIVED, DocumentState.ACCEPTED}
    }
    return tuple(kind for kind in mandatory if kind not in there)
