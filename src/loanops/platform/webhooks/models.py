"""Tables of the webhooks."""

from typing import ClassVar

from django.db import models


class Subscription(models.Model):
    """Who wants which events where; the secret that signs them is sealed by the vault."""

    SEALED: ClassVar = ("secret", "secret_before")

    number = models.CharField(max_length=32, unique=True)
    owner = models.CharField(max_length=80)
    partner = models.CharField(max_length=32, default="")
    books = models.JSONField(null=True)
    url = models.CharField(max_length=500)
    events = models.JSONField()
    secret = models.TextField()
    secret_before = models.TextField(default="")
    secret_before_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default="active")
    reason = models.CharField(max_length=40, default="")
    last_sequence = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "disabled"]),
                name="webhooks_subscription_state",
            )
        ]
        indexes = [models.Index(fields=["owner"], name="webhooks_subscription_owner")]


class Posting(models.Model):
    """One event for one subscription; sequences are dense, so a receiver sees a gap."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveBigIntegerField()
    message = models.ForeignKey("outbox.Message", on_delete=models.PROTECT, related_name="+")
    body = models.TextField()
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=200, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "sequence"], name="webhooks_posting_sequence"
            ),
            models.UniqueConstraint(
                fields=["subscription", "message"], name="webhooks_posting_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "delivered", "failed", "dropped"]),
                name="webhooks_posting_state",
            ),
        ]
