"""Tables of guarantees."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

_BOOK = "books.Book"


class PaidOut(models.Model):
    """Principal paid out under an agreement in one calendar year, first payouts of its loans.

    Kept as loans are opened, so that a ceiling that is a share of it costs no reading of loans.
    """

    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    agreement = models.CharField(max_length=32)
    year = models.PositiveSmallIntegerField()
    principal_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "year", "book"], name="servicing_paid_out_once"
            ),
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0), name="servicing_paid_out_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.year}"
