"""Who somebody is: the particulars of a person, checked and brought to one form.

Identity numbers follow GB 11643 (check character, birth date, province of first registration),
worked out by python-stdnum; mobiles follow the national numbering plans of phonenumbers.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from types import ModuleType
from typing import Final

from stdnum import numdb
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from loanops.kernel.refusals import Refusal
from loanops.registry.parties.domain.refusals import (
    EmailWrong,
    IdentityMissing,
    IdNumberWrong,
    IncomeWrong,
    MobileWrong,
    NameWrong,
    TextWrong,
)

TEXT_MAX: Final = 120
INCOME_MINOR_MAX: Final = 10**13
_EMAIL: Final = re.compile(r"[^@\s<>()\[\],;:\\\"]{1,64}@[A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,24}\Z")
_ID_ELSEWHERE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{3,23}\Z")
_NAME_SIGNS: Final = frozenset("·•. '-’")
_ID_HERE: Final = re.compile(r"[0-9]{17}[0-9X]\Z")
# Residence permits of people from Taiwan begin with 830000, where GB/T 2260 says 710000
# (申领发放办法, 国办发〔2018〕81号); those of Hong Kong and Macao begin as GB/T 2260 says.
_PROVINCES_OF_PERMITS: Final = frozenset({"83"})


@dataclass(frozen=True)
class PersonIn:
    """A person as somebody outside describes one; every field may be empty until checked.

    ``income_monthly_minor`` is in minor units of the book's currency.
    """

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
        return f"PersonIn(region={self.region!r}, industry={self.industry!r}, …)"


@dataclass(frozen=True)
class Checked:
    """A person in normal form, and every reason why the particulars cannot be taken."""

    person: PersonIn
    refusals: tuple[Refusal, ...]


def squeezed(text: str) -> str:
    """Text with full-width forms made plain and runs of white space made one."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def is_clean(text: str, limit: int) -> bool:
    """Whether text can be stored anywhere: short enough, no control character, no lone half."""
    return len(text) <= limit and not any(
        unicodedata.category(letter) in {"Cc", "Cs"} for letter in text
    )


def is_name(text: str) -> bool:
    """Whether text can be a person's name: letters of any script, and the signs names have."""
    return 2 <= len(text) <= 50 and all(
        letter in _NAME_SIGNS or unicodedata.category(letter)[0] in {"L", "M"} for letter in text
    )


def country_of(currency: str) -> str:
    """The country whose numbers a book reads: ISO 4217 codes begin with the country's code."""
    return currency[:2]


def id_number_of(text: str, country: str) -> str | None:
    """The identity number in normal form, or None where it fails its check.

    Chinese numbers are checked to the last character; elsewhere only the form is. Of the place
    only the province is judged: a county may be newer than its people, who got their numbers in
    the year of its founding, or be gone from every list.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if country != "CN":
        return plain if _ID_ELSEWHERE.match(plain) else None
    if not _ID_HERE.match(plain) or plain[-1] != ric.calc_check_digit(plain):
        return None
    try:
        ric.get_birth_date(plain)
    except ValidationError:
        return None
    return plain if _is_province(plain[:2]) else None


@cache
def _is_province(code: str) -> bool:
    return code in _PROVINCES_OF_PERMITS or bool(numdb.get("cn/loc").info(code)[0][1])


def birth_date_of(id_number: str) -> date | None:
    """The birth date inside a checked Chinese identity number; None where there is none."""
    if len(id_number) != 18 or not id_number[6:14].isdigit():
        return None
    try:
        return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        return None


def age_on(born: date, on: date) -> int:
    """Completed years of life on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@cache
def _phonenumbers() -> ModuleType:
    """The numbering plans of the world, loaded at the first mobile."""
    import phonenumbers

    return phonenumbers


def mobile_of(text: str, country: str) -> str | None:
    """The mobile in E.164 (``+8613800138000``), or None where no such mobile can exist.

    ``country`` is the ISO code the number is read in where it has no ``+``.
    """
    plain = unicodedata.normalize("NFKC", text)
    if not 5 <= len(plain) <= 24:
        return None
    plans = _phonenumbers()
    try:
        number = plans.parse(plain, country if country in plans.SUPPORTED_REGIONS else None)
    except plans.NumberParseException:
        return None
    kinds = plans.PhoneNumberType
    if plans.number_type(number) not in {kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE}:
        return None
    return str(plans.format_number(number, plans.PhoneNumberFormat.E164))


def check_person(person: PersonIn, *, country: str, on: date) -> Checked:
    """The person in normal form and what is wrong with the particulars.

    Name, identity number and mobile are needed; everything else may be empty. Every fault is
    reported, not only the first.
    """
    found: list[Refusal] = [
        IdentityMissing(field=field)
        for field in ("name", "id_number", "mobile")
        if not getattr(person, field).strip()
    ]
    name = squeezed(person.name)
    if name and not is_name(name):
        found.append(NameWrong(field="name"))
    id_number = id_number_of(person.id_number, country) if person.id_number.strip() else ""
    if id_number is None or (birth_date_of(id_number) or date.min) >= on:
        found.append(IdNumberWrong(field="id_number"))
    mobile = mobile_of(person.mobile, country) if person.mobile.strip() else ""
    if mobile is None:
        found.append(MobileWrong(field="mobile", country=country))
    email = person.email.strip()
    if email and (len(email) > TEXT_MAX or not _EMAIL.match(email)):
        found.append(EmailWrong(field="email"))
    found += [
        TextWrong(field=field, limit=TEXT_MAX)
        for field in ("address", "region", "industry")
        if not is_clean(squeezed(getattr(person, field)), TEXT_MAX)
    ]
    income = person.income_monthly_minor
    if income is not None and not 0 <= income <= INCOME_MINOR_MAX:
        found.append(IncomeWrong(field="income_monthly_minor"))
    normal = replace(
        person,
        name=name,
        id_number=id_number or "",
        mobile=mobile or "",
        address=squeezed(person.address),
        email=email.lower(),
        region=squeezed(person.region),
        industry=squeezed(person.industry),
    )
    return Checked(person=normal, refusals=tuple(found))
