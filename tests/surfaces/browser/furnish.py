"""Furnishes an installation for the browser: ``python -m tests.surfaces.browser.furnish``.

Prints the numbers of what it holds as one JSON line.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from loanops.config import startup

startup.start()

from tests.factories import desk  # noqa: E402

made = desk.open_operation()
desk.hire_for_everything("liu.yang")
desk.hire_for_everything("jane.doe", language="en")
sys.stdout.write(json.dumps(asdict(made)))
