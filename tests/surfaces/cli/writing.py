"""``python -m tests.surfaces.cli.writing``: write without pause until killed, as a busy day does.

Each round stores a file, registers a person and seals the audit; how many rounds were committed is
kept in the home, for the test that looks at it before a backup.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from django.conf import settings

from loanops.config import startup

startup.start()

from loanops.kernel.access import Actor  # noqa: E402
from loanops.platform.audit import operations as audit  # noqa: E402
from loanops.platform.files import operations as files  # noqa: E402
from loanops.platform.work import unit_of_work  # noqa: E402
from loanops.registry.parties import operations as parties  # noqa: E402
from tests.factories import people  # noqa: E402

if __name__ == "__main__":
    house = Actor.house("writing")
    for number in count():
        at = datetime.now(UTC)
        with unit_of_work(actor=house, at=at, book="cn", on=at.date()) as work:
            files.store(
                work=work, kind="note", name="note.txt", content=f"note {number}".encode(),
                actor=house, at=at,
            )  # fmt: skip
            parties.register_many(book="cn", people=[people.person(number)], actor=house, at=at)
        audit.seal(actor=house, at=at)
        written = settings.HOME / "rounds.new"
        written.write_text(str(number + 1))
        # At once, so that who counts never reads a file of which nothing is written yet.
        written.replace(settings.HOME / "rounds")
