"""What a borrower asks for: the one shape that the form, the API and the file all fill."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from loanops.kernel.refusals import Refusal
from loanops.platform.sheets.refusals import (
    OutOfRange,
    TextTooLong,
    TextUnclean,
    ValueMissing,
)

Fact = str | int | bool | None

AMOUNT_MINOR_MAX: Final = 10**13
TERM_MONTHS_MAX: Final = 480
RATE_ANNUAL_MAX: Final = Decimal(10)
FACTS_MAX: Final = 200
_INTEGER_MAX: Final = 2**53
_KEY_MAX: Final = 120
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}\Z")
_FACT: Final = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
_UNCLEAN: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Names the house fills in itself; nobody outside may say them.
RESERVED_FACTS: Final = frozenset(
    {"amount_minor", "term_months", "rate_annual_ppm", "instalment_minor", "purpose", "age_years",
     "identity_check", "region", "channel", "income_monthly_minor", "industry"}
)  # fmt: skip


@dataclass(frozen=True)
class Applicant:
    """The person as described by whoever sent the request; kept by parties, never here."""

    name: str = ""
    id_number: str = ""
    mobile: str = ""
    address: str = ""
    email: str = ""
    region: str = ""
    industry: str = ""
    income_monthly_minor: int | None = None

    def __repr__(self) -> str:
        """Says nothing personal, so that a traceback or a log line cannot either."""
        return "Applicant(…)"


@dataclass(frozen=True)
class Consent:
    """A consent given with the request: what for, to whom, which wording, how shown."""

    purpose: str
    recipient: str
    wording_version: str


@dataclass(frozen=True)
class ApplicationRequest:
    """One request for a loan, as it came.

    ``key`` is the sender's own name for it: the same key with the same content is the same
    request. ``annual_rate`` and ``instalment_minor`` are filled only where the sender fixed
    them (a file of priced requests); otherwise product and funder do. ``facts`` are what the
    strategies may look at; ``outcome`` is what became of an old loan, kept apart and never
    shown to a strategy.
    """

    key: str
    product: str
    amount_minor: int
    term_months: int
    annual_rate: Decimal | None = None
    instalment_minor: int | None = None
    purpose: str = "other"
    region: str = ""
    channel: str = "direct"
    start_on: date | None = None
    applicant: Applicant | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    outcome: Mapping[str, Fact] = field(default_factory=dict)
    consents: tuple[Consent, ...] = ()


def content_digest(request: ApplicationRequest, person_digest: str) -> str:
    """What was said, without saying it: equal requests have equal digests.

    ``person_digest`` stands for the applicant (a keyed index), so that the digest cannot be
    used to guess an identity number.
    """
    rate = request.annual_rate
    said = {
        "product": request.product,
        "amount_minor": request.amount_minor,
        "term_months": request.term_months,
        "annual_rate": None if rate is None else str(rate.normalize()),
        "instalment_minor": request.instalment_minor,
        "purpose": request.purpose,
        "region": request.region,
        "start_on": request.start_on.isoformat() if request.start_on else None,
        "person": person_digest,
        "facts": dict(request.facts),
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def check_request(request: ApplicationRequest) -> tuple[Refusal, ...]:
    """Every reason why the request cannot be taken as it stands; empty when it can."""
    found: list[Refusal] = []
    found += _numbers(request)
    found += _words(request)
    for name, facts in (("facts", request.facts), ("outcome", request.outcome)):
        found += _facts(name, facts)
    taken = RESERVED_FACTS.intersection(request.facts)
    found += [OutOfRange(field=f"facts.{name}", found=name, least="a-z", most="own names")
              for name in sorted(taken)]  # fmt: skip
    return tuple(found)


def _numbers(request: ApplicationRequest) -> list[Refusal]:
    bounds: list[tuple[str, int | Decimal | None, int | Decimal, int | Decimal]] = [
        ("amount_minor", request.amount_minor, 1, AMOUNT_MINOR_MAX),
        ("term_months", request.term_months, 1, TERM_MONTHS_MAX),
        ("annual_rate", request.annual_rate, 0, RATE_ANNUAL_MAX),
        ("instalment_minor", request.instalment_minor, 1, AMOUNT_MINOR_MAX),
    ]
    return [
        OutOfRange(field=name, found=value, least=least, most=most)
        for name, value, least, most in bounds
        if value is not None
        and ((isinstance(value, Decimal) and not value.is_finite()) or not least <= value <= most)
    ]


def _words(request: ApplicationRequest) -> list[Refusal]:
    found: list[Refusal] = []
    if not request.key.strip():
        found.append(ValueMissing(field="key"))
    elif len(request.key) > _KEY_MAX:
        found.append(TextTooLong(field="key", length=len(request.key), limit=_KEY_MAX))
    elif _UNCLEAN.search(request.key):
        found.append(TextUnclean(field="key"))
    for name in ("product", "purpose", "channel", "region"):
        word: str = getattr(request, name)
        if not word and name == "region":
            continue
        if not word:
            found.append(ValueMissing(field=name))
        elif _UNCLEAN.search(word):
            found.append(TextUnclean(field=name))
        elif name != "region" and not _WORD.match(word):
            found.append(OutOfRange(field=name, found=word[:40], least="a-z", most="0-9 . _ -"))
        elif len(word) > 64:
            found.append(TextTooLong(field=name, length=len(word), limit=64))
    return found


def _facts(where: str, facts: Mapping[str, Fact]) -> list[Refusal]:
    found: list[Refusal] = []
    if len(facts) > FACTS_MAX:
        found.append(OutOfRange(field=where, found=len(facts), least=0, most=FACTS_MAX))
    for name, value in facts.items():
        place = f"{where}.{name[:60]}"
        if not _FACT.match(name):
            found.append(OutOfRange(field=where, found=name[:40], least="a-z", most="a-z0-9_"))
        elif isinstance(value, str):
            if len(value) > 200:
                found.append(TextTooLong(field=place, length=len(value), limit=200))
            elif _UNCLEAN.search(value):
                found.append(TextUnclean(field=place))
        elif isinstance(value, int) and not -_INTEGER_MAX <= value <= _INTEGER_MAX:
            found.append(OutOfRange(field=place, found="…", least=-_INTEGER_MAX, most=_INTEGER_MAX))
    return found
