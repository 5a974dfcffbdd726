"""Keys and introductions: what each side must know of the other before it can believe it.

An introduction is a JSON document that one side hands to the other out of band: its party code,
its public keys with their validity, and where it is reached.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from loanops_sandbox import clock
from loanops_sandbox.wire import PublicKey, Signer


class BadIntroduction(Exception):
    """An introduction cannot be read; says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A platform that introduced itself to the banks."""

    party: str
    keys: tuple[PublicKey, ...]
    callback_url: str
    return_prefixes: tuple[str, ...]


def _instant(value: object) -> datetime:
    found = datetime.fromisoformat(str(value))
    if found.tzinfo is None:
        raise BadIntroduction("an instant needs its zone, such as 2026-01-01T00:00:00+00:00")
    return found


def read_platform(document: Mapping[str, Any]) -> Platform:
    """A platform from its introduction.

    :raises BadIntroduction: a part is missing or malformed
    """
    try:
        party = str(document["party"])
        keys = tuple(
            PublicKey(
                key_id=str(entry["id"]),
                party=party,
                key=Ed25519PublicKey.from_public_bytes(base64.b64decode(entry["public"])),
                valid_from=_instant(entry["valid_from"]),
                valid_until=_instant(entry["valid_until"]) if entry.get("valid_until") else None,
            )
            for entry in document["keys"]
        )
        return Platform(
            party=party,
            keys=keys,
            callback_url=str(document.get("callback_url", "")),
            return_prefixes=tuple(document.get("return_url_prefixes", ())),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise BadIntroduction(f"the introduction cannot be read: {wrong}") from wrong


class BankKeys:
    """One bank's signing keys and salt, in files of its own folder; the newest key signs."""

    def __init__(self, folder: Path, bank: str) -> None:
        self.folder = folder / bank
        self.bank = bank
        self.folder.mkdir(parents=True, exist_ok=True)
        if not any(self.folder.glob("*.pem")):
            self.rotate(clock.now())
        if not (self.folder / "salt").exists():
            _write_secret(self.folder / "salt", secrets.token_bytes(32))

    def rotate(self, at: datetime) -> str:
        """Make a new key that signs from now on; the former stays believed for a week."""
        self._retire(at + timedelta(days=7))
        number = len(list(self.folder.glob("*.pem"))) + 1
        key_id = f"{self.bank}-{at:%Y%m%d}-{number}"
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write_secret(self.folder / f"{key_id}.pem", pem)
        entry = {
            "id": key_id,
            "public": base64.b64encode(
                key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            ).decode(),
            "valid_from": (at - timedelta(minutes=5)).isoformat(),
            "valid_until": None,
        }
        (self.folder / f"{key_id}.json").write_text(json.dumps(entry), encoding="utf-8")
        return key_id

    def _retire(self, until: datetime) -> None:
        for path in self.folder.glob("*.json"):
            entry = json.loads(path.read_text(encoding="utf-8"))
            if entry["valid_until"] is None:
                entry["valid_until"] = until.isoformat()
                path.write_text(json.dumps(entry), encoding="utf-8")

    @property
    def salt(self) -> bytes:
        return (self.folder / "salt").read_bytes()

    def entries(self) -> list[dict[str, Any]]:
        """The public side of every key, oldest first."""
        found = [json.loads(path.read_text("utf-8")) for path in self.folder.glob("*.json")]
        return sorted(found, key=lambda entry: (entry["valid_from"], entry["id"]))

    def signer(self) -> Signer:
        key_id = str(self.entries()[-1]["id"])
        key = load_pem_private_key((self.folder / f"{key_id}.pem").read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise BadIntroduction(f"{key_id} is not an Ed25519 key")
        return Signer(key_id, key)


def _write_secret(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
