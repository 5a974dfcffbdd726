"""The log file: shared by processes, rotated without a lost line, silent when it cannot be kept."""

from __future__ import annotations

import json
import logging
import multiprocessing
from pathlib import Path

import pytest

from loanops.platform.web.logs import SharedFile

LINES = 400


def write(path: Path, who: str) -> None:
    """What one process does: many lines into a file that is soon full."""
    handler = SharedFile(path, maxBytes=4_000, backupCount=99, delay=True, encoding="utf-8")
    for number in range(LINES):
        text = json.dumps({"who": who, "number": number})
        handler.emit(logging.LogRecord("t", logging.INFO, "", 0, text, (), None))
    handler.close()


class TestSharedFile:
    def test_loses_no_line_of_three_processes_that_rotate_it(self, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        context = multiprocessing.get_context("spawn")
        writers = [context.Process(target=write, args=(path, who)) for who in "abc"]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(timeout=60)

        files = [each for each in tmp_path.iterdir() if each.name != "log.jsonl.lock"]
        lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        found = {(line["who"], line["number"]) for line in lines}
        assert len(files) > 5
        assert len(lines) == len(found) == 3 * LINES

    def test_says_once_that_it_cannot_be_written(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        handler = SharedFile("/dev/full", maxBytes=0, delay=True, encoding="utf-8")

        for _ in range(3):
            handler.emit(logging.LogRecord("t", logging.INFO, "", 0, "a line", (), None))

        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "cannot be written" in said
