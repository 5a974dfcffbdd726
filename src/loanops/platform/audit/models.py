"""Tables of the audit."""

from django.db import models


class Seal(models.Model):
    """One link of the chain: the hash over a batch of entries and the link before."""

    sealed_at = models.DateTimeField()
    entries = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)


class Entry(models.Model):
    """One thing done. ``values_json`` is canonical text, so that its hash is the same for ever."""

    at = models.DateTimeField()
    on = models.DateField()
    book = models.CharField(max_length=16)
    actor = models.CharField(max_length=80)
    code = models.CharField(max_length=80)
    subject = models.CharField(max_length=64)
    values_json = models.TextField()
    seal = models.ForeignKey(Seal, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="audit_entry_subject"),
            models.Index(
                fields=["id"], condition=models.Q(seal__isnull=True), name="audit_entry_unsealed"
            ),
            models.Index(fields=["book", "id"], name="audit_entry_book"),
        ]
