"""Pages of intake: a new application typed by staff, and the documents of an application."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.kernel.refusals import BadField
from loanops.origination.applications import operations, permissions, queries
from loanops.origination.applications.operations import Applicant, ApplicationRequest, Consent
from loanops.platform.web import clock
from loanops.platform.web.templatetags import in_language
from loanops.registry.compliance import queries as compliance
from loanops.registry.partners import queries as partners
from loanops.registry.products import permissions as product_grants
from loanops.registry.products import queries as products
from loanops.surfaces.console.forms.applications import (
    DocumentForm,
    JudgeForm,
    NewApplicationForm,
)
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render

SOURCE = "staff"
CONSENT_ACT = "application"
# The applicant may agree to each partner by itself; without it that partner is not asked.
SHARING = {
    "share_with_funder": partners.Role.FUNDER,
    "share_with_guarantor": partners.Role.GUARANTOR,
}


@dataclass(frozen=True)
class Asked:
    """A consent the applicant is asked for, with the words that are shown."""

    purpose: str
    name: str
    version: str
    text: str
    recipient: str = ""
    recipient_name: str = ""
    needed: bool = True

    @property
    def key(self) -> str:
        """How the form names it."""
        return f"{self.purpose}:{self.recipient}" if self.recipient else self.purpose


def _asked(request: ConsoleRequest) -> list[Asked]:
    """What the application needs, then what lets each partner on the list be asked."""
    book = request.book
    if book.without_identity:
        return []
    pack = compliance.get_pack(book.pack)
    sharing = _recipients(request)
    asked = []
    for consent in pack.consents:
        acts = {CONSENT_ACT, *SHARING} & set(consent.needed_for)
        wording = acts and pack.current_wording(consent.purpose, book.business_date)
        if not wording:
            continue
        recipients = {code: name for act in acts for code, name in sharing.get(act, {}).items()}
        for recipient in sorted(recipients) if consent.per_recipient else [""]:
            asked.append(
                Asked(
                    purpose=consent.purpose,
                    name=in_language(dict(consent.name)),
                    version=wording.version,
                    text=in_language(dict(wording.text)),
                    recipient=recipient,
                    recipient_name=recipients.get(recipient, ""),
                    needed=CONSENT_ACT in acts,
                )
            )
    return asked


def _recipients(request: ConsoleRequest) -> dict[str, dict[str, str]]:
    """The partners on the list for each act of sharing: their codes and legal names."""
    book = request.book
    listed = {
        act: partners.whitelisted(book=book.code, role=role.value, on=book.business_date)
        for act, role in SHARING.items()
    }
    found = partners.find_partners({code for codes in listed.values() for code in codes})
    return {act: {code: found[code].legal_name for code in codes} for act, codes in listed.items()}


def _form(request: ConsoleRequest, data: Any, **kwargs: Any) -> NewApplicationForm:
    offered = products.list_versions(
        book=request.book.code, on=request.book.business_date, viewer=request.actor
    )
    return NewApplicationForm(
        data,
        products={card.product: card.name for card in offered},
        currency=request.book.currency,
        without_identity=request.book.without_identity,
        **kwargs,
    )


@page(permissions.SUBMIT, product_grants.VIEW, needs_book=True)
def new_application(request: ConsoleRequest) -> HttpResponse:
    """The form of a new application."""
    form = _form(request, None, initial={"key": uuid.uuid4().hex})
    context = {
        "form": form,
        "parts": [
            (_("The loan"), form.part(form.LOAN)),
            (_("The applicant"), form.part(form.PERSON)),
            (_("Income and debts"), form.part(form.MEANS)),
            (_("History, as far as it is known"), form.part(form.HISTORY)),
        ],
        "consents": _asked(request),
    }
    return render(request, "console/applications/new.html", context)


@order(permissions.SUBMIT, product_grants.VIEW, needs_book=True)
def submit(request: ConsoleRequest) -> HttpResponse:
    """Take the typed application in, as a draft or submitted."""
    typed = _form(request, request.POST).read()
    asked = _asked(request)
    given = set(request.POST.getlist("consent"))
    if any(consent.needed and consent.key not in given for consent in asked):
        raise BadField(
            field=_("Consents of the applicant"),
            problem="the applicant must have agreed to each text that is marked as needed",
        )
    taken = ApplicationRequest(
        key=typed["key"],
        product=typed["product"],
        amount_minor=typed["amount_minor"],
        term_months=typed["term_months"],
        annual_rate=typed["annual_rate"],
        purpose=typed["purpose"],
        region=typed["region"],
        channel="counter",
        applicant=None if request.book.without_identity else _applicant(typed),
        facts={name: typed[name] for name in NewApplicationForm.FACTS if typed[name] is not None},
        consents=tuple(
            Consent(purpose=each.purpose, recipient=each.recipient, wording_version=each.version)
            for each in asked
            if each.key in given
        ),
    )
    if request.POST.get("as") == "draft":
        card = operations.open_draft(
            book=request.book.code,
            key=taken.key,
            request=taken,
            actor=request.actor,
            at=clock.now(),
        )
        return done(request, _("The draft is kept."), "console:application", card.number)
    card = operations.submit(
        book=request.book.code,
        source=SOURCE,
        key=taken.key,
        request=taken,
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The application was submitted."), "console:application", card.number)


def _applicant(typed: dict[str, Any]) -> Applicant:
    return Applicant(
        name=typed["name"],
        id_number=typed["id_number"],
        mobile=typed["mobile"],
        address=typed["address"],
        region=typed["region"],
        industry=typed["industry"],
        income_monthly_minor=typed["income_monthly_minor"],
    )


@order(permissions.SUBMIT)
def add_document(request: ConsoleRequest, number: str) -> HttpResponse:
    """Keep a document."""
    form = DocumentForm(request.POST, request.FILES, kinds=queries.document_kinds())
    typed = form.read()
    operations.add_document(
        number=number,
        kind=typed["kind"],
        name=typed["file"].name,
        content=typed["file"].read(),
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The document is kept."), "console:application", number)


@page(permissions.VIEW)
def read_document(request: ConsoleRequest, document: str) -> HttpResponse:
    """The file of a document, to be saved; it is never shown as a page of ours."""
    card, content = queries.read_document(document, viewer=request.actor)
    answer = HttpResponse(content, content_type=card.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{card.number}"'
    answer["Cache-Control"] = "no-store"
    return answer


@order(permissions.REVIEW_DOCUMENTS)
def accept_document(request: ConsoleRequest, number: str, document: str) -> HttpResponse:
    """Accept a document."""
    operations.accept_document(document=document, actor=request.actor, at=clock.now())
    return done(request, _("The document was accepted."), "console:application", number)


@order(permissions.REVIEW_DOCUMENTS)
def reject_document(request: ConsoleRequest, number: str, document: str) -> HttpResponse:
    """Reject a document for good."""
    reason = JudgeForm(request.POST).read()["reason"]
    operations.reject_document(
        document=document, reason=reason, actor=request.actor, at=clock.now()
    )
    return done(request, _("The document was rejected."), "console:application", number)


@order(permissions.REVIEW_DOCUMENTS)
def send_back_document(request: ConsoleRequest, number: str, document: str) -> HttpResponse:
    """Ask for a document again."""
    reason = JudgeForm(request.POST).read()["reason"]
    operations.send_back_document(
        document=document, reason=reason, actor=request.actor, at=clock.now()
    )
    return done(request, _("The document is asked for again."), "console:application", number)
