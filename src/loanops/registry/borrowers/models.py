"""Tables of borrowers' accounts. Personal fields are ciphertext; codes and tokens are digests."""

from django.db import models
from django.db.models import Q


class Account(models.Model):
    """One mobile that signs in to one book; ``party`` is who its holder proved to be.

    ``claims_tried`` counts identity numbers that led to nobody, on the day ``claims_on``.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    mobile_index = models.CharField(max_length=40)
    mobile_sealed = models.TextField()
    party = models.OneToOneField(
        "parties.Party",
        to_field="number",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    language = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    signed_in_at = models.DateTimeField(null=True)
    claims_tried = models.PositiveSmallIntegerField(default=0)
    claims_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "mobile_index"], name="borrowers_account_once"),
            models.CheckConstraint(condition=~Q(mobile_index=""), name="borrowers_account_mobile"),
        ]


class Code(models.Model):
    """One one-time code, bound to the browser that asked for it by its challenge.

    ``slot`` is a stretch of time in which a mobile is sent one code at most. The mobile is sealed
    until the code has been used.
    """

    challenge_hash = models.CharField(max_length=40, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    mobile_index = models.CharField(max_length=40)
    mobile_sealed = models.TextField(default="")
    address_index = models.CharField(max_length=40)
    code_hash = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    slot = models.BigIntegerField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "mobile_index", "slot"], name="borrowers_code_slot"
            )
        ]
        indexes = [
            models.Index(fields=["mobile_index", "sent_at"], name="borrowers_code_mobile"),
            models.Index(fields=["address_index", "sent_at"], name="borrowers_code_address"),
            models.Index(fields=["sent_at"], name="borrowers_code_sent"),
        ]


class Session(models.Model):
    """One device that is signed in; ``is_proven`` says that it may see the person's rows."""

    number = models.CharField(max_length=32, unique=True)
    token_hash = models.CharField(max_length=40, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    device = models.CharField(max_length=160, default="")
    is_proven = models.BooleanField()
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="borrowers_session_account")]


class Draft(models.Model):
    """What an account has typed of an application and not yet sent, sealed as a whole."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+")
    content_sealed = models.TextField()
    step = models.CharField(max_length=20)
    channel = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    kept_at = models.DateTimeField()
