"""The signatures of the funder protocol, as this side makes and checks them.

Written from the protocol page, not from the sandbox: the golden vectors of that page hold the two
implementations to the same bytes. Only Ed25519 is spoken; a signature is no secret, so nothing
here is compared in a way whose time could tell something.
"""

from __future__ import annotations

import binascii
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

VERSION: Final = "1"
TOLERANCE_SECONDS: Final = 300

_PREFIX: Final = f"funder-protocol/{VERSION}"
_HEADERS: Final = ("funder-protocol", "funder-key", "funder-time", "funder-nonce")
_SHAPES: Final = (
    re.compile(r"1"),
    re.compile(r"[a-z0-9][a-z0-9.-]{1,62}"),
    re.compile(r"[0-9]{1,12}"),
    re.compile(r"[A-Za-z0-9_-]{16,64}"),
)


class NotBelieved(Exception):
    """A message that its alleged sender did not sign, or not now, or not for us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """A public key of the other side and the time in which it is believed."""

    key_id: str
    public: Ed25519PublicKey
    valid_from: datetime
    valid_until: datetime | None = None


class KeyRing:
    """The keys of one party. Rotation: the old and the new key are valid side by side."""

    def __init__(self, keys: Iterable[TrustedKey]) -> None:
        self._keys = {key.key_id: key for key in keys}

    def find(self, key_id: str, at: datetime) -> Ed25519PublicKey:
        """The key of that id.

        :raises NotBelieved: it is not known, not valid yet, or no longer
        """
        key = self._keys.get(key_id)
        if key is None or at < key.valid_from:
            raise NotBelieved("unknown key")
        if key.valid_until is not None and at >= key.valid_until:
            raise NotBelieved("key no longer valid")
        return key.public


def _covered(kind: str, *parts: str, body: bytes) -> bytes:
    return "\n".join((f"{_PREFIX} {kind}", *parts, sha256(body).hexdigest())).encode("utf-8")


def covered_by_request(
    recipient: str, method: str, target: str, time: str, nonce: str, key_id: str, body: bytes
) -> bytes:
    """The bytes that the signature of a request or callback covers."""
    return _covered("request", recipient, method.upper(), target, time, nonce, key_id, body=body)


def covered_by_answer(
    recipient: str, status: int, time: str, nonce: str, key_id: str, body: bytes
) -> bytes:
    """The bytes that the signature of an answer covers."""
    return _covered("answer", recipient, str(status), time, nonce, key_id, body=body)


def new_nonce() -> str:
    """A nonce that nobody has seen."""
    return secrets.token_urlsafe(18)


class Identity:
    """Ourselves: party code, key id and private key."""

    def __init__(self, *, party: str, key_id: str, private: Ed25519PrivateKey) -> None:
        self.party = party
        self.key_id = key_id
        self._private = private

    def sign_request(
        self, *, recipient: str, method: str, target: str, body: bytes, seconds: int, nonce: str
    ) -> dict[str, str]:
        """The headers that prove a request to be ours."""
        time = str(seconds)
        covered = covered_by_request(recipient, method, target, time, nonce, self.key_id, body)
        return {
            "Funder-Protocol": VERSION,
            "Funder-Key": self.key_id,
            "Funder-Time": time,
            "Funder-Nonce": nonce,
            "Funder-Signature": b64encode(self._private.sign(covered)).decode("ascii"),
        }


def _read(headers: Mapping[str, str], at: datetime) -> tuple[str, str, str, bytes]:
    lowered = {name.lower(): value for name, value in headers.items()}
    values = [lowered.get(name, "") for name in _HEADERS]
    for value, shape in zip(values, _SHAPES, strict=True):
        if not shape.fullmatch(value):
            raise NotBelieved("a signature header is missing or malformed")
    _, key_id, time, nonce = values
    if abs(int(at.timestamp()) - int(time)) > TOLERANCE_SECONDS:
        raise NotBelieved("stale or from the future")
    try:
        signature = b64decode(lowered.get("funder-signature", ""), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise NotBelieved("the signature is not base64") from wrong
    return key_id, time, nonce, signature


def check_answer(
    *,
    headers: Mapping[str, str],
    recipient: str,
    status: int,
    nonce: str,
    body: bytes,
    keys: KeyRing,
    at: datetime,
) -> None:
    """Hold that an answer is the other side's answer to this very request.

    :raises NotBelieved: it is not
    """
    key_id, time, echoed, signature = _read(headers, at)
    if echoed != nonce:
        raise NotBelieved("the answer belongs to another request")
    _check(
        keys, key_id, at, signature, covered_by_answer(recipient, status, time, nonce, key_id, body)
    )


def check_request(
    *,
    headers: Mapping[str, str],
    recipient: str,
    method: str,
    target: str,
    body: bytes,
    keys: KeyRing,
    at: datetime,
) -> str:
    """Hold that a callback is the other side's, now and for us; its nonce, to be taken once.

    :raises NotBelieved: it is not
    """
    key_id, time, nonce, signature = _read(headers, at)
    _check(
        keys,
        key_id,
        at,
        signature,
        covered_by_request(recipient, method, target, time, nonce, key_id, body),
    )
    return nonce


def _check(keys: KeyRing, key_id: str, at: datetime, signature: bytes, covered: bytes) -> None:
    public = keys.find(key_id, at)
    try:
        public.verify(signature, covered)
    except InvalidSignature as wrong:
        raise NotBelieved("the signature does not fit") from wrong
