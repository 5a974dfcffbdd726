"""``python -m tests.surfaces.cli.furnish``: put a little of everything into an installation."""

from __future__ import annotations

from datetime import UTC, date, datetime

from loanops.config import startup

startup.start()

from loanops.kernel.access import Actor  # noqa: E402
from loanops.platform import vault  # noqa: E402
from loanops.platform.audit import operations as audit  # noqa: E402
from loanops.platform.books import operations as books  # noqa: E402
from loanops.platform.files import operations as files  # noqa: E402
from loanops.platform.work import unit_of_work  # noqa: E402

AT = datetime(2026, 1, 15, 2, 0, tzinfo=UTC)
ON = date(2026, 1, 15)

if __name__ == "__main__":
    house = Actor.house("furnish")
    books.open_book(
        code="cn", name={"zh-hans": "演示", "en": "Demo"}, legal_entity="Demo Ltd", currency="CNY",
        zone="Asia/Shanghai", pack="cn", business_date=ON, without_identity=False,
        actor=house, at=AT,
    )  # fmt: skip
    with unit_of_work(actor=house, at=AT, book="cn", on=ON) as work:
        files.store(work=work, kind="note", name="note.txt", content=b"kept", actor=house, at=AT)
    vault.seal("name", "王小明")
    audit.seal(actor=house, at=AT)
