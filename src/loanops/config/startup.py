"""How a process of LoanOps begins: Django is set up, then everything is plugged in."""

from __future__ import annotations

import gc
import os


def start() -> None:
    """Set Django up and wire the house; every process calls this before anything else."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loanops.config.settings")
    import django

    django.setup()
    from loanops.config import wiring

    wiring.wire()
    # What is loaded by now stays as long as the process: no collection of garbage visits it again.
    gc.freeze()
