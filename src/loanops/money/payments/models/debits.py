"""Tables of debits: the policy of a channel, the files that go to it, and their orders."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from loanops.money.payments.domain.debits import UNPAID, AnswerKind, FileState, OrderState


class DebitPolicy(models.Model):
    """How a channel debits from a day on; a new policy is a new row."""

    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+", db_index=False)
    # Empty: every channel of the book without a policy of its own.
    channel = models.CharField(max_length=60, blank=True, default="")
    number = models.PositiveSmallIntegerField()
    effective_from = models.DateField()
    policy_json = models.TextField()
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "channel", "number"], name="payments_debitpolicy_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.number}"


class DebitFile(models.Model):
    """The orders of one window that go to one channel together."""

    number = models.CharField(max_length=64, unique=True)
    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=60)
    due_on = models.DateField()
    window = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, default=FileState.MADE.value)
    order_count = models.IntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    partner_reference = models.CharField(max_length=80, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    # As the channel's policy said when the file was made; no part may be taken where it is empty.
    part_min_minor = models.BigIntegerField(null=True, blank=True, default=1)
    stop_if_paid = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "channel", "due_on", "window"], name="payments_debitfile_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in FileState]),
                name="payments_debitfile_state",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DebitOrder(models.Model):
    """One attempt to collect what a subject owes, for one day and window."""

    number = models.CharField(max_length=64)
    # Of a file that there is, and of its book, as INV-08 checks: a constraint would look up each
    # of the many orders of a day again.
    book = models.ForeignKey(
        "books.Book", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    file = models.ForeignKey(DebitFile, models.PROTECT, related_name="+", db_constraint=False)
    channel = models.CharField(max_length=60)
    subject = models.CharField(max_length=64)
    # How the channel knows the debtor; never personal (a serial, not an account number).
    account = models.CharField(max_length=64)
    due_on = models.DateField()
    window = models.PositiveSmallIntegerField()
    amount_minor = models.BigIntegerField()
    collected_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, default=OrderState.ORDERED.value)
    reason = models.CharField(max_length=40, blank=True, default="")
    # The channel's number of the payment that it brought.
    pay_no = models.CharField(max_length=80, blank=True, default="", db_default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            # As a constraint: a unique field would get a second index on PostgreSQL.
            models.UniqueConstraint(fields=["number"], name="payments_debitorder_number"),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state=OrderState.ORDERED.value),
                name="payments_debitorder_one_live",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0)
                & Q(collected_minor__gte=0)
                & Q(collected_minor__lte=F("amount_minor")),
                name="payments_debitorder_amounts",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in OrderState]),
                name="payments_debitorder_state",
            ),
        ]
        indexes = [
            # Tries that did not bring all of the money: counted, and tried again in a later window.
            models.Index(
                fields=["book", "due_on", "subject"],
                condition=Q(state__in=[state.value for state in UNPAID]),
                name="payments_debitorder_unpaid",
            ),
            models.Index(
                fields=["pay_no"], condition=~Q(pay_no=""), name="payments_debitorder_pay_no"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AnswerFile(models.Model):
    """A file of a channel that a person took in: what a debit file brought, or was taken back."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=60)
    kind = models.CharField(max_length=10)
    file = models.ForeignKey(DebitFile, models.PROTECT, related_name="+", null=True, blank=True)
    # Counts the files of one kind for one debit file, or for one channel where there is none.
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    row_count = models.IntegerField()
    total_minor = models.BigIntegerField()
    taken_by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "channel", "kind", "sha256"], name="payments_answerfile_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in AnswerKind]),
                name="payments_answerfile_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.number
