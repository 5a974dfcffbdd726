"""Made-up people whose numbers pass every check and belong to nobody, and books for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from loanops.kernel.access import Actor, Scopes
from loanops.platform.books import operations as books
from loanops.registry.parties.operations import PersonIn

AT = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
TODAY = date(2026, 11, 2)
HOUSE = Actor.house("tests")

_SURNAMES = "赵钱孙李周吴郑王冯陈"
_GIVEN = "芳伟敏静丽强磊军洋勇"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(serial: int, *, born: date = date(1990, 5, 17), place: str = "110105") -> str:
    """A Chinese identity number with the right check character."""
    body = f"{place}{born:%Y%m%d}{serial % 1000:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def mobile(serial: int) -> str:
    """A mobile of a range that exists."""
    return f"138{serial % 100_000_000:08d}"


def person(serial: int, **changes: object) -> PersonIn:
    """One made-up person; the serial makes identity number and mobile its own."""
    born = date(1980, 1, 1) + timedelta(days=serial // 1000 + serial % 5000)
    said: dict[str, object] = {
        "name": _SURNAMES[serial % 10] + _GIVEN[serial // 10 % 10] + _GIVEN[serial // 100 % 10],
        "id_number": id_number(serial, born=born),
        "mobile": mobile(serial),
        "region": "北京",
        "industry": "制造业",
        "income_monthly_minor": 1_200_000,
    }
    return PersonIn(**{**said, **changes})  # type: ignore[arg-type]


def staff(name: str, *grants: str, books: frozenset[str] | None = None) -> Actor:
    """A person of the staff with these grants."""
    return Actor(person=name, grants=frozenset(grants), scopes=Scopes(books=books))


def open_chinese_book(code: str = "cn") -> str:
    """A book under the Chinese pack that keeps identities."""
    books.open_book(
        code=code,
        name={"zh-hans": "消费贷账套", "en": "Consumer loans"},
        legal_entity="示例助贷有限公司",
        currency="CNY",
        zone="Asia/Shanghai",
        pack="cn",
        business_date=TODAY,
        without_identity=False,
        actor=HOUSE,
        at=AT,
    )
    return code


def open_american_book(code: str = "us") -> str:
    """A book in dollars, without caps and without identities, as the public file needs."""
    books.open_book(
        code=code,
        name={"zh-hans": "美国账套", "en": "US loans"},
        legal_entity="Example Facilitation Inc.",
        currency="USD",
        zone="America/New_York",
        pack="open",
        business_date=date(2018, 1, 2),
        without_identity=True,
        actor=HOUSE,
        at=AT,
    )
    return code
