"""Tables of the parameters."""

from django.db import models


class Parameter(models.Model):
    """A value from a day on."""

    name = models.CharField(max_length=80)
    value = models.BigIntegerField()
    effective_from = models.DateField()
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["name", "effective_from"], name="parameters_by_day")]
