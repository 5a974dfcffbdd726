"""Tables of migrations: which file was brought in, once and for all."""

from __future__ import annotations

from django.db import models

_BOOK = "books.Book"


class BookImport(models.Model):
    """A file of running loans that was brought in; append-only. The amounts are its totals."""

    number = models.CharField(max_length=32)
    book = models.ForeignKey(_BOOK, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=12)
    file = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    cut_off = models.DateField()
    imported_on = models.DateField()
    at = models.DateTimeField()
    loan_count = models.PositiveIntegerField()
    skipped_count = models.PositiveIntegerField()
    outstanding_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="servicing_import_number"),
            models.UniqueConstraint(fields=["book", "sha256"], name="servicing_import_once"),
        ]

    def __str__(self) -> str:
        return self.number
