"""Tables of the products."""

from django.db import models
from django.db.models import F, Q

from loanops.registry.products.domain.promotion import PromotionEffect


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


class Promotion(models.Model):
    """A code that lowers what a loan costs; ``uses`` counts those that hold it now.

    ``value`` is a share, minor units or a fraction a year, as ``effect`` says; ``effective_to`` is
    exclusive. Empty lists mean every product and every funder.
    """

    number = models.CharField(max_length=32, unique=True)
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=24)
    name = models.JSONField()
    effect = models.CharField(max_length=12)
    value = models.DecimalField(max_digits=18, decimal_places=8)
    charging_party = models.CharField(max_length=20, default="", blank=True)
    products = models.JSONField()
    funders = models.JSONField()
    amount_min_minor = models.BigIntegerField()
    uses = models.PositiveIntegerField(default=0)
    uses_max = models.PositiveIntegerField(null=True)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    launched_at = models.DateTimeField()
    launched_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "code"], name="products_promotion_once"),
            models.CheckConstraint(
                condition=Q(uses_max__isnull=True) | Q(uses__lte=F("uses_max")),
                name="products_promotion_uses",
            ),
            models.CheckConstraint(
                condition=Q(effect__in=[each.value for each in PromotionEffect], value__gt=0),
                name="products_promotion_effect",
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="products_promotion_period",
            ),
        ]


class PromotionUse(models.Model):
    """A person's use of a promotion with one offer; released where the offer comes to nothing.

    ``saving_minor`` is what the borrower pays less over the whole loan.
    """

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="taken")
    book = models.ForeignKey("books.Book", on_delete=models.PROTECT, related_name="+")
    party = models.CharField(max_length=32)
    application = models.CharField(max_length=32)
    offer = models.CharField(max_length=32, unique=True)
    saving_minor = models.BigIntegerField()
    taken_at = models.DateTimeField()
    taken_on = models.DateField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["promotion", "party"],
                # A book without identity does not know its persons.
                condition=Q(released_at__isnull=True) & ~Q(party=""),
                name="products_promotionuse_once",
            ),
            models.CheckConstraint(
                condition=Q(saving_minor__gte=0), name="products_promotionuse_saving"
            ),
        ]
