"""Sealing of single fields: AES-256-GCM under a versioned key, with the field's kind bound in.

Keys are lines ``version base64`` in ``keys/vault.key`` of the home; the last line seals, every
line unseals. To rotate, append a line and seal old rows anew.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE_BYTES = 12


class Unsealable(RuntimeError):
    """A ciphertext that no key of this installation opens: wrong key file or a corrupted row."""


def key_path() -> Path:
    """Where the keys of this installation are."""
    return Path(settings.HOME) / "keys" / "vault.key"


def _make_key_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("x", encoding="ascii") as made:
            path.chmod(0o600)
            made.write(f"1 {base64.b64encode(os.urandom(32)).decode()}\n")
    except FileExistsError:
        return


@cache
def _keys(path: Path) -> dict[int, AESGCM]:
    return {version: AESGCM(raw) for version, raw in _raw_keys(path).items()}


@cache
def _raw_keys(path: Path) -> dict[int, bytes]:
    _make_key_file(path)
    lines = path.read_text(encoding="ascii").split("\n")
    pairs = [line.split() for line in lines if line.strip()]
    return {int(version): base64.b64decode(raw) for version, raw in pairs}


@cache
def index_key(path: Path) -> bytes:
    """The key of blind indexes and search tokens, derived from the first key and never rotated."""
    first = _raw_keys(path)[min(_raw_keys(path))]
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"loanops blind index").derive(first)


def key_reference() -> str:
    """Which keys seal this installation, as a fingerprint that a backup may name."""
    raw = _raw_keys(key_path())
    newest = max(raw)
    return f"{newest}:{hashlib.sha256(raw[newest]).hexdigest()[:16]}"


def seal(kind: str, plaintext: str) -> str:
    """The plaintext of a field of this kind as ciphertext text ``version.base64``."""
    keys = _keys(key_path())
    version = max(keys)
    nonce = os.urandom(_NONCE_BYTES)
    sealed = keys[version].encrypt(nonce, plaintext.encode(), kind.encode())
    return f"{version}.{kind}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def seal_many(kind: str, plaintexts: Iterable[str]) -> list[str]:
    """Each plaintext sealed."""
    return [seal(kind, plaintext) for plaintext in plaintexts]


def unseal(token: str) -> str:
    """The plaintext of a ciphertext.

    :raises Unsealable: no key of this installation opens it.
    """
    try:
        version, kind, text = token.split(".", 2)
        raw = base64.urlsafe_b64decode(text)
        key = _keys(key_path())[int(version)]
        return key.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], kind.encode()).decode()
    except (ValueError, KeyError, InvalidTag) as error:
        raise Unsealable("a sealed field cannot be opened with the keys of this home") from error


def blind_index(kind: str, normalised: str) -> str:
    """A keyed digest by which equal values find each other; not reversible without the key."""
    key = index_key(key_path())
    return hmac.new(key, f"{kind}\x1f{normalised}".encode(), hashlib.sha256).hexdigest()[:40]


def blind_index_many(kind: str, values: Iterable[str]) -> list[str]:
    """Each value's blind index."""
    return [blind_index(kind, value) for value in values]
