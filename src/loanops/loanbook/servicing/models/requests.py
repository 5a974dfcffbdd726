"""Tables of changes that wait for a second person."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from loanops.loanbook.servicing.domain.asking import AskState
from loanops.loanbook.servicing.models.loans import Loan

_BOOK = "books.Book"


class ChangeRequest(models.Model):
    """A change that somebody asked for, with the digest of the effect that was shown."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    counts_on = models.DateField()
    values_json = models.TextField()
    # Which payment it is that comes with the change, where one does.
    channel = models.CharField(max_length=60, blank=True, default="")
    pay_no = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    # An effect is that of a business day; on another day it has to be asked for again.
    asked_on = models.DateField()
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=AskState.ASKED.value)
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AskState]),
                name="servicing_request_state",
            ),
            models.CheckConstraint(
                condition=~Q(state=AskState.APPROVED.value) | ~Q(decided_by=F("asked_by")),
                name="servicing_request_second_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["book", "id"],
                condition=Q(state=AskState.ASKED.value),
                name="servicing_request_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.number
