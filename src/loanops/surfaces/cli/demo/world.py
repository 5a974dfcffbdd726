"""The processes of a season: the web server with the API, the banks, the market of borrowers."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from loanops.surfaces.cli.demo.story import told_to
from loanops.surfaces.cli.framing import stop

STARTING_SECONDS_MAX = 30.0
# Plain HTTP to this machine: reading the certificates of the world would cost more than the calls.
TRUSTING_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CALLBACK_SECONDS_MAX = 20.0


class Market:
    """The sandbox's market in a process of its own, led line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def order(self, what: str, **values: Any) -> dict[str, Any]:
        """Have the market do something; what came of it."""
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("the market process has no pipes")
        self._process.stdin.write(json.dumps({"do": what, **values}, default=str) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise OSError("the market has ended; its last words stand above")
        found: dict[str, Any] = json.loads(line)
        return found


@dataclass
class World:
    """What a season plays with."""

    platform: str
    banks: str
    market: Market
    desk: httpx.Client

    def order(self, method: str, name: str, content: dict[str, Any]) -> dict[str, Any]:
        """An order to the banks' control desk."""
        answer = self.desk.request(method, f"/sandbox/{name}", json=content)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def hear_callbacks(self) -> None:
        """Wait until the banks have told everything that is due."""
        ends = time.monotonic() + CALLBACK_SECONDS_MAX
        while self.desk.get("/sandbox/waiting").json()["callbacks"]:
            if time.monotonic() > ends:
                raise TimeoutError("the platform does not take the banks' callbacks")
            time.sleep(0.005)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server() -> Iterator[str]:
    """The address of the web server, in a process of its own that lives in the story's time."""
    from django.conf import settings

    from loanops.surfaces.cli.serve import command

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    port = free_port()
    process = subprocess.Popen(command("127.0.0.1", port, 1, 4), env=told_to(os.environ))
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + STARTING_SECONDS_MAX
    with httpx.Client(
        base_url=address, timeout=2.0, trust_env=False, verify=TRUSTING_NOBODY
    ) as client:
        while time.monotonic() < ends and process.poll() is None:
            try:
                if client.get("/healthz").is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
    stop("The web server for the demo did not start; see its words above.")


@contextmanager
def market(seed: int) -> Iterator[Market]:
    """The market's process; it ends with the block."""
    command = [sys.executable, "-m", "loanops_sandbox", "market", "--seed", str(seed)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Market(process)
        finally:
            process.terminate()


@contextmanager
def world(
    *,
    seed: int,
    book: str,
    keys: dict[str, str],
    products: Sequence[dict[str, Any]],
    consents: Sequence[dict[str, str]],
) -> Iterator[World]:
    """Server, banks and market, introduced to each other."""
    from loanops.surfaces.cli.sandbox import introduce, running, sandbox

    if running() is not None:
        stop(
            "Sandbox banks run on this home already, in real time; stop them, then build the demo."
        )
    with (
        server() as platform,
        sandbox(public_url=platform) as banks,
        market(seed) as opened,
        httpx.Client(base_url=banks, timeout=60, trust_env=False, verify=TRUSTING_NOBODY) as desk,
    ):
        place = opened.order(
            "open",
            platform=platform,
            banks=banks,
            book=book,
            keys=keys,
            products=products,
            consents=consents,
        )
        introduce(banks, public_url=platform, back=(f"{place['base_url']}/",))
        yield World(platform, banks, opened, desk)
