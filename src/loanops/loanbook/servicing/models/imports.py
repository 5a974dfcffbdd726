"""Tables of migrations: which file was brought in, and who asked that it be taken back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from loanops.loanbook.servicing.domain.importing.undoing import UNDO_OPEN, UndoState

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


class ImportUndo(models.Model):
    """That an import be taken back, as somebody asked, with the digest of what was shown."""

    number = models.CharField(max_length=32, unique=True)
    brought = models.ForeignKey(BookImport, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=300)
    effect = models.CharField(max_length=64)
    # An effect is that of a business day; on another day it has to be asked for again.
    asked_on = models.DateField()
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=UndoState.ASKED.value)
    decided_by = models.CharField(max_length=100, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in UndoState]),
                name="servicing_importundo_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[UndoState.APPROVED.value, UndoState.DONE.value])
                | ~Q(decided_by=F("asked_by")),
                name="servicing_importundo_second",
            ),
            models.UniqueConstraint(
                fields=["brought"],
                condition=Q(state__in=[state.value for state in UNDO_OPEN]),
                name="servicing_importundo_open",
            ),
        ]
        indexes = [models.Index(fields=["brought", "-id"], name="servicing_importundo_of")]

    def __str__(self) -> str:
        return self.number
