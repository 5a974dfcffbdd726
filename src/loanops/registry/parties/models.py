"""Tables of the customer file. Personal fields are ciphertext beside keyed indexes."""

from django.db import models
from django.db.models import Q


class Party(models.Model):
    """One person within one book.

    ``…_sealed`` hold ciphertext of the vault, ``…_index`` its blind index; an index is empty
    where the field is. ``income_monthly_minor`` is in the book's currency.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    name_sealed = models.TextField()
    id_number_sealed = models.TextField()
    mobile_sealed = models.TextField()
    address_sealed = models.TextField(default="")
    email_sealed = models.TextField(default="")
    id_index = models.CharField(max_length=40)
    mobile_index = models.CharField(max_length=40)
    region = models.CharField(max_length=120, default="")
    industry = models.CharField(max_length=120, default="")
    income_monthly_minor = models.BigIntegerField(null=True)
    registered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "id_index"], name="parties_party_once"),
            models.CheckConstraint(
                condition=~Q(id_index="") & ~Q(mobile_index=""), name="parties_party_indexed"
            ),
            models.CheckConstraint(
                condition=Q(income_monthly_minor__isnull=True) | Q(income_monthly_minor__gte=0),
                name="parties_party_income",
            ),
        ]
        indexes = [models.Index(fields=["book", "mobile_index"], name="parties_party_mobile")]


class NameToken(models.Model):
    """One keyed search token of a party's name; the name itself is never beside it."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    token = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "party"], name="parties_nametoken_once")
        ]
