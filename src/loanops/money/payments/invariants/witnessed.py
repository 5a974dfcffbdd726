"""INV-09, 14: rows of payments are of moments that the audit knows, and say what it says."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from loanops.kernel.refusals import Refusal
from loanops.money.payments.domain import policy
from loanops.money.payments.domain.debits import FileState
from loanops.money.payments.models import (
    AnswerFile,
    DebitFile,
    DebitOrder,
    DebitPolicy,
    Receipt,
    Refund,
    Return,
)
from loanops.platform.audit import Violation, named, witness
from loanops.platform.audit.witness import Written

_MOMENTS = (
    (Receipt, "receipt", ("at",)),
    (Return, "return", ("at",)),
    (Refund, "refund", ("requested_at", "decided_at", "ended_at")),
    (DebitFile, "debit file", ("at",)),
    (DebitOrder, "debit order", ("at",)),
    (AnswerFile, "answer file", ("at",)),
)
_NUMBERED = (
    (Receipt, "RC", "at"),
    (Return, "RT", "at"),
    (Refund, "RF", "requested_at"),
    (DebitFile, "DF", "at"),
    (AnswerFile, "AF", "at"),
)

_WENT_OUT = ("payments.debit_file_sent", "payments.debit_results_taken")


def unwitnessed() -> Iterator[Violation]:
    """Rows of a moment that the audit does not know, or with a number of another moment."""
    written = [
        Written(
            source=f"{model._meta.db_table} x",
            name=f"'{what} ' || x.number",
            at=f"x.{column}",
            book="x.book_id",
        )
        for model, what, columns in _MOMENTS
        for column in columns
    ]
    policies = Written(
        source=f"{DebitPolicy._meta.db_table} x",
        name="'debit policy ' || x.book_id || ' ' || x.channel || ' ' || x.number",
        at="x.set_at",
        book="x.book_id",
    )
    yield from witness.unwitnessed([*written, policies])
    for model, prefix, column in _NUMBERED:
        yield from witness.misnumbered(model.objects.all(), prefix, column)


def changed_policies() -> Iterator[Violation]:
    """Policies that are not what the audit saw being set, and those that are gone."""
    told = {
        (said.book, said.subject, said.values["number"]): said.values
        for said in witness.said("payments.debit_policy_set")
    }
    hint = "a policy is never edited: set a new one from a later day on"
    for row in DebitPolicy.objects.order_by("id"):
        name = f"debit policy {row.book_id} {row.channel} {row.number}"
        values = told.pop((row.book_id, row.channel or row.book_id, row.number), {})
        try:
            kept = policy.DebitPolicy.from_dict(json.loads(row.policy_json))
        except (Refusal, ValueError):
            # The check that policies can be read names it.
            continue
        found = {
            "effective_from": row.effective_from.isoformat(),
            "windows": ", ".join(kept.windows),
            "sha256": policy.digest(row.policy_json),
        }
        wanted = {what: values.get(what, "none") for what in found}
        if values and "sha256" not in values:
            # It was set before the audit kept the digest of a policy.
            wanted["sha256"] = found["sha256"]
        if found != wanted:
            yield from named("INV-14", hint, [(name, wanted, found)])
    for book, subject, number in sorted(told):
        row_name = f"debit policy {book} {subject} {number}"
        yield from named("INV-14", hint, [(row_name, "a policy that was set", "none")])


def strayed_files() -> Iterator[Violation]:
    """Debit files that ask otherwise than the policy of their day, or went out under no number."""
    policies: dict[tuple[str, str], list[DebitPolicy]] = defaultdict(list)
    for row in DebitPolicy.objects.order_by("effective_from", "number"):
        policies[(row.book_id, row.channel)].append(row)
    sent = {said.subject for code in _WENT_OUT for said in witness.said(code)}
    asked = {
        said.subject: said.values["sha256"]
        for said in witness.said("payments.debit_file_sent")
        if "sha256" in said.values
    }
    for file in DebitFile.objects.order_by("id").iterator():
        try:
            right = _policy(policies, file)
        except (Refusal, ValueError):
            continue
        wanted = (right.part_min_minor, right.stop_if_paid)
        found = (file.part_min_minor, file.stop_if_paid)
        if wanted != found:
            hint = "a file keeps the policy under which it was made"
            yield from named("INV-09", hint, [(f"debit file {file.number}", wanted, found)])
        if file.state in (FileState.SENT, FileState.ANSWERED) and file.number not in sent:
            row_name = f"debit file {file.number}"
            hint = "the audit knows the files that went out by their numbers"
            yield from named("INV-14", hint, [(row_name, "the number of a file", "none")])
        wanted_sha256 = asked.get(file.number, file.sha256)
        if file.sha256 != wanted_sha256:
            row_name = f"debit file {file.number}"
            hint = "the audit saw the digest of what the file asked for"
            changed = [(row_name, wanted_sha256[:12], file.sha256[:12] or "none")]
            yield from named("INV-14", hint, changed)


def _policy(
    policies: dict[tuple[str, str], list[DebitPolicy]], file: DebitFile
) -> policy.DebitPolicy:
    """The policy in force for a file when it was made."""
    for channel in (file.channel, ""):
        known = [
            row
            for row in policies[(file.book_id, channel)]
            if row.effective_from <= file.due_on and row.set_at <= file.at
        ]
        if known:
            return policy.DebitPolicy.from_dict(json.loads(known[-1].policy_json))
    return policy.DEFAULT
