"""Consents, asked one by one: which ones, with which words, for whom; and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loanops.origination.applications.operations import Consent
from loanops.registry.compliance import queries as compliance
from loanops.registry.compliance.queries import ConsentCard
from loanops.registry.partners import permissions as partner_grants
from loanops.registry.partners import queries as partners
from loanops.surfaces.portal.pages.shell import PortalRequest, seeing

MARKETING = "marketing"
# Acts of the rule pack for which a consent names its recipient, and whom they are for.
FUNDER_ACT, GUARANTOR_ACT = "share_with_funder", "share_with_guarantor"


@dataclass(frozen=True)
class Ask:
    """One consent to ask for: its words by version, its recipient, and where the law stands."""

    purpose: str
    recipient: str
    name: Mapping[str, str]
    version: str
    text: Mapping[str, str]
    source: str
    article: str
    recipient_name: Mapping[str, str]
    recipient_legal: str
    needed: bool

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.purpose}:{self.recipient}"


def general_asks(request: PortalRequest) -> list[Ask]:
    """What is asked for before anything personal is taken, in the order of the rule pack."""
    return [ask for ask in _asks(request, {}) if not ask.recipient]


def sharing_asks(request: PortalRequest, product: str) -> list[Ask]:
    """What is asked for each funder and guarantor that the product may be given to."""
    on = request.book.business_date
    agreements = partners.list_agreements(book=request.book.code, on=on, product=product)
    funders = dict.fromkeys(each.partner for each in agreements)
    guarantors = dict.fromkeys(each.guarantor for each in agreements)
    recipients = {FUNDER_ACT: list(funders), GUARANTOR_ACT: [code for code in guarantors if code]}
    return [ask for ask in _asks(request, recipients) if ask.recipient]


def _asks(request: PortalRequest, recipients: Mapping[str, Sequence[str]]) -> Iterable[Ask]:
    pack, on = compliance.get_pack(request.book.pack), request.book.business_date
    wanted = [code for codes in recipients.values() for code in codes]
    viewer = seeing(request, partner_grants.VIEW)
    cards = {code: partners.get_partner(code, viewer=viewer) for code in dict.fromkeys(wanted)}
    for kind in pack.consents:
        words = pack.current_wording(kind.purpose, on)
        if kind.effective_from > on or words is None:
            continue
        codes: Sequence[str] = [""]
        if kind.per_recipient:
            codes = [c for act in sorted(kind.needed_for) for c in recipients.get(act, ())]
        for code in codes:
            card = cards.get(code)
            yield Ask(
                purpose=kind.purpose,
                recipient=code,
                name=kind.name,
                version=words.version,
                text=words.text,
                source=kind.source.title,
                article=kind.article,
                recipient_name=card.name if card else {},
                recipient_legal=card.legal_name if card else "",
                needed=not kind.per_recipient and kind.needed_for != {MARKETING},
            )


def given(request: PortalRequest) -> dict[str, ConsentCard]:
    """The consents of the account that live, by what tells them apart."""
    listed = compliance.list_given(subjects=[request.borrower.account], viewer=request.actor)
    return {f"{each.purpose}:{each.recipient}": each for each in reversed(listed)}


def open_asks(
    asks: Iterable[Ask], held: Mapping[str, ConsentCard], declined: Iterable[str]
) -> list[Ask]:
    """Those that were neither given nor declined."""
    answered = {*held, *declined}
    return [ask for ask in asks if ask.key not in answered]


def as_consents(held: Iterable[ConsentCard]) -> tuple[Consent, ...]:
    """What an application brings along, from what the account gave."""
    return tuple(Consent(each.purpose, each.recipient, each.wording_version) for each in held)
