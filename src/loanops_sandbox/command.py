"""The sandbox's command line: serve the banks, make and exchange keys, print a market."""

import _thread
import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loanops_sandbox import clock
from loanops_sandbox.bank.policy import DEFAULT_BANKS, read_banks
from loanops_sandbox.bank.server import open_server, ready_line
from loanops_sandbox.keyring import BadIntroduction, BankKeys, read_platform
from loanops_sandbox.market.desk import answers


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _document(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise BadIntroduction(f"{path} is not a JSON object")
    return found


def _serve(options: argparse.Namespace) -> int:
    clock.follow(options.clock_file)
    server, desk = open_server(options.home, host=options.host, port=options.port)
    for path in options.trust:
        desk.trust(_document(path))
    _say(ready_line(desk))
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        # Not set in the handler itself: it interrupts the thread that waits and may hold the lock.
        signal.signal(sign, lambda *_: _thread.start_new_thread(stop.set, ()))
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    stop.wait()
    server.shutdown()
    server.server_close()
    desk.stop()
    return 0


def _keys(options: argparse.Namespace) -> int:
    own = options.home / "banks.toml"
    banks = read_banks(own if own.exists() else DEFAULT_BANKS)
    if options.trust:
        for path in options.trust:
            document = _document(path)
            platform = read_platform(document)
            folder = options.home / "platforms"
            folder.mkdir(parents=True, exist_ok=True)
            kept = folder / f"{platform.party}.json"
            kept.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    rings = {code: BankKeys(options.home / "keys", code) for code in banks}
    if options.rotate:
        rings[options.rotate].rotate(clock.now())
    _say(json.dumps({code: ring.entries() for code, ring in rings.items()}, indent=1))
    return 0


def _market(options: argparse.Namespace) -> int:
    for line in answers(sys.stdin, seed=options.seed):
        _say(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loanops_sandbox",
        description="Banks to practise against, and a market of simulated borrowers.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", help="open the banks; prints one JSON line when ready")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=0, help="0 takes any free port")
    serve.add_argument("--home", type=Path, required=True, help="folder of database and keys")
    serve.add_argument(
        "--trust",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="introduction of a platform (JSON); may be given again",
    )
    serve.add_argument(
        "--clock-file",
        type=Path,
        metavar="FILE",
        help="a file that holds the present moment of a rehearsal; the machine's clock without it",
    )
    serve.set_defaults(run=_serve)
    market = verbs.add_parser(
        "market", help="borrowers on a running platform: JSON lines in, JSON lines out"
    )
    market.add_argument("--seed", type=int, required=True)
    market.set_defaults(run=_market)
    keys = verbs.add_parser("keys", help="make the banks' keys, trust a platform, rotate a key")
    keys.add_argument("--home", type=Path, required=True)
    keys.add_argument("--trust", type=Path, action="append", default=[], metavar="FILE")
    keys.add_argument("--rotate", metavar="BANK")
    keys.set_defaults(run=_keys)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 2 where the input cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (BadIntroduction, OSError, ValueError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
