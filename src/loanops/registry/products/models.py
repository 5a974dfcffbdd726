"""Tables of the products."""

from django.db import models
from django.db.models import F, Q


class Product(models.Model):
    """A product by its code; what it is stands in its versions."""

    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "code"], name="products_product_once")
        ]


class ProductVersion(models.Model):
    """A published version; ``effective_to`` is exclusive and None while no other follows."""

    number = models.CharField(max_length=32, unique=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="versions")
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    name = models.JSONField()
    currency = models.CharField(max_length=3)
    card_json = models.TextField()
    card_sha256 = models.CharField(max_length=64)
    amount_min_minor = models.BigIntegerField()
    amount_max_minor = models.BigIntegerField()
    terms_months = models.JSONField()
    rate_annual = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    cooling_off_days = models.PositiveSmallIntegerField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "version"], name="products_productversion_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_min_minor__gt=0, amount_max_minor__gte=F("amount_min_minor")),
                name="products_productversion_amounts",
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="products_productversion_period",
            ),
        ]
