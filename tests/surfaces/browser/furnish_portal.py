"""Furnishes an installation for borrowers: ``python -m tests.surfaces.browser.furnish_portal``."""

from __future__ import annotations

from datetime import timedelta

from loanops.config import startup

startup.start()

from loanops.platform.web import clock  # noqa: E402
from loanops.surfaces.cli.demo import reference  # noqa: E402

now = clock.now()
reference.open_operation("cn", on=now.date(), at=now - timedelta(days=1))
