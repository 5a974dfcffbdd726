"""INV-14: the audit chain is unbroken, and its head is the one the anchor remembers."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.platform.audit import chain
from loanops.platform.audit.checks import Check, Violation
from loanops.platform.audit.models import Entry, Seal
from loanops.platform.audit.operations import anchor, lines_of


def _found(seal: str, expected: str, found: str, hint: str) -> Violation:
    return Violation(code="INV-14", object=seal, expected=expected, found=found, hint=hint)


def broken_chain() -> Iterator[Violation]:
    """Seals whose entries, link or anchor do not match."""
    anchored = anchor().read()
    previous = chain.GENESIS
    for seal in Seal.objects.order_by("id").iterator():
        entries = list(Entry.objects.filter(seal=seal).order_by("id"))
        name = f"seal {seal.pk}"
        if seal.previous_hash != previous:
            yield _found(name, previous, seal.previous_hash, "a seal before it was changed or lost")
        computed = chain.batch_hash(seal.previous_hash, lines_of(iter(entries)))
        if computed != seal.hash:
            yield _found(name, seal.hash, computed, "an entry of this batch was changed")
        if len(entries) != seal.entries:
            yield _found(
                name, f"{seal.entries} entries", f"{len(entries)}", "entries were removed or added"
            )
        if seal.pk in anchored and anchored[seal.pk] != seal.hash:
            yield _found(name, anchored[seal.pk], seal.hash, "the chain was rewritten")
        previous = seal.hash
    newest = Seal.objects.order_by("-id").values_list("id", flat=True).first() or 0
    for seal_id in sorted(set(anchored)):
        if seal_id > newest:
            yield _found(f"seal {seal_id}", anchored[seal_id], "none", "the tail was cut off")


CHECKS = (
    Check(
        code="INV-14",
        statement="The audit chain is unbroken and its head matches the anchor.",
        find=broken_chain,
    ),
)
