"""Tables of the outbox."""

from django.db import models


class Message(models.Model):
    """One announced event. ``delivered_at`` is set when every reaction has run."""

    name = models.CharField(max_length=80)
    book = models.CharField(max_length=16)
    subject = models.CharField(max_length=64)
    payload_json = models.TextField()
    at = models.DateTimeField()
    on = models.DateField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(delivered_at__isnull=True),
                name="outbox_message_pending",
            ),
            models.Index(fields=["subject", "id"], name="outbox_message_subject"),
        ]


class Delivery(models.Model):
    """One reaction's turn on one message: done, waiting for another try, or dead."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    reaction = models.CharField(max_length=120)
    state = models.CharField(max_length=10)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "reaction"], name="outbox_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "waiting", "dead"]),
                name="outbox_delivery_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state"], condition=~models.Q(state="done"), name="outbox_delivery_open"
            )
        ]
