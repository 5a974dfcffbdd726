"""The sandbox's banks in a process of their own, introduced to a folder of ours."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from loanops.adapters.open_bank import OpenBank, introductions

SOURCE = Path(__file__).resolve().parents[2] / "src"
PARTY = "loanops-test"


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """The running banks: where they are, our folder of introductions, the tester's hand."""

    base_url: str
    folder: Path
    pid: int

    def gateways(self) -> OpenBank:
        """What `config/wiring` would plug as the gateway `open_bank`."""
        return OpenBank(self.folder)

    def order(self, method: str, name: str, content: Mapping[str, Any] | None = None) -> Any:
        """An order to the control desk; its answer."""
        answer = httpx.request(
            method, f"{self.base_url}/sandbox/{name}", json=content or {}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def misbehave(self, behaviour: str, **rule: Any) -> None:
        """Put one rule of behaviour in force."""
        self.order("PUT", "behaviour", {"behaviour": behaviour, **rule})

    def behave(self) -> None:
        """Take all rules of behaviour out of force."""
        self.order("DELETE", "behaviour")

    def truth(self, bank: str = "") -> list[dict[str, Any]]:
        """Every drawdown that a bank really paid."""
        found: list[dict[str, Any]] = self.order("POST", "truth", {"bank": bank})["drawdowns"]
        return found

    def sign(self, bank: str, *serials: str, agreed: bool = True) -> None:
        """Let borrowers sign (or decline) without opening their pages."""
        self.order("POST", "sign", {"bank": bank, "serials": serials, "agreed": agreed})


def without_chance() -> str:
    """The invented banks with their figures, but no refusal by the bank's own score."""
    text = (SOURCE / "loanops_sandbox" / "bank" / "banks.toml").read_text(encoding="utf-8")
    return re.sub(r"(refused_share\w*) = .*", r"\1 = 0.0", text)


@contextmanager
def running(
    home: Path,
    *,
    callback_url: str = "",
    banks: str = "",
    return_url: str = "http://127.0.0.1/",
    folder: Path | None = None,
    clock_file: Path | None = None,
) -> Iterator[Sandbox]:
    """Banks on a free port, in their own process, until the block ends.

    `banks` replaces the banks' own file (TOML); `callback_url` is where they call back; `folder`
    is where an installation keeps its introductions; `clock_file` holds a story's moment.
    """
    folder = folder or home / "funders"
    at = datetime.fromisoformat(clock_file.read_text()) if clock_file else datetime.now(UTC)
    introductions.make_identity(folder, party=PARTY, at=at)
    ours = introductions.our_introduction(
        folder, callback_url=callback_url, return_url_prefixes=[return_url]
    )
    place = home / "sandbox"
    place.mkdir(parents=True, exist_ok=True)
    (home / "ours.json").write_text(json.dumps(ours), encoding="utf-8")
    if banks:
        (place / "banks.toml").write_text(banks, encoding="utf-8")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "loanops_sandbox",
            "serve",
            "--home",
            str(place),
            "--trust",
            str(home / "ours.json"),
            *(["--clock-file", str(clock_file)] if clock_file else []),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        for bank in ready["banks"]:
            introductions.keep_introduction(folder, bank)
        yield Sandbox(base_url=ready["base_url"], folder=folder, pid=process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)
