"""Tables of migrations: which file was brought in, once and for all."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

_BOOK = "books.Book"


class BookImport(models.Model):
    """A version of a file of running loans that was brought in, and how it was taken back.

    Never removed. The amounts are its totals; its loans have the numbers from ``first_loan`` to
    ``last_loan`` and say in their first event that they came with it.
    """

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
    # Empty of imports from before it was kept; the audit says it of those.
    by = models.CharField(max_length=100, blank=True, default="", db_default="")
    first_loan = models.CharField(max_length=32, blank=True, default="", db_default="")
    last_loan = models.CharField(max_length=32, blank=True, default="", db_default="")
    undone_on = models.DateField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=100, blank=True, default="", db_default="")
    undone_reason = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="servicing_import_number"),
            # What was taken back may come again: the mistake may have been the map's.
            models.UniqueConstraint(
                fields=["book", "sha256"],
                condition=Q(undone_at__isnull=True),
                name="servicing_import_once",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_on__isnull=True)
                | Q(undone_at__isnull=False, undone_on__isnull=False),
                name="servicing_import_undone",
            ),
        ]

    def __str__(self) -> str:
        return self.number
