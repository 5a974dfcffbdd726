"""Tables of routing. Nothing in them is personal."""

from django.db import models
from django.db.models import Q

from loanops.origination.routing.domain.lifecycle import (
    LIVE_ATTEMPTS,
    LIVE_PAYOUTS,
    OPEN_ATTEMPTS,
    OPEN_PAYOUTS,
    OPEN_SIGNINGS,
    AttemptState,
    PayoutState,
    SigningState,
)

_ATTEMPTS = sorted(state.value for state in AttemptState)
_SIGNINGS = sorted(state.value for state in SigningState)
_PAYOUTS = sorted(state.value for state in PayoutState)
_LIVE_ATTEMPTS = sorted(state.value for state in LIVE_ATTEMPTS)
_OPEN_ATTEMPTS = sorted(state.value for state in OPEN_ATTEMPTS)
_LIVE_SIGNINGS = sorted(state.value for state in {*OPEN_SIGNINGS, SigningState.SIGNED})
_LIVE_PAYOUTS = sorted(state.value for state in LIVE_PAYOUTS)
_OPEN_PAYOUTS = sorted(state.value for state in OPEN_PAYOUTS)


class Decision(models.Model):
    """One choice of a funder: every candidate in order, and what excluded it."""

    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    application = models.CharField(max_length=32)
    round = models.PositiveSmallIntegerField()
    agreement = models.CharField(max_length=32, default="")
    funder = models.CharField(max_length=40, default="")
    guarantor = models.CharField(max_length=40, default="")
    candidates = models.JSONField()
    decided_at = models.DateTimeField()
    decided_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "round"], name="routing_decision_once")
        ]
        indexes = [
            models.Index(fields=["book", "decided_on"], name="routing_decision_day"),
        ]


class Attempt(models.Model):
    """One funder asked for one application, under serials of its own."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    application = models.CharField(max_length=32)
    party = models.CharField(max_length=32, default="")
    round = models.PositiveSmallIntegerField()
    funder = models.CharField(max_length=40)
    agreement = models.CharField(max_length=32)
    agreement_version = models.PositiveIntegerField()
    guarantor = models.CharField(max_length=40, default="")
    precheck_serial = models.CharField(max_length=64, default="")
    credit_serial = models.CharField(max_length=64, unique=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    term_months = models.PositiveSmallIntegerField()
    annual_rate = models.DecimalField(max_digits=12, decimal_places=8)
    state = models.CharField(max_length=12)
    granted_minor = models.BigIntegerField(null=True)
    valid_until = models.DateField(null=True)
    reason = models.CharField(max_length=64, default="")
    problem = models.CharField(max_length=64, default="")
    evidence = models.CharField(max_length=64, default="")
    tries = models.PositiveIntegerField(default=0)
    not_found_since = models.DateTimeField(null=True)
    planned_at = models.DateTimeField()
    planned_on = models.DateField()
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state__in=_LIVE_ATTEMPTS),
                name="routing_attempt_one_live",
            ),
            models.CheckConstraint(condition=Q(state__in=_ATTEMPTS), name="routing_attempt_state"),
            models.CheckConstraint(
                condition=~Q(state=AttemptState.APPROVED.value)
                | (Q(granted_minor__gt=0) & ~Q(evidence="")),
                name="routing_attempt_proven",
            ),
        ]
        indexes = [
            models.Index(fields=["application", "id"], name="routing_attempt_application"),
            models.Index(fields=["party", "funder", "state"], name="routing_attempt_person"),
            models.Index(
                fields=["moved_at"],
                condition=Q(state__in=_OPEN_ATTEMPTS),
                name="routing_attempt_open",
            ),
        ]


class Signing(models.Model):
    """One session in which the borrower signs one contract on the funder's page."""

    serial = models.CharField(max_length=64, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="+")
    application = models.CharField(max_length=32)
    contract = models.CharField(max_length=32)
    funder = models.CharField(max_length=40)
    request = models.JSONField()
    page_url = models.CharField(max_length=500, default="")
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=64, default="")
    problem = models.CharField(max_length=64, default="")
    evidence = models.CharField(max_length=64, default="")
    funder_contract_number = models.CharField(max_length=128, default="")
    signed_at = models.DateTimeField(null=True)
    copy_sha256 = models.CharField(max_length=64, default="")
    copy_file = models.CharField(max_length=32, default="")
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(state__in=_LIVE_SIGNINGS),
                name="routing_signing_one_live",
            ),
            models.CheckConstraint(condition=Q(state__in=_SIGNINGS), name="routing_signing_state"),
        ]
        indexes = [models.Index(fields=["application", "id"], name="routing_signing_application")]


class PayoutIntent(models.Model):
    """One order to pay money out. Every payout of the house is a row here and nowhere else."""

    number = models.CharField(max_length=32, unique=True)
    serial = models.CharField(max_length=64, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="+")
    application = models.CharField(max_length=32)
    contract = models.CharField(max_length=32)
    funder = models.CharField(max_length=40)
    guarantor = models.CharField(max_length=40, default="")
    product_version = models.CharField(max_length=32)
    signing_serial = models.CharField(max_length=64, default="")
    contract_digest = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    value_date = models.DateField()
    terms = models.JSONField()
    state = models.CharField(max_length=12)
    pay_number = models.CharField(max_length=64, default="")
    schedule_digest = models.CharField(max_length=64, default="")
    # Whether the funder's legal schedule is ours: empty until it was asked for and told.
    schedule_state = models.CharField(max_length=8, default="")
    schedule_asked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=64, default="")
    problem = models.CharField(max_length=64, default="")
    evidence = models.CharField(max_length=64, default="")
    tries = models.PositiveIntegerField(default=0)
    not_found_since = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField()
    submitted_on = models.DateField()
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(state__in=_LIVE_PAYOUTS),
                name="routing_payout_one_live",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state__in=_LIVE_PAYOUTS),
                name="routing_payout_one_loan",
            ),
            models.UniqueConstraint(
                fields=["funder", "pay_number"],
                condition=~Q(pay_number=""),
                name="routing_payout_pay_number",
            ),
            models.CheckConstraint(condition=Q(state__in=_PAYOUTS), name="routing_payout_state"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="routing_payout_amount"),
            models.CheckConstraint(
                condition=Q(schedule_state__in=["", "same", "differs"]),
                name="routing_payout_schedule",
            ),
            models.CheckConstraint(
                condition=~Q(state=PayoutState.SUCCESS.value)
                | (~Q(evidence="") & ~Q(pay_number="")),
                name="routing_payout_proven",
            ),
        ]
        indexes = [
            models.Index(
                fields=["submitted_at"],
                condition=Q(state__in=_OPEN_PAYOUTS),
                name="routing_payout_open",
            ),
            models.Index(fields=["book", "value_date", "funder"], name="routing_payout_month"),
            models.Index(
                fields=["book", "id"],
                condition=Q(state=PayoutState.SUCCESS.value, schedule_state=""),
                name="routing_payout_uncompared",
            ),
        ]


class Observation(models.Model):
    """What a funder said under a serial, as heard: append-only, the evidence of every move."""

    serial = models.CharField(max_length=64)
    request_number = models.CharField(max_length=32)
    source = models.CharField(max_length=10)
    standing = models.CharField(max_length=12)
    code = models.CharField(max_length=16, default="")
    reason = models.CharField(max_length=64, default="")
    problem = models.CharField(max_length=64, default="")
    evidence = models.CharField(max_length=64, default="")
    heard_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["serial", "id"], name="routing_observation_serial")]


class ExceptionCase(models.Model):
    """Something that only a person can clear up; it has an owner from the moment it is opened."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    serial = models.CharField(max_length=64)
    application = models.CharField(max_length=32)
    funder = models.CharField(max_length=40)
    detail = models.JSONField()
    owner = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    opened_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, default="")
    note = models.CharField(max_length=500, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["serial", "kind"],
                condition=Q(closed_at__isnull=True),
                name="routing_exceptioncase_one_open",
            ),
            models.CheckConstraint(condition=~Q(owner=""), name="routing_exceptioncase_owner"),
        ]
        indexes = [
            models.Index(
                fields=["book", "-id"],
                condition=Q(closed_at__isnull=True),
                name="routing_exceptioncase_open",
            )
        ]
