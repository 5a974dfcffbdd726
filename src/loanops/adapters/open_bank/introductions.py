"""Who we are and who they are: identity files and introductions in one folder.

``identity.json`` and ``<key id>.pem`` are ours; ``<funder>.json`` is what a funder handed to us.
An introduction holds the pre-check salt, so the folder is confidential (mode 0700).
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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

from loanops.adapters.open_bank.signing import Identity, KeyRing, TrustedKey
from loanops.origination.routing.ports import GatewayNotReady


class BadConnection(GatewayNotReady):
    """An identity or an introduction is missing or cannot be used; says how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """What a funder handed to us."""

    party: str
    base_url: str
    currency: str
    precheck_salt: bytes
    keys: KeyRing


def make_identity(folder: Path, *, party: str, at: datetime) -> str:
    """Make our key pair where there is none; the id of the key that signs."""
    kept = folder / "identity.json"
    if kept.exists():
        return str(json.loads(kept.read_text("utf-8"))["keys"][-1]["id"])
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_id = f"{party}-{at:%Y%m%d}"
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(folder / f"{key_id}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    entry = {
        "id": key_id,
        "public": b64encode(public).decode("ascii"),
        "valid_from": (at - timedelta(minutes=5)).isoformat(),
        "valid_until": None,
    }
    kept.write_text(json.dumps({"party": party, "keys": [entry]}, indent=1), encoding="utf-8")
    return key_id


def our_introduction(
    folder: Path, *, callback_url: str, return_url_prefixes: Sequence[str]
) -> dict[str, Any]:
    """What we hand to a funder. ``{funder}`` in the callback address stands for its code."""
    identity = json.loads((folder / "identity.json").read_text("utf-8"))
    return {
        "protocol": 1,
        **identity,
        "callback_url": callback_url,
        "return_url_prefixes": list(return_url_prefixes),
    }


def keep_introduction(folder: Path, document: Mapping[str, Any]) -> Introduction:
    """Keep what a funder handed to us, replacing what it handed before.

    :raises BadConnection: it cannot be used
    """
    introduction = read_introduction(document)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{introduction.party}.json"
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    path.chmod(0o600)
    return introduction


def read_identity(folder: Path) -> Identity:
    """Our identity; the newest key signs.

    :raises BadConnection: there is none yet
    """
    kept = folder / "identity.json"
    if not kept.exists():
        raise BadConnection(f"no identity in {folder}; make one before calling a funder")
    document = json.loads(kept.read_text("utf-8"))
    key_id = str(document["keys"][-1]["id"])
    private = load_pem_private_key((folder / f"{key_id}.pem").read_bytes(), None)
    if not isinstance(private, Ed25519PrivateKey):
        raise BadConnection(f"{key_id}.pem is not an Ed25519 key")
    return Identity(party=str(document["party"]), key_id=key_id, private=private)


def read_introduction(document: Mapping[str, Any]) -> Introduction:
    """A funder from its introduction.

    :raises BadConnection: a part is missing, malformed, or the address is not safe
    """
    try:
        base_url = str(document["base_url"]).rstrip("/")
        introduction = Introduction(
            party=str(document["party"]),
            base_url=base_url,
            currency=str(document["currency"]),
            precheck_salt=bytes.fromhex(document["precheck_salt"]),
            keys=KeyRing(_trusted(entry) for entry in document["keys"]),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise BadConnection(f"the introduction cannot be read ({wrong})") from wrong
    if not _is_safe(base_url):
        raise BadConnection(f"{base_url} must be https; plain http is for this machine only")
    return introduction


def _trusted(entry: Mapping[str, Any]) -> TrustedKey:
    until = entry.get("valid_until")
    return TrustedKey(
        key_id=str(entry["id"]),
        public=Ed25519PublicKey.from_public_bytes(b64decode(entry["public"], validate=True)),
        valid_from=_instant(entry["valid_from"]),
        valid_until=_instant(until) if until else None,
    )


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant has no zone")
    return found


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme != "http" or not parts.hostname:
        return False
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def _theirs(folder: Path, party: str) -> Path:
    path = folder / f"{party}.json"
    if not path.exists():
        raise BadConnection(f"no introduction of {party} in {folder}; ask the funder for one")
    return path


def changed_at(folder: Path, party: str) -> float:
    """When our identity or their introduction last changed.

    :raises BadConnection: there is no introduction
    """
    ours = folder / "identity.json"
    times = [path.stat().st_mtime for path in (_theirs(folder, party), ours) if path.exists()]
    return max(times)


def read_connection(folder: Path, party: str) -> tuple[Identity, Introduction]:
    """Our identity and their introduction.

    :raises BadConnection: one is missing or unusable
    """
    theirs = json.loads(_theirs(folder, party).read_text("utf-8"))
    return read_identity(folder), read_introduction(theirs)
