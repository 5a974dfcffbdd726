"""Issue a paper of a loan: with the borrower's name in clear, which leaves a trace."""

from __future__ import annotations

from datetime import datetime

from loanops.kernel.access import Actor
from loanops.loanbook.servicing.queries.loans import find_row
from loanops.loanbook.servicing.queries.papers import NAMING, PaperDays, PaperFile, read_paper
from loanops.platform.vault import permissions as vault
from loanops.registry.parties import operations as parties


def issue_paper(
    *,
    number: str,
    paper: str,
    days: PaperDays,
    form: str,
    chinese: bool,
    actor: Actor,
    at: datetime,
) -> PaperFile:
    """A paper of a loan as a file, naming the borrower in full where the actor may see that.

    The name is unmasked for the purpose of a paper, with its trace; without the right to that the
    paper shows the masked one and says so. Tables and calendars name nobody and leave no trace.

    :raises NotPermitted, NotFound, BadField: as the question for the paper, before any trace.
    :raises Refusal: everything that the question for the paper's card raises.
    """
    loan = find_row(number, actor)
    made = read_paper(
        number=number, paper=paper, days=days, form=form, chinese=chinese, viewer=actor
    )
    names = paper in NAMING and form == "pdf"
    if not names or not loan.party or not actor.may(vault.UNMASK):
        return made
    name = parties.unmask(
        number=loan.party, kind="name", purpose="borrower_paper", actor=actor, at=at
    )
    return read_paper(
        number=number,
        paper=paper,
        days=days,
        form=form,
        chinese=chinese,
        borrower=name,
        viewer=actor,
    )
