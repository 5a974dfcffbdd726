"""Sealing of single fields: AES-256-GCM under a versioned key, with the field's kind bound in.

Keys are lines ``version base64`` in ``keys/vault.key`` of the home; the newest seals, every one
unseals. ``loanops keys rotate`` appends a line, which every running process takes up at its next
field, and seals older rows anew; older lines stay, for the indexes and for older backups.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import tempfile
from collections.abc import Iterable
from functools import cache, lru_cache
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
    """The first key; whoever comes at the same time finds no file or a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as made:
        made.write(f"1 {base64.b64encode(os.urandom(32)).decode()}\n")
        made.flush()
        os.fsync(made.fileno())
        try:
            os.link(made.name, path)
        except FileExistsError:
            return


def _stamp(path: Path) -> tuple[int, int]:
    """Changes when the key file does, so that a rotation reaches processes that run."""
    try:
        found = path.stat()
    except FileNotFoundError:
        _make_key_file(path)
        found = path.stat()
    return found.st_mtime_ns, found.st_size


def _keys(path: Path) -> dict[int, AESGCM]:
    return _ciphers(path, _stamp(path))


@lru_cache(maxsize=8)
def _ciphers(path: Path, stamp: tuple[int, int]) -> dict[int, AESGCM]:
    return {version: AESGCM(raw) for version, raw in _read(path, stamp).items()}


def _raw_keys(path: Path) -> dict[int, bytes]:
    return _read(path, _stamp(path))


@lru_cache(maxsize=8)
def _read(path: Path, _: tuple[int, int]) -> dict[int, bytes]:
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
    return key_references()[-1]


def key_references() -> list[str]:
    """The fingerprint of each key, the newest last."""
    raw = _raw_keys(key_path())
    return [f"{each}:{hashlib.sha256(raw[each]).hexdigest()[:16]}" for each in sorted(raw)]


def newest_version() -> int:
    """The version of the key that seals."""
    return max(_raw_keys(key_path()))


def append_key() -> str:
    """Add a key that seals from now on; the file is replaced whole, or not at all."""
    path = key_path()
    raw = _raw_keys(path)
    made = f"{max(raw) + 1} {base64.b64encode(os.urandom(32)).decode()}\n"
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="ascii") as file:
        partial.chmod(0o600)
        file.write(path.read_text(encoding="ascii").rstrip("\n") + "\n" + made)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return key_reference()


def resealed(token: str) -> str:
    """The same plaintext under the newest key.

    :raises Unsealable: no key of this installation opens it.
    """
    return seal(token.split(".", 2)[1], unseal(token))


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
