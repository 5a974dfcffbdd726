"""Tables of the files."""

from django.db import models


class StoredFile(models.Model):
    """A kept file; its bytes lie under their SHA-256 in the home."""

    number = models.CharField(max_length=32, unique=True)
    book = models.CharField(max_length=16)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField()
