"""Tables of restructurings."""

from __future__ import annotations

from django.db import models

from loanops.loanbook.servicing.models.loans import Loan

_BOOK = "books.Book"


class Restructuring(models.Model):
    """A loan before and after it was agreed anew, as known when that was booked; append-only.

    ``event`` is the key of the event; ``counts_on`` the day it counts for; ``fold`` says by which
    folding of events both sides were made.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+", db_index=False)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    event = models.CharField(max_length=100)
    counts_on = models.DateField()
    booked_on = models.DateField()
    at = models.DateTimeField()
    before_json = models.TextField()
    after_json = models.TextField()
    treated_json = models.TextField()
    fold = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "event"], name="servicing_restructuring_once"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.event}"
