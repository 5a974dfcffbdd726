"""Tables of compliance."""

from django.db import models
from django.db.models import F, Q


class Consent(models.Model):
    """One consent of one person for one purpose (and recipient), until it is withdrawn.

    ``given_on`` and ``withdrawn_on`` are business days; the moments beside them are UTC. The
    evidence says how the consent was given and holds no personal field.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=32)
    purpose = models.CharField(max_length=40)
    recipient = models.CharField(max_length=40, default="")
    wording_version = models.CharField(max_length=20)
    wording_sha256 = models.CharField(max_length=64)
    channel = models.CharField(max_length=20)
    evidence = models.JSONField(default=dict)
    given_at = models.DateTimeField()
    given_on = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_on = models.DateField(null=True)
    withdrawn_reason = models.CharField(max_length=200, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["subject", "purpose", "recipient"],
                condition=Q(withdrawn_at__isnull=True),
                name="compliance_consent_live",
            ),
            models.Index(fields=["subject", "id"], name="compliance_consent_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_at")),
                name="compliance_consent_order",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_on__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_on__isnull=False),
                name="compliance_consent_withdrawn",
            ),
        ]


class Decision(models.Model):
    """A recorded decision of compliance on one topic, for one partner or for all (empty)."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=40)
    partner = models.CharField(max_length=40, default="")
    reason = models.CharField(max_length=500)
    document = models.CharField(max_length=200)
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_to = models.DateField()
    revoked_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["book", "topic"], name="compliance_decision_topic")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from")), name="compliance_decision_period"
            )
        ]


class ReferenceRate(models.Model):
    """A published rate (such as the one-year LPR) recorded by an operator, by date.

    Rows are never changed: a later row of the same day corrects the earlier.
    """

    pack = models.CharField(max_length=16)
    key = models.CharField(max_length=40)
    rate_annual = models.DecimalField(max_digits=12, decimal_places=8)
    effective_from = models.DateField()
    document = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["pack", "key", "effective_from"], name="compliance_rate_day")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_annual__gte=0), name="compliance_rate_not_negative"
            ),
        ]
