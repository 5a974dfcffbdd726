"""The sandbox banks as a process beside us, and `loanops sandbox`, which keeps one running.

The process has a folder, a database and keys of its own; we and the banks know each other only by
the introductions exchanged here, as with a real partner.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx

from loanops.surfaces.cli.framing import boot, die_with_parent, emit, stop, told_to_end

PARTY = "loanops"
GATEWAY = "open_bank"


def home_of_sandbox() -> Path:
    """Where the sandbox keeps its things: apart from ours, below the same home."""
    from django.conf import settings

    return Path(settings.HOME) / "sandbox"


def running() -> str | None:
    """The address of a sandbox that answers, if one was left running."""
    kept = home_of_sandbox() / "address.json"
    if not kept.exists():
        return None
    address = str(json.loads(kept.read_text(encoding="utf-8"))["base_url"])
    try:
        healthy = httpx.get(f"{address}/healthz", timeout=2.0).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return None
    return address if healthy else None


@contextmanager
def sandbox(*, public_url: str) -> Iterator[str]:
    """The address of running sandbox banks; a process started for it ends with the block."""
    address = running()
    if address is not None:
        introduce(address, public_url=public_url)
        yield address
        return
    process, address = _start()
    try:
        introduce(address, public_url=public_url)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def _start() -> tuple[subprocess.Popen[str], str]:
    home = home_of_sandbox()
    home.mkdir(parents=True, exist_ok=True)
    kept = home / "address.json"
    # The same port again, so that pages and schedules we were told of stay where they were;
    # where somebody else took it meanwhile, any other does.
    before = kept.exists() and json.loads(kept.read_text(encoding="utf-8"))["base_url"]
    port = str(before).rpartition(":")[2] if before else "0"
    process, line = _opened(home, port)
    if not line and before:
        process, line = _opened(home, "0")
    if not line:
        stop("The sandbox did not start; see its words above and try again.")
    address = str(json.loads(line)["base_url"])
    kept.write_text(json.dumps({"base_url": address}), encoding="utf-8")
    return process, address


def _opened(home: Path, port: str) -> tuple[subprocess.Popen[str], str]:
    """A sandbox process and what it says when it is ready; nothing where it could not start."""
    command = [sys.executable, "-m", "loanops_sandbox", "serve", "--home", str(home), *_clock()]
    process = subprocess.Popen(
        [*command, "--port", port],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ.copy(),
        preexec_fn=die_with_parent,  # noqa: PLW1509 - the child does nothing else before it starts
    )
    line = process.stdout.readline().strip() if process.stdout else ""
    if not line:
        process.kill()
        process.wait()
    return process, line


def _clock() -> list[str]:
    """A story's clock is told to the banks as well, or they would take us for stale."""
    from django.conf import settings

    path = settings.ENVIRONMENT.clock_file
    return [] if path is None else ["--clock-file", str(path)]


def introduce(address: str, *, public_url: str, back: tuple[str, ...] = ()) -> None:
    """Hand each other the introductions: addresses, public keys, the pre-check salt.

    ``back`` are places beside our own to which the banks' pages may send a borrower.
    """
    from loanops.origination.routing.ports import CONNECTIONS
    from loanops.platform.web.clock import now
    from loanops.registry.contacts.ports import CARRIERS, SHORT_MESSAGES

    connections = CONNECTIONS[GATEWAY]
    ours = connections.introduce(
        party=PARTY,
        callback_url=f"{public_url}/api/v1/callbacks/{{funder}}",
        return_url_prefixes=(f"{public_url}/", *back),
        at=now(),
    )
    for bank in httpx.get(f"{address}/sandbox/introductions", timeout=10).json()["banks"]:
        connections.keep(bank)
    carrier = httpx.get(f"{address}/sandbox/carrier", timeout=10).json()
    CARRIERS[SHORT_MESSAGES].keep(carrier)
    answer = httpx.put(f"{address}/sandbox/trust", json=ours, timeout=10)
    answer.raise_for_status()


@click.command()
@click.option("--public-url", default="http://127.0.0.1:8000", help="How the banks reach us.")
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON.")
def command(public_url: str, as_json: bool) -> None:
    """Keep the sandbox banks running until interrupted."""
    boot()
    with sandbox(public_url=public_url) as address:
        if as_json:
            emit({"base_url": address})
        else:
            click.echo(f"Sandbox banks answer at {address}; stop with Ctrl-C.")
            click.echo(f"Short messages arrive at {address}/phone.")
        told_to_end().wait()
