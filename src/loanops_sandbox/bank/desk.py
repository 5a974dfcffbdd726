"""One house of banks: what they share (store, keys, platforms) and the cases that fall due."""

import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loanops_sandbox import clock
from loanops_sandbox.bank import cases, credit, drawdowns, signings
from loanops_sandbox.bank.callbacks import Caller
from loanops_sandbox.bank.cases import Decide
from loanops_sandbox.bank.policy import DEFAULT_BANKS, BankPolicy, read_banks
from loanops_sandbox.bank.store import Store
from loanops_sandbox.keyring import BankKeys, Platform, read_platform
from loanops_sandbox.wire import TOLERANCE_SECONDS, PublicKey

DECISIONS: dict[str, Decide] = {
    "credit": credit.decide,
    "drawdown": drawdowns.decide,
    "signing": signings.expire,
}
TICK_SECONDS = 0.05


class Replayed(Exception):
    """A nonce came a second time."""


class Desk:
    """Everything a request can touch."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.base_url = ""
        own = home / "banks.toml"
        self.banks: dict[str, BankPolicy] = read_banks(own if own.exists() else DEFAULT_BANKS)
        self.store = Store(home / "sandbox.sqlite3")
        self.keys = {code: BankKeys(home / "keys", code) for code in self.banks}
        self.salts = {code: keys.salt for code, keys in self.keys.items()}
        self.signers = {code: keys.signer() for code, keys in self.keys.items()}
        self.platforms: dict[str, Platform] = {}
        self._known: dict[str, PublicKey] = {}
        self._caller = Caller(self.store)
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._pruned_at = 0.0
        self._threads: list[threading.Thread] = []
        self.read_platforms()

    def read_platforms(self) -> None:
        """Read again who introduced itself (home/platforms/*.json)."""
        for path in sorted((self.home / "platforms").glob("*.json")):
            platform = read_platform(json.loads(path.read_text("utf-8")))
            self.platforms[platform.party] = platform
        self._known = {
            key.key_id: key for platform in self.platforms.values() for key in platform.keys
        }

    def trust(self, document: dict[str, Any]) -> Platform:
        """Keep the introduction of a platform; a newer one of the same party replaces it."""
        platform = read_platform(document)
        folder = self.home / "platforms"
        folder.mkdir(exist_ok=True)
        path = folder / f"{platform.party}.json"
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
        self.read_platforms()
        return platform

    def rotate(self, bank: str) -> str:
        """A new signing key for one bank."""
        key_id = self.keys[bank].rotate(clock.now())
        self.signers[bank] = self.keys[bank].signer()
        return key_id

    def find_key(self, key_id: str) -> PublicKey | None:
        return self._known.get(key_id)

    def remember_nonce(self, key_id: str, nonce: str, seconds: int) -> None:
        """Take a nonce once.

        :raises Replayed: it was taken before
        """
        try:
            self.store.run("insert into nonces values (?, ?, ?)", key_id, nonce, seconds)
        except sqlite3.IntegrityError as again:
            raise Replayed from again

    def settle(self, row: sqlite3.Row, now: float) -> sqlite3.Row:
        """Decide a case whose time has come; the case as it then is."""
        if row["status"] != "PROCESSING" or row["due_at"] is None or row["due_at"] > now:
            return row
        policy = self.banks[row["bank"]]
        verdict = DECISIONS[row["kind"]](self.store, policy, row)
        cases.end(self.store, row, verdict, now)
        return cases.find(self.store, row["bank"], row["kind"], row["serial"]) or row

    def start(self) -> None:
        """Run two clocks: a platform that is slow to hear callbacks must stop no case."""
        for repeat, work in (
            (self._repeat, self._settle_due),
            (self._repeat_woken, self._call_back),
        ):
            thread = threading.Thread(target=repeat, args=(work,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._stop.set()
        self._woken.set()
        for thread in self._threads:
            thread.join(timeout=10)
        self._caller.close()
        self.store.close()

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._stop.wait(TICK_SECONDS):
            work()

    def wake(self) -> None:
        """Have what is due called back now, not at the next tick."""
        self._woken.set()

    def _repeat_woken(self, work: Callable[[], None]) -> None:
        while not self._stop.is_set():
            self._woken.wait(TICK_SECONDS)
            self._woken.clear()
            work()

    def _call_back(self) -> None:
        self._caller.send_due(now=clock.seconds(), platforms=self.platforms, signers=self.signers)

    def _settle_due(self) -> None:
        now = clock.seconds()
        with self.store.turn() as store:
            due = store.all(
                "select * from cases where status = 'PROCESSING' and due_at <= ? limit 500", now
            )
            for row in due:
                self.settle(row, now)
            if now - self._pruned_at > 60:
                store.run("delete from nonces where seconds < ?", int(now) - 2 * TOLERANCE_SECONDS)
                self._pruned_at = now

    def introduction(self, bank: str, base_url: str) -> dict[str, Any]:
        """What the bank hands to a platform; the salt makes it a confidential document."""
        policy = self.banks[bank]
        return {
            "protocol": 1,
            "party": bank,
            "name": {"zh-hans": policy.name_zh, "en": policy.name_en},
            "base_url": f"{base_url}/b/{bank}",
            "currency": policy.currency,
            "zone": policy.zone,
            "requires_identity": policy.requires_identity,
            "signing": "funder_page" if policy.requires_signing else "ours",
            "precheck_salt": self.salts[bank].hex(),
            "keys": self.keys[bank].entries(),
        }
