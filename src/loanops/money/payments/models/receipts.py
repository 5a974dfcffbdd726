"""Tables of money that came in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from loanops.money.payments.domain.refunds import RefundState


class Receipt(models.Model):
    """Money that came in, once per (channel, pay_no); what is not allocated is unapplied."""

    number = models.CharField(max_length=32)
    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=60)
    pay_no = models.CharField(max_length=80)
    subject = models.CharField(max_length=64)
    amount_minor = models.BigIntegerField()
    allocated_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    # What a bank took back of it and was still unapplied, or became so again.
    returned_minor = models.BigIntegerField(default=0, db_default=0)
    received_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="payments_receipt_number"),
            models.UniqueConstraint(fields=["channel", "pay_no"], name="payments_receipt_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0)
                & Q(allocated_minor__gte=0)
                & Q(refunded_minor__gte=0)
                & Q(returned_minor__gte=0)
                & Q(
                    amount_minor__gte=F("allocated_minor")
                    + F("refunded_minor")
                    + F("returned_minor")
                ),
                name="payments_receipt_adds_up",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "id"], name="payments_receipt_subject"),
            models.Index(
                fields=["book", "id"],
                condition=Q(
                    amount_minor__gt=F("allocated_minor")
                    + F("refunded_minor")
                    + F("returned_minor")
                ),
                name="payments_receipt_unapplied",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Return(models.Model):
    """Money that a bank took back (退票、拒付): once per receipt, and all of it.

    ``covered_minor`` is what the receipt gave for it; the rest waits until whoever laid the money
    has taken it back.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+", db_index=False)
    receipt = models.OneToOneField(Receipt, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    covered_minor = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=40)
    returned_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0)
                & Q(covered_minor__gte=0)
                & Q(covered_minor__lte=F("amount_minor")),
                name="payments_return_amounts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["book", "id"],
                condition=Q(covered_minor__lt=F("amount_minor")),
                name="payments_return_uncovered",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Refund(models.Model):
    """Unapplied money on its way back to the payer: asked for by one person, let go by another."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+", db_index=False)
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    state = models.CharField(max_length=10, default=RefundState.REQUESTED.value)
    # What was asked for, and so what was let go: receipt, amount and reason as one digest.
    sha256 = models.CharField(max_length=64)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    partner_reference = models.CharField(max_length=80, blank=True, default="")
    problem = models.CharField(max_length=120, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_refund_amount"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RefundState]),
                name="payments_refund_state",
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("requested_by")),
                name="payments_refund_two_people",
            ),
            models.UniqueConstraint(
                fields=["receipt"],
                condition=Q(state=RefundState.REQUESTED.value),
                name="payments_refund_one_request",
            ),
        ]

    def __str__(self) -> str:
        return self.number
