"""Tables of rereading: runs in which floating loans read their index again, and their loans."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from loanops.loanbook.servicing.domain.rereading import OPEN, RereadState, Standing
from loanops.loanbook.servicing.models.loans import Loan

_BOOK = "books.Book"


class Reread(models.Model):
    """One run: which index is read again from which day on, who asked and who approved.

    ``figures_sha256`` names the figures by which it was worked out.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField(max_length=40)
    since = models.DateField()
    figures_sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    asked_on = models.DateField()
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=RereadState.PLANNING.value)
    # The last loan that was worked out: a run that was interrupted goes on after it.
    planned_to = models.BigIntegerField(default=0)
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RereadState]),
                name="servicing_reread_state",
            ),
            models.CheckConstraint(
                condition=~Q(state=RereadState.BOOKING.value) | ~Q(decided_by=F("asked_by")),
                name="servicing_reread_second_person",
            ),
            models.UniqueConstraint(
                fields=["book", "reference"],
                condition=Q(state__in=[state.value for state in OPEN]),
                name="servicing_reread_open",
            ),
        ]
        indexes = [models.Index(fields=["book", "-id"], name="servicing_reread_book")]

    def __str__(self) -> str:
        return self.number


class RereadLoan(models.Model):
    """A loan of a run: what it pays now and what it would, and what became of it.

    Rates are fractions a year, ``saving_minor`` how much less it pays in all (below zero: more).
    ``reads_json`` are the days and rates that are booked, ``problem`` why none is.
    """

    run = models.ForeignKey(Reread, models.PROTECT, related_name="+", db_index=False)
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+")
    product = models.CharField(max_length=64)
    funder = models.CharField(max_length=40)
    standing = models.CharField(max_length=8)
    reads_json = models.TextField(default="[]")
    rate_before = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    rate_after = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    instalment_before_minor = models.BigIntegerField(default=0)
    instalment_after_minor = models.BigIntegerField(default=0)
    saving_minor = models.BigIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "loan"], name="servicing_rereadloan_once"),
            models.CheckConstraint(
                condition=Q(standing__in=[standing.value for standing in Standing]),
                name="servicing_rereadloan_standing",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "standing", "id"], name="servicing_rereadloan_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.loan_id}"
