"""Tables of the ledger. An entry is one row with both legs: it cannot be out of balance."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Account(models.Model):
    """One account of a book: a code of the chart, kept by dimension (辅助核算)."""

    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+")
    code = models.CharField(max_length=80)
    dimension = models.CharField(max_length=160, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "code", "dimension"], name="ledger_account_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.dimension}".strip()


class Journal(models.Model):
    """What was posted together, on which business day and when. Never changed, never removed."""

    number = models.CharField(max_length=32)
    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=64)
    posted_on = models.DateField()
    at = models.DateTimeField()
    # What the entries must add up to, written with the journal: a changed entry shows.
    total_minor = models.BigIntegerField()
    entry_count = models.IntegerField()
    once = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 - null is "no key"

    class Meta:
        constraints = [
            # As a constraint: a unique field would get a second index on PostgreSQL.
            models.UniqueConstraint(fields=["number"], name="ledger_journal_number"),
            models.UniqueConstraint(
                fields=["once"], condition=Q(once__isnull=False), name="ledger_journal_once"
            ),
            models.CheckConstraint(
                condition=Q(total_minor__gt=0) & Q(entry_count__gt=0), name="ledger_journal_moves"
            ),
        ]
        indexes = [models.Index(fields=["subject", "id"], name="ledger_journal_subject")]

    def __str__(self) -> str:
        return self.number


class Entry(models.Model):
    """One movement, both legs in the row: from the credited to the debited account."""

    journal = models.ForeignKey(Journal, models.PROTECT, related_name="entries")
    debit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    credit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="ledger_entry_above_zero"),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="ledger_entry_two_accounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor}"


class Unfolded(models.Model):
    """A journal that no snapshot holds yet. Rows come with postings and go with the close.

    Snapshots are made of these, so that posting never touches a balance row that others want.
    """

    journal = models.OneToOneField(Journal, models.PROTECT, primary_key=True, related_name="+")
    book = models.ForeignKey("books.Book", models.PROTECT, related_name="+", db_index=False)
    posted_on = models.DateField()
    fold_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.journal_id)


class Balance(models.Model):
    """What an account had moved by the end of a business day, as known then."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    folded_on = models.DateField()
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "folded_on"], name="ledger_balance_once"),
            models.CheckConstraint(
                condition=Q(debit_minor__gte=0) & Q(credit_minor__gte=0),
                name="ledger_balance_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.folded_on}"
