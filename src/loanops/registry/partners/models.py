"""Tables of the partner register."""

from django.db import models
from django.db.models import F, Q

from loanops.registry.partners.domain.lifecycle import Standing
from loanops.registry.partners.domain.words import PartnerKind, Role

_KINDS = [kind.value for kind in PartnerKind]
_STANDINGS = [standing.value for standing in Standing]
_ROLES = [role.value for role in Role]


class Partner(models.Model):
    """A company we work with; ``name`` by language, licence with the day it ends (exclusive)."""

    code = models.CharField(max_length=40, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    name = models.JSONField()
    legal_name = models.CharField(max_length=120)
    licence_number = models.CharField(max_length=60, default="")
    licence_expires_on = models.DateField(null=True)
    contact = models.CharField(max_length=200, default="")
    state = models.CharField(max_length=12, default=Standing.ACTIVE.value)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="partners_partner_kind"),
            models.CheckConstraint(
                condition=Q(state__in=_STANDINGS), name="partners_partner_state"
            ),
        ]


class Agreement(models.Model):
    """An agreement with a funder; what was agreed stands in its versions."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default=Standing.ACTIVE.value)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=_STANDINGS), name="partners_agreement_state"
            )
        ]


class AgreementVersion(models.Model):
    """The terms of an agreement for a period; ``valid_to`` is exclusive."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    terms_json = models.TextField()
    terms_sha256 = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_to = models.DateField()
    signed_at = models.DateTimeField()
    signed_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "number"], name="partners_agreementversion_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="partners_agreementversion_period",
            ),
        ]


class WhitelistEntry(models.Model):
    """A partner's place on the public list for one role, with dates; ``valid_to`` is exclusive."""

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_to = models.DateField()
    source_url = models.CharField(max_length=300)
    captured_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["book", "role", "valid_to"], name="partners_whitelist_role")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=_ROLES), name="partners_whitelist_role_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="partners_whitelist_period"
            ),
        ]
