"""Tables of applications."""

from django.db import models
from django.db.models import F, Q

from loanops.origination.applications.domain.documents import DocumentState
from loanops.origination.applications.domain.lifecycle import OPEN, Stage

_STAGES = sorted(stage.value for stage in Stage)
_OPEN = sorted(stage.value for stage in OPEN)
_STATES = sorted(state.value for state in DocumentState)


class Application(models.Model):
    """One request for a loan.

    ``source`` and ``key`` are the sender's name for it; ``content_digest`` tells a repetition
    from a contradiction. ``facts`` are frozen at submission and are what strategies see;
    ``outcome`` is what a file says became of an old loan and no strategy sees. Amounts are minor
    units of the book's currency; ``annual_rate`` is a fraction and is empty where product and
    funder set it.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    content_digest = models.CharField(max_length=64)
    product = models.CharField(max_length=64)
    party = models.ForeignKey(
        "parties.Party",
        to_field="number",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    amount_minor = models.BigIntegerField()
    offered_minor = models.BigIntegerField(null=True)
    term_months = models.PositiveSmallIntegerField()
    annual_rate = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    instalment_minor = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=64)
    region = models.CharField(max_length=64, default="")
    channel = models.CharField(max_length=64)
    start_on = models.DateField(null=True)
    stage = models.CharField(max_length=20)
    reasons = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    duplicate = models.JSONField(default=dict)
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_on = models.DateField(null=True)
    moved_on = models.DateField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "source", "key"], name="applications_application_key"
            ),
            models.UniqueConstraint(
                fields=["book", "party", "product"],
                condition=Q(stage__in=_OPEN) & Q(party__isnull=False),
                name="applications_application_one_open",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=_STAGES), name="applications_application_stage"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) & Q(term_months__gt=0),
                name="applications_application_asked",
            ),
            models.CheckConstraint(
                condition=Q(offered_minor__isnull=True)
                | (Q(offered_minor__gt=0) & Q(offered_minor__lte=F("amount_minor"))),
                name="applications_application_offered",
            ),
        ]
        indexes = [
            models.Index(fields=["book", "channel", "-id"], name="applications_application_by"),
            models.Index(fields=["book", "stage", "-id"], name="applications_application_desk"),
            models.Index(fields=["book", "-id"], name="applications_application_new"),
            models.Index(fields=["party", "product", "stage"], name="applications_application_who"),
        ]


class Passage(models.Model):
    """One move of one application; the log is append-only and its last row is the stage."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField()
    move = models.CharField(max_length=20)
    from_stage = models.CharField(max_length=20)
    to_stage = models.CharField(max_length=20)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()
    on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "place"], name="applications_passage_once"
            )
        ]


class ChecklistItem(models.Model):
    """A kind of document that a product asks for, and whether nothing is decided without it."""

    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    product = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    mandatory = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "product", "kind"], name="applications_checklistitem_once"
            )
        ]


class Document(models.Model):
    """One document of an application, judged by itself: accepted, rejected or sent back."""

    number = models.CharField(max_length=32, unique=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    file = models.CharField(max_length=32)
    state = models.CharField(max_length=20)
    reason = models.CharField(max_length=200, default="")
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()
    judged_by = models.CharField(max_length=80, default="")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=_STATES), name="applications_document_state"
            )
        ]
        indexes = [models.Index(fields=["application", "kind"], name="applications_document_kind")]
