"""Tables of decisioning."""

from django.db import models
from django.db.models import F, Q

from loanops.origination.decisioning.domain.strategy import Outcome

_OUTCOMES = sorted(outcome.value for outcome in Outcome)


class StrategyVersion(models.Model):
    """A published strategy; its document never changes and ``hash`` names its content."""

    number = models.CharField(max_length=32, unique=True)
    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    hash = models.CharField(max_length=64, unique=True)
    name = models.JSONField()
    packs = models.JSONField()
    document_json = models.TextField()
    published_by = models.CharField(max_length=80)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"], name="decisioning_strategyversion_once"
            )
        ]


class Assignment(models.Model):
    """Which strategy judges a product (empty: every product) of a book from a business day on.

    Rows are only added; of those that have begun, the last one added for the latest day counts.
    """

    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    product = models.CharField(max_length=64)
    strategy = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    assigned_by = models.CharField(max_length=80)
    assigned_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["book", "product", "starts_on"], name="decisioning_assignment_when"
            )
        ]


class Verdict(models.Model):
    """One judgement of one application, by a strategy or (``strategy`` empty) by a person.

    Inputs, outputs and trace are frozen as canonical JSON; ``seal`` is the hash over all of it.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    application = models.ForeignKey(
        "applications.Application", to_field="number", on_delete=models.PROTECT, related_name="+"
    )
    place = models.PositiveSmallIntegerField()
    strategy = models.ForeignKey(
        StrategyVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=8)
    reasons = models.JSONField()
    score = models.IntegerField(null=True)
    grade = models.CharField(max_length=8, default="")
    limit_minor = models.BigIntegerField(null=True)
    offered_minor = models.BigIntegerField(null=True)
    inputs_json = models.TextField()
    outputs_json = models.TextField()
    trace_json = models.TextField()
    seal = models.CharField(max_length=64)
    note = models.CharField(max_length=1000, default="")
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()
    decided_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "place"], name="decisioning_verdict_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=_OUTCOMES), name="decisioning_verdict_outcome"
            ),
            models.CheckConstraint(
                condition=(Q(outcome="approve") & Q(offered_minor__gt=0))
                | (~Q(outcome="approve") & Q(offered_minor__isnull=True)),
                name="decisioning_verdict_offered",
            ),
            models.CheckConstraint(
                condition=Q(limit_minor__isnull=True)
                | Q(offered_minor__isnull=True)
                | Q(offered_minor__lte=F("limit_minor")),
                name="decisioning_verdict_limit",
            ),
        ]
