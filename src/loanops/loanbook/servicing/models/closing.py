"""Tables of the close: what pools earned, what is still to be folded, what was set aside."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from loanops.loanbook.servicing.models.loans import Loan, Pool

_BOOK = "books.Book"


class Unfolded(models.Model):
    """A loan whose periods are in no cohort yet. Rows come with loans and go with the close."""

    loan = models.OneToOneField(Loan, models.PROTECT, primary_key=True, related_name="+")
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    fold_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.loan_id)


class PeriodMove(models.Model):
    """A change of what a period of a pool asks. Rows come with events and go with the close."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+", db_index=False)
    starts_on = models.DateField()
    due_on = models.DateField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    fold_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.pool_id} {self.starts_on} {self.due_on}"


class PeriodCohort(models.Model):
    """What all instalments of a pool that run from one day to another ask for, as scheduled."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+", db_index=False)
    starts_on = models.DateField()
    due_on = models.DateField()
    principal_minor = models.BigIntegerField(default=0)
    interest_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "starts_on", "due_on"], name="servicing_cohort_once"
            ),
        ]
        indexes = [models.Index(fields=["due_on", "pool"], name="servicing_cohort_due")]

    def __str__(self) -> str:
        return f"{self.pool_id} {self.starts_on} {self.due_on}"


class PenalMove(models.Model):
    """A change of what bears penalty in a pool. Rows come with events and go with the close.

    ``rate`` is the rate of loans that it follows, empty for the agreed one.
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+", db_index=False)
    rate = models.CharField(max_length=40, blank=True, default="", db_default="")
    base_minor = models.BigIntegerField()
    base_days = models.BigIntegerField()
    frozen_minor_days = models.BigIntegerField()
    settled_minor = models.BigIntegerField()
    fold_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.pool_id} {self.base_minor}"


class InterestAccrual(models.Model):
    """Interest and fees a pool had earned when a day was closed; what was posted is the growth."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+", db_index=False)
    closed_on = models.DateField()
    interest_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "closed_on"], name="servicing_interest_accrual_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} {self.closed_on}"


class PenaltyAccrual(models.Model):
    """What bore penalty in a pool, and the penalty earned, when a day was closed.

    Where penalty follows the rate of loans, each ``rate`` beside the agreed one has a row.
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+", db_index=False)
    rate = models.CharField(max_length=40, blank=True, default="", db_default="")
    closed_on = models.DateField()
    base_minor = models.BigIntegerField()
    base_days = models.BigIntegerField()
    frozen_minor_days = models.BigIntegerField()
    settled_minor = models.BigIntegerField()
    penalty_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "closed_on", "rate"], name="servicing_penalty_accrual_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} {self.closed_on}"


class SetAside(models.Model):
    """A loan that a step of the close could not treat, and why; it waits for a person."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+")
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    closed_on = models.DateField()
    step = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan"], condition=Q(released_at__isnull=True), name="servicing_aside_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.step}"
