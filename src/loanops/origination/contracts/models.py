"""Tables of contracts."""

from django.db import models
from django.db.models import F, Q

from loanops.origination.contracts.domain.lifecycle import ContractState, OfferState

_OFFER_STATES = [state.value for state in OfferState]
_CONTRACT_STATES = [state.value for state in ContractState]


class Offer(models.Model):
    """A binding offer: terms, schedule and cost as they were on the day it was made.

    Amounts are minor units of ``currency``; rates are fractions a year. The texts are canonical
    JSON, so that their hashes stay the same for ever. ``expires_on`` is exclusive. ``promotion``
    lowered the terms of the offer that this one ``replaces``; both are empty on most.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    application = models.CharField(max_length=32)
    party = models.CharField(max_length=32, default="")
    product = models.CharField(max_length=64)
    product_version = models.CharField(max_length=32)
    agreement = models.CharField(max_length=32)
    agreement_version = models.PositiveIntegerField()
    funder = models.CharField(max_length=40)
    lender_kind = models.CharField(max_length=20)
    guarantor = models.CharField(max_length=40, default="")
    signing_mode = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    principal_minor = models.BigIntegerField()
    instalments = models.PositiveSmallIntegerField()
    rate_annual = models.DecimalField(max_digits=12, decimal_places=8)
    start_date = models.DateField()
    terms_json = models.TextField()
    schedule_json = models.TextField()
    upfront_fees_minor = models.BigIntegerField()
    cost_simple = models.DecimalField(max_digits=24, decimal_places=12)
    cost_effective = models.DecimalField(max_digits=24, decimal_places=12)
    cost_method = models.CharField(max_length=24)
    cost_measure = models.CharField(max_length=12)
    statement_json = models.TextField()
    statement_sha256 = models.CharField(max_length=64)
    answer_json = models.TextField()
    state = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    made_on = models.DateField()
    expires_on = models.DateField()
    version = models.PositiveIntegerField(default=0)
    promotion = models.CharField(max_length=32, default="")
    replaces = models.CharField(max_length=32, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=_OFFER_STATES), name="contracts_offer_state"
            ),
            models.CheckConstraint(
                condition=Q(principal_minor__gt=0, instalments__gt=0), name="contracts_offer_amount"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("made_on")), name="contracts_offer_period"
            ),
        ]
        indexes = [
            models.Index(fields=["application", "id"], name="contracts_offer_application"),
            models.Index(
                fields=["book", "expires_on"],
                condition=Q(state__in=["made", "confirmed", "drawn_up"]),
                name="contracts_offer_open",
            ),
        ]


class Disclosure(models.Model):
    """That the statement of an offer was shown, read and confirmed: the evidence (留痕).

    ``shown_at`` and ``confirmed_at`` are our own clock. The evidence is sealed, its hash is open.
    """

    offer = models.OneToOneField(
        Offer, to_field="number", on_delete=models.PROTECT, related_name="+"
    )
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    statement_sha256 = models.CharField(max_length=64)
    read_seconds_min = models.PositiveIntegerField()
    shown_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    read_seconds = models.PositiveIntegerField(null=True)
    evidence_sealed = models.TextField(default="")
    evidence_sha256 = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True)
                | Q(confirmed_at__isnull=False, read_seconds__gte=F("read_seconds_min")),
                name="contracts_disclosure_read",
            )
        ]


class Contract(models.Model):
    """A contract drawn up from a confirmed offer; ``witness`` covers template and data."""

    number = models.CharField(max_length=32, unique=True)
    offer = models.OneToOneField(
        Offer, to_field="number", on_delete=models.PROTECT, related_name="+"
    )
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    application = models.CharField(max_length=32)
    party = models.CharField(max_length=32, default="")
    funder = models.CharField(max_length=40)
    guarantor = models.CharField(max_length=40, default="")
    signing_mode = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    principal_minor = models.BigIntegerField()
    template_version = models.CharField(max_length=40)
    data_json = models.TextField()
    witness = models.CharField(max_length=64)
    state = models.CharField(max_length=12)
    drawn_up_at = models.DateTimeField()
    drawn_up_on = models.DateField()
    signed_at = models.DateTimeField(null=True)
    signed_on = models.DateField(null=True)
    file = models.ForeignKey(
        "files.StoredFile",
        to_field="number",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    file_sha256 = models.CharField(max_length=64, default="")
    rendered_at = models.DateTimeField(null=True)
    signed_copy = models.ForeignKey(
        "files.StoredFile",
        to_field="number",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    signed_copy_sha256 = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=_CONTRACT_STATES), name="contracts_contract_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_at__isnull=False),
                name="contracts_contract_signed",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state="signed"),
                name="contracts_contract_one_signed",
            ),
        ]
        indexes = [
            models.Index(fields=["application", "id"], name="contracts_contract_application"),
            models.Index(fields=["book", "-id"], name="contracts_contract_book"),
        ]


class Signature(models.Model):
    """Who signed, by which way, when, and what proves it; the evidence itself is sealed."""

    contract = models.OneToOneField(
        Contract, to_field="number", on_delete=models.PROTECT, related_name="+"
    )
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=12)
    signer = models.CharField(max_length=64)
    reference = models.CharField(max_length=128, default="")
    witness = models.CharField(max_length=64)
    evidence_sealed = models.TextField()
    evidence_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)
