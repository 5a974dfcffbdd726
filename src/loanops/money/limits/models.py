"""Tables of limits."""

from django.db import models
from django.db.models import F, Q

from loanops.money.limits.domain.lifecycle import HoldState, Period

_PERIODS = [period.value for period in Period]
_STATES = [state.value for state in HoldState]


class Quota(models.Model):
    """A ceiling of an owner, such as ``funder:jianglan``; ``kind`` says of what."""

    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    owner = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    period = models.CharField(max_length=10)
    limit_minor = models.BigIntegerField()
    frozen_reason = models.CharField(max_length=200, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "owner", "kind"], name="limits_quota_once"),
            models.CheckConstraint(condition=Q(limit_minor__gte=0), name="limits_quota_limit"),
            models.CheckConstraint(condition=Q(period__in=_PERIODS), name="limits_quota_period"),
        ]


class Bucket(models.Model):
    """What is taken of a quota in one period; ``slot`` is a business day, or ``total``.

    The limit is copied here so that the database itself refuses to go above it.
    """

    quota = models.ForeignKey(Quota, on_delete=models.PROTECT, related_name="buckets")
    slot = models.CharField(max_length=10)
    limit_minor = models.BigIntegerField()
    reserved_minor = models.BigIntegerField(default=0)
    used_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["quota", "slot"], name="limits_bucket_once"),
            models.CheckConstraint(
                condition=Q(reserved_minor__gte=0)
                & Q(used_minor__gte=0)
                & Q(limit_minor__gte=F("reserved_minor") + F("used_minor")),
                name="limits_bucket_within",
            ),
        ]


class Hold(models.Model):
    """One key's take from one bucket: once reserved, once used or released."""

    bucket = models.ForeignKey(Bucket, on_delete=models.PROTECT, related_name="holds")
    owner = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=12)
    reserved_on = models.DateField()
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bucket", "key"], name="limits_hold_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="limits_hold_amount"),
            models.CheckConstraint(condition=Q(state__in=_STATES), name="limits_hold_state"),
        ]
        indexes = [models.Index(fields=["key", "owner"], name="limits_hold_key")]
