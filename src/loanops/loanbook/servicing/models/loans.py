"""Tables of loans. What `project` writes can be derived again from the events."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from loanops.loanbook.servicing.domain.lifecycle import LoanState

_BOOK = "books.Book"


class Pool(models.Model):
    """Loans of one product, funder, rate and rules, whose accrual is posted together."""

    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=120)
    product = models.CharField(max_length=40)
    funder = models.CharField(max_length=40)
    channel = models.CharField(max_length=60, blank=True, default="")
    annual_rate = models.CharField(max_length=24)
    # Grace stands beside the rules because the close selects by it.
    grace_days = models.PositiveSmallIntegerField(default=0)
    rules_json = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "code"], name="servicing_pool_once"),
        ]

    def __str__(self) -> str:
        return self.code


class Loan(models.Model):
    """One loan: who lends and on which contract, and the figures of its projection."""

    number = models.CharField(max_length=32)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+", db_index=False)
    application = models.CharField(max_length=32)
    # Of a loan that was brought in: where it came from and its number there.
    contract = models.CharField(max_length=64)
    intent = models.CharField(max_length=64)
    # How the funder knows the loan: the serial of its drawdown.
    serial = models.CharField(max_length=64)
    party = models.CharField(max_length=32, blank=True, default="")
    # By which channel it was asked for; that of its debits is the pool's.
    origin_channel = models.CharField(max_length=64, blank=True, default="", db_default="")
    funder = models.CharField(max_length=40)
    guarantor = models.CharField(max_length=40, blank=True, default="")
    # Who owns the claim: the funder, until a guarantor or a buyer pays for it.
    claim_owner = models.CharField(max_length=40)
    product = models.CharField(max_length=40)
    product_version = models.CharField(max_length=40, blank=True, default="")
    # Paid out at first. What was advanced in all is more where there were further tranches, or
    # unpaid parts were made principal.
    principal_minor = models.BigIntegerField()
    advanced_minor = models.BigIntegerField()
    disbursed_on = models.DateField()
    instalment_count = models.PositiveSmallIntegerField()
    # The last day for which something other than a plain repayment counts, if any does.
    changed_on = models.DateField(null=True, blank=True)

    state = models.CharField(max_length=12, default=LoanState.ACTIVE.value)
    bucket = models.PositiveSmallIntegerField(default=0)
    outstanding_minor = models.BigIntegerField()
    oldest_due_on = models.DateField(null=True, blank=True)
    # The day from which the bucket counts, where days past due stood still after that due day.
    counted_from = models.DateField(null=True, blank=True)
    credit_minor = models.BigIntegerField(default=0)
    last_event_on = models.DateField()
    settled_on = models.DateField(null=True, blank=True)
    set_aside = models.BooleanField(default=False)

    class Meta:
        constraints = [
            # As a constraint: a unique field would get a second index on PostgreSQL.
            models.UniqueConstraint(fields=["number"], name="servicing_loan_number"),
            models.UniqueConstraint(fields=["contract"], name="servicing_loan_one_per_contract"),
            models.UniqueConstraint(fields=["intent"], name="servicing_loan_one_per_intent"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in LoanState]),
                name="servicing_loan_state",
            ),
            models.CheckConstraint(
                condition=Q(principal_minor__gt=0)
                & Q(outstanding_minor__gte=0)
                & Q(outstanding_minor__lte=F("advanced_minor"))
                & Q(credit_minor__gte=0),
                name="servicing_loan_amounts",
            ),
        ]
        indexes = [
            # What the close asks: which loans have grown older than their bucket.
            models.Index(
                fields=["book", "bucket", "oldest_due_on"],
                condition=Q(oldest_due_on__isnull=False),
                name="servicing_loan_ageing",
            ),
            # With the day in it: by the book alone, a planner takes any other index of the book.
            models.Index(
                fields=["book", "oldest_due_on"],
                condition=Q(credit_minor__gt=0),
                name="servicing_loan_with_credit",
            ),
            models.Index(fields=["application"], name="servicing_loan_application"),
            # Whose loans came with a file; those of others are found by their applications.
            models.Index(
                fields=["party"],
                condition=Q(application="") & ~Q(party=""),
                name="servicing_loan_of_person",
            ),
            # Which loans were there on a past day, a page at a time.
            models.Index(fields=["book", "disbursed_on", "number"], name="servicing_loan_paid_out"),
        ]

    def __str__(self) -> str:
        return self.number


class LoanTerms(models.Model):
    """What was agreed about a loan's money, kept apart so that loans stay slim to scan."""

    loan = models.OneToOneField(Loan, models.PROTECT, primary_key=True, related_name="+")
    terms_json = models.TextField()
    # Under which version of the funder's agreement it was paid out; empty where that is not known.
    agreement = models.CharField(max_length=32, blank=True, default="", db_default="")
    agreement_version = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return str(self.loan_id)


class LoanEvent(models.Model):
    """Something that happened to a loan; append-only.

    ``content_json`` is what the event says beside its day and amount, ``values_json`` what it did
    when it was booked.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    counts_on = models.DateField()
    booked_on = models.DateField()
    at = models.DateTimeField()
    amount_minor = models.BigIntegerField()
    receipt = models.CharField(max_length=32, blank=True, default="")
    content_json = models.TextField(blank=True, default="", db_default="")
    values_json = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "key"], name="servicing_event_once"),
        ]
        indexes = [
            # Late news: what was booked after the day it counts for, by which past days differ.
            models.Index(
                fields=["booked_on", "counts_on", "loan"],
                condition=Q(booked_on__gt=F("counts_on")),
                name="servicing_event_late",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Instalment(models.Model):
    """One instalment of the schedule in force, as `project` last wrote it."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+", db_index=False)
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    due_on = models.DateField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    paid_principal_minor = models.BigIntegerField(default=0)
    paid_interest_minor = models.BigIntegerField(default=0)
    paid_fee_minor = models.BigIntegerField(default=0)
    paid_penalty_minor = models.BigIntegerField(default=0)
    # Principal, interest and fees unpaid, kept because the due list is read by index alone.
    open_minor = models.BigIntegerField()
    penal_to = models.DateField(null=True, blank=True)
    penal_minor_days = models.BigIntegerField(default=0)
    penal_end = models.DateField(null=True, blank=True)
    # Charged beside the penalty that days past due make; below zero: waived of it.
    penalty_adjust_minor = models.BigIntegerField(default=0, db_default=0)
    # Who owns the claim on it, where it is not who owned it at the start.
    owner = models.CharField(max_length=40, blank=True, default="", db_default="")
    # Of the fees what was charged for being late, and by how many of the rules in their order.
    late_fee_minor = models.BigIntegerField(default=0, db_default=0)
    late_fee_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The rate of the loan that its penalty follows, where that is not the agreed one any more.
    penal_rate = models.CharField(max_length=40, blank=True, default="", db_default="")
    # The day from which the cap of its penalty leaves no more, where that rate changed.
    capped_on = models.DateField(null=True, blank=True)
    # What of its unpaid penalty bears penalty itself.
    compounded_minor = models.BigIntegerField(default=0, db_default=0)
    settled_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "number"], name="servicing_instalment_once"),
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0)
                & Q(interest_minor__gte=0)
                & Q(fee_minor__gte=0)
                & Q(paid_principal_minor__gte=0)
                & Q(paid_interest_minor__gte=0)
                & Q(paid_fee_minor__gte=0)
                & Q(paid_penalty_minor__gte=0)
                & Q(penal_minor_days__gte=0)
                & Q(paid_principal_minor__lte=F("principal_minor"))
                & Q(paid_interest_minor__lte=F("interest_minor"))
                & Q(paid_fee_minor__lte=F("fee_minor")),
                name="servicing_instalment_amounts",
            ),
            models.CheckConstraint(
                condition=Q(
                    open_minor=F("principal_minor")
                    + F("interest_minor")
                    + F("fee_minor")
                    - F("paid_principal_minor")
                    - F("paid_interest_minor")
                    - F("paid_fee_minor")
                ),
                name="servicing_instalment_open",
            ),
        ]
        indexes = [
            # The open work of the close: what is not paid and not yet overdue, by due date, with
            # all that a due list shows, so that the table itself is not read. Loans in their
            # order, so that what is looked up and written for them lies side by side.
            models.Index(
                fields=["due_on", "loan", "pool", "number", "open_minor"],
                condition=Q(open_minor__gt=0, penal_to__isnull=True),
                name="servicing_instalment_waiting",
            ),
            models.Index(
                fields=["due_on", "loan"],
                condition=Q(open_minor__gt=0, penal_to__isnull=False),
                name="servicing_instalment_overdue",
            ),
            # What a cap of its own will end, until it has: few, wherever rates changed at all.
            models.Index(
                fields=["pool", "capped_on"],
                condition=Q(open_minor__gt=0, penal_end__isnull=True, penal_to__lt=F("capped_on")),
                name="servicing_instalment_capped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id}/{self.number}"


class Change(models.Model):
    """The log of states and buckets of loans; append-only."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+", db_index=False)
    changed_on = models.DateField()
    at = models.DateTimeField()
    move = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    from_bucket = models.PositiveSmallIntegerField()
    to_bucket = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["loan", "id"], name="servicing_change_loan")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.move}"
