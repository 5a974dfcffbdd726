"""Tables of classes: where loans stand, how they came there, and what a close provided for."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from loanops.loanbook.servicing.domain.classing import ORDER, OrderKind
from loanops.loanbook.servicing.models.loans import Loan, Pool

_BOOK = "books.Book"
_LAST = len(ORDER) - 1


class LoanClass(models.Model):
    """The class of a loan that was ever classed, judged or paused; all others are normal."""

    loan = models.OneToOneField(Loan, models.PROTECT, primary_key=True, related_name="+")
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    tier = models.PositiveSmallIntegerField()
    days_tier = models.PositiveSmallIntegerField()
    judged_tier = models.PositiveSmallIntegerField(null=True, blank=True)
    judged_until = models.DateField(null=True, blank=True)
    paused = models.BooleanField(default=False)
    paused_until = models.DateField(null=True, blank=True)
    # A restructured loan that is observed: the class at which it is held, and until when.
    observed_tier = models.PositiveSmallIntegerField(null=True, blank=True)
    observed_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            # The worst of days, judgement and observation.
            models.CheckConstraint(
                condition=Q(tier__lte=_LAST, tier__gte=F("days_tier"))
                & (Q(judged_tier__isnull=True) | Q(tier__gte=F("judged_tier")))
                & (Q(observed_tier__isnull=True) | Q(tier__gte=F("observed_tier")))
                & (
                    Q(tier=F("days_tier"))
                    | Q(judged_tier__isnull=False, tier=F("judged_tier"))
                    | Q(observed_tier__isnull=False, tier=F("observed_tier"))
                ),
                name="servicing_class_tier",
            ),
            models.CheckConstraint(
                condition=Q(observed_tier__isnull=True, observed_until__isnull=True)
                | Q(observed_tier__isnull=False, observed_until__isnull=False),
                name="servicing_class_observed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["book", "tier"], condition=Q(tier__gt=0), name="servicing_class_tier_held"
            ),
            models.Index(
                fields=["book"],
                condition=Q(judged_tier__isnull=False) | Q(paused=True),
                name="servicing_class_ordered",
            ),
            models.Index(
                fields=["book", "observed_until"],
                condition=Q(observed_until__isnull=False),
                name="servicing_class_observed_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.tier}"


class ClassChange(models.Model):
    """The log of classes of loans; append-only."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+", db_index=False)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    changed_on = models.DateField()
    at = models.DateTimeField()
    cause = models.CharField(max_length=10)
    from_tier = models.PositiveSmallIntegerField()
    to_tier = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_tier=F("to_tier")) & Q(from_tier__lte=_LAST, to_tier__lte=_LAST),
                name="servicing_class_change_moves",
            ),
        ]
        indexes = [
            models.Index(fields=["loan", "id"], name="servicing_class_change_loan"),
            models.Index(fields=["book", "changed_on"], name="servicing_class_change_day"),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.from_tier} {self.to_tier}"


class ClassOrder(models.Model):
    """What was ordered about a loan's class, and how it ended; never removed.

    The ``reason`` of an observation is the key of the restructuring that it is for.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+", db_index=False)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10)
    tier = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=100)
    at = models.DateTimeField()
    begins_on = models.DateField()
    until = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=100, blank=True, default="")
    ended_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "kind"],
                condition=Q(ended_on__isnull=True),
                name="servicing_class_order_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=OrderKind.JUDGEMENT.value, tier__gt=0, tier__lte=_LAST)
                | Q(kind=OrderKind.PAUSE.value, tier__isnull=True)
                | Q(
                    kind=OrderKind.OBSERVATION.value,
                    tier__gte=0,
                    tier__lte=_LAST,
                    until__isnull=False,
                ),
                name="servicing_class_order_kind",
            ),
        ]
        indexes = [models.Index(fields=["loan", "id"], name="servicing_class_order_loan")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.kind}"


class ClassSum(models.Model):
    """Principal and provision of a pool by class at the end of a closed day, as known then.

    ``loans`` is empty for the normal class: nobody counts loans that nothing happens to.
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+", db_index=False)
    closed_on = models.DateField()
    tier = models.PositiveSmallIntegerField()
    loans = models.PositiveIntegerField(null=True, blank=True)
    outstanding_minor = models.BigIntegerField()
    provision_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "closed_on", "tier"], name="servicing_class_sum_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} {self.closed_on} {self.tier}"


class VintageSum(models.Model):
    """Loans paid out in one month, as known at the end of a later one (静态池)."""

    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    product = models.CharField(max_length=40)
    month = models.DateField()
    closed_on = models.DateField()
    loans = models.PositiveIntegerField()
    principal_minor = models.BigIntegerField()
    outstanding_minor = models.BigIntegerField()
    # Principal paid out of the loans that were ever more than 30, and more than 90, days past due.
    ever_30_minor = models.BigIntegerField()
    ever_90_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "product", "month", "closed_on"], name="servicing_vintage_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.month} {self.closed_on}"
