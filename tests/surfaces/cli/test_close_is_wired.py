"""The command line closes real days: the steps are plugged in and the business date moves."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from loanops.config import wiring
from loanops.kernel.access import Actor
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.ports import CLOSE
from loanops.platform.books import operations as books
from loanops.platform.books import queries

DAY, NEXT = date(2026, 8, 3), date(2026, 8, 4)
AT = datetime(2026, 8, 3, 12, tzinfo=UTC)
HOUSE = Actor.house("test")


@pytest.mark.django_db
class TestClose:
    @pytest.fixture(autouse=True)
    def unplugged(self) -> Iterator[None]:
        """What another test plugged must not stand in for the wiring."""
        before = tuple(CLOSE)
        CLOSE.plug(())
        yield
        CLOSE.plug(before)

    @pytest.fixture
    def book(self) -> str:
        books.open_book(
            code="w", name={"zh-hans": "账", "en": "Book"}, legal_entity="x", currency="CNY",
            zone="Asia/Shanghai", pack="open", business_date=DAY, without_identity=False,
            actor=HOUSE, at=AT,
        )  # fmt: skip
        return "w"

    def test_without_steps_is_refused_and_moves_nothing(self, book: str) -> None:
        with pytest.raises(servicing.NoSteps, match=r"loanops\.config\.wiring"):
            servicing.close_day(book=book, until=NEXT, actor=HOUSE, at=AT)

        assert queries.business_date(book) == DAY

    def test_moves_the_business_date_and_leaves_a_row_for_each_step(self, book: str) -> None:
        wiring.wire()
        servicing.close_day(book=book, until=NEXT, actor=HOUSE, at=AT)

        assert queries.business_date(book) == NEXT
        assert set(queries.finished_steps(book=book, on=DAY)) == {step.name for step in CLOSE}
        assert list(CLOSE)
