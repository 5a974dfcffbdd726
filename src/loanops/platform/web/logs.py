"""JSON logs with request, actor, book and subject number, and no personal field."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog

from loanops.kernel.personal import scrubbed

_FILE_BYTES_MAX = 20 * 1024 * 1024


def _scrubbed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = scrubbed(value)
    return event


def configure(options: Mapping[str, Any]) -> None:
    """Django's ``LOGGING_CONFIG``: JSON lines, all to a rotated file, errors to stderr too."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _scrubbed,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    folder = Path(options["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    to_file = logging.handlers.RotatingFileHandler(
        folder / "loanops.jsonl",
        maxBytes=_FILE_BYTES_MAX,
        backupCount=9,
        delay=True,
        encoding="utf-8",
    )
    to_file.setFormatter(formatter)
    to_screen = logging.StreamHandler(sys.stderr)
    to_screen.setFormatter(formatter)
    to_screen.setLevel(logging.ERROR)
    root = logging.getLogger()
    root.handlers = [to_file, to_screen]
    root.setLevel(options["level"])
    for noisy in ("httpx", "httpcore", "axes", "django.request", "django.security"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
