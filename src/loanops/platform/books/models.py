"""Tables of the books."""

from django.db import models


class Book(models.Model):
    """One set of accounts; every business row, event and fact carries its book."""

    code = models.CharField(primary_key=True, max_length=16)
    name = models.JSONField()
    legal_entity = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    zone = models.CharField(max_length=40)
    pack = models.CharField(max_length=16)
    business_date = models.DateField()
    without_identity = models.BooleanField(default=False)


class CloseStep(models.Model):
    """One step of one day's close, finished exactly once; its row commits with its effect."""

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    step = models.CharField(max_length=40)
    finished_at = models.DateTimeField()
    touched = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "on", "step"], name="books_closestep_once")
        ]
