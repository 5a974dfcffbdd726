"""Tables of floating rates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from loanops.loanbook.servicing.models.loans import Loan

_BOOK = "books.Book"


class RateReset(models.Model):
    """A floating loan: which index it follows, and the next day on which it reads it.

    Without a day the loan reads its index whenever that has another value.
    """

    loan = models.OneToOneField(Loan, models.PROTECT, primary_key=True, related_name="+")
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField(max_length=40)
    next_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["book", "next_on"],
                condition=Q(next_on__isnull=False),
                name="servicing_reset_day",
            ),
            models.Index(
                fields=["book", "reference"],
                condition=Q(next_on__isnull=True),
                name="servicing_reset_change",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.reference}"
