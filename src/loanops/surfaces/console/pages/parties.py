"""Pages of customers: found by name, mobile or identity number, shown masked."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.cache import never_cache

from loanops.loanbook.servicing import permissions as loan_grants
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing.queries import LoanFilter, LoanLine
from loanops.platform.vault import permissions as vault
from loanops.platform.web import clock
from loanops.registry.compliance import permissions as compliance_grants
from loanops.registry.compliance import queries as compliance
from loanops.registry.parties import operations, permissions, queries
from loanops.surfaces.console.forms.parties import UnmaskForm
from loanops.surfaces.console.pages.naming import partner_names, product_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, order, page, render


@page(permissions.VIEW, needs_book=True, asks=True)
def parties(request: ConsoleRequest) -> HttpResponse:
    """Search among the customers of the book; what was asked never stands in the address."""
    asked = request.POST.get("q", "").strip()[:80]
    found = (
        queries.search(book=request.book.code, text=asked, viewer=request.actor) if asked else []
    )
    return render(request, "console/parties/parties.html", {"asked": asked, "people": found})


@page(permissions.VIEW, needs_book=True)
def party(request: ConsoleRequest, number: str) -> HttpResponse:
    """One customer: masked particulars, consents, applications and loans."""
    card = queries.get_party(number, viewer=request.actor)
    may_consents = request.actor.may(compliance_grants.VIEW)
    context = {
        "party": card,
        "fields": [
            ("name", card.name_masked),
            ("id_number", card.id_number_masked),
            ("mobile", card.mobile_masked),
            ("address", card.address_masked),
            ("email", card.email_masked),
        ],
        "consents": (
            compliance.list_consents(subjects=[number], viewer=request.actor)
            if may_consents
            else []
        ),
        "may_consents": may_consents,
        "loans": _loans(request, number),
        "names": product_names(request),
        "partners": partner_names(request),
        "may_unmask": request.actor.may(vault.UNMASK),
        "form": UnmaskForm(),
    }
    return render(request, "console/parties/party.html", context)


def _loans(request: ConsoleRequest, number: str) -> tuple[LoanLine, ...] | None:
    if not request.actor.may(loan_grants.VIEW):
        return None
    wanted = LoanFilter(party=number, limit=50)
    return loans.list_loans(wanted=wanted, viewer=request.actor).lines


@never_cache
@order(vault.UNMASK)
def unmask(request: ConsoleRequest, number: str) -> HttpResponse:
    """One field in clear, for a purpose; the showing is recorded before it happens."""
    queries.get_party(number, viewer=request.actor)
    typed = UnmaskForm(request.POST).read()
    clear = operations.unmask(
        number=number,
        kind=typed["kind"],
        purpose=typed["purpose"],
        actor=request.actor,
        at=clock.now(),
    )
    context = {"kind": typed["kind"], "clear": clear, "number": number}
    return render(request, "console/parties/clear.html", context)
