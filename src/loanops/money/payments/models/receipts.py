"""Tables of money that came in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Receipt(models.Model):
    """Money that came in, once per (channel, pay_no); what is not allocated is unapplied."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=60)
    pay_no = models.CharField(max_length=80)
    subject = models.CharField(max_length=64)
    amount_minor = models.BigIntegerField()
    allocated_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    received_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "pay_no"], name="payments_receipt_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0)
                & Q(allocated_minor__gte=0)
                & Q(refunded_minor__gte=0)
                & Q(amount_minor__gte=F("allocated_minor") + F("refunded_minor")),
                name="payments_receipt_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "id"], name="payments_receipt_subject"),
            models.Index(
                fields=["book", "id"],
                condition=Q(amount_minor__gt=F("allocated_minor") + F("refunded_minor")),
                name="payments_receipt_unapplied",
            ),
        ]

    def __str__(self) -> str:
        return self.number
