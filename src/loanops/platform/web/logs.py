"""JSON logs with request, actor, book and subject number, and no personal field."""

from __future__ import annotations

import fcntl
import logging
import logging.handlers
import os
import sys
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog

from loanops.kernel.personal import scrubbed

_FILE_BYTES_MAX = 20 * 1024 * 1024
_COMPLAIN_SECONDS = 60.0


class SharedFile(logging.handlers.RotatingFileHandler):
    """A rotated file of several processes: whoever finds it full rotates, the others follow."""

    _complained_at = -_COMPLAIN_SECONDS

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - logging's name
        """Whether the file is full; a file that another process has renamed is left first."""
        if self.stream is not None and not self._is_current():
            self.stream.close()
            self.stream = self._open()
        return bool(super().shouldRollover(record))

    def doRollover(self) -> None:  # noqa: N802 - logging's name
        """Rotate, unless another process has done so while we waited for our turn."""
        with open(f"{self.baseFilename}.lock", "w") as turn:  # noqa: PTH123 - logging keeps texts
            fcntl.flock(turn, fcntl.LOCK_EX)
            if self._is_current():
                super().doRollover()

    def _is_current(self) -> bool:
        if self.stream is None:
            return False
        try:
            return os.path.samestat(os.fstat(self.stream.fileno()), os.stat(self.baseFilename))  # noqa: PTH116
        except FileNotFoundError:
            return False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002
        """A full disk is one line a minute on standard error; business goes on without a log."""
        if time.monotonic() - self._complained_at >= _COMPLAIN_SECONDS:
            self._complained_at = time.monotonic()
            sys.stderr.write(f"Log lines cannot be written: {sys.exc_info()[1]}\n")


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
    to_file = SharedFile(
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
    # Whoever asks for a host that is not ours is refused and counted, not told about at length.
    logging.getLogger("django.security.DisallowedHost").setLevel(logging.CRITICAL)
