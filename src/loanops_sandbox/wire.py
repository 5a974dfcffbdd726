"""Signed bytes of the funder protocol, as the bank reads and writes them.

Written from docs/reference/funder-protocol.md alone. The client has an implementation of its own;
the golden vectors of that page hold both to the same bytes.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

TOLERANCE_SECONDS = 300
REQUEST_CONTEXT = "funder-protocol/1 request"
ANSWER_CONTEXT = "funder-protocol/1 answer"
H_VERSION, H_KEY, H_TIME = "Funder-Protocol", "Funder-Key", "Funder-Time"
H_NONCE, H_SIGNATURE = "Funder-Nonce", "Funder-Signature"

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_KEY_ID = re.compile(r"[a-z0-9][a-z0-9.-]{1,62}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class Unsigned(Exception):
    """The sender cannot be believed; the reason is for the log, never for the sender."""


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """A key of the other side, believed from one instant until another."""

    key_id: str
    party: str
    key: Ed25519PublicKey
    valid_from: datetime
    valid_until: datetime | None

    def is_valid(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who signed a request, and with what."""

    party: str
    key_id: str
    nonce: str
    seconds: int


def request_bytes(
    *, to: str, method: str, target: str, seconds: int, nonce: str, key_id: str, body: bytes
) -> bytes:
    """What the signature of a request or a callback covers."""
    digest = hashlib.sha256(body).hexdigest()
    parts = (REQUEST_CONTEXT, to, method.upper(), target, str(seconds), nonce, key_id, digest)
    return "\n".join(parts).encode()


def answer_bytes(
    *, to: str, status: int, seconds: int, nonce: str, key_id: str, body: bytes
) -> bytes:
    """What the signature of an answer covers; the nonce is the one of its request."""
    digest = hashlib.sha256(body).hexdigest()
    parts = (ANSWER_CONTEXT, to, str(status), str(seconds), nonce, key_id, digest)
    return "\n".join(parts).encode()


class Signer:
    """One party's private key, ready to sign."""

    def __init__(self, key_id: str, key: Ed25519PrivateKey) -> None:
        self.key_id = key_id
        self._key = key

    def _sign(self, message: bytes) -> str:
        return base64.b64encode(self._key.sign(message)).decode()

    def request_headers(
        self,
        *,
        to: str,
        method: str,
        target: str,
        body: bytes,
        seconds: int,
        nonce: str | None = None,
    ) -> dict[str, str]:
        nonce = nonce or secrets.token_urlsafe(18)
        message = request_bytes(
            to=to,
            method=method,
            target=target,
            seconds=seconds,
            nonce=nonce,
            key_id=self.key_id,
            body=body,
        )
        return self._headers(seconds, nonce, message)

    def answer_headers(
        self, *, to: str, status: int, body: bytes, seconds: int, nonce: str
    ) -> dict[str, str]:
        message = answer_bytes(
            to=to, status=status, seconds=seconds, nonce=nonce, key_id=self.key_id, body=body
        )
        return self._headers(seconds, nonce, message)

    def _headers(self, seconds: int, nonce: str, message: bytes) -> dict[str, str]:
        return {
            H_VERSION: "1",
            H_KEY: self.key_id,
            H_TIME: str(seconds),
            H_NONCE: nonce,
            H_SIGNATURE: self._sign(message),
        }


def verify_request(
    *,
    headers: Mapping[str, str],
    to: str,
    method: str,
    target: str,
    body: bytes,
    at: datetime,
    find_key: Callable[[str], PublicKey | None],
) -> Sender:
    """Believe a request, or raise Unsigned. The nonce is the caller's to remember.

    A signature is public, so comparing it leaks nothing; Ed25519 verification does the rest.
    """
    key_id, nonce = headers.get(H_KEY, ""), headers.get(H_NONCE, "")
    stamp = headers.get(H_TIME, "")
    if headers.get(H_VERSION) != "1":
        raise Unsigned("protocol version missing or unknown")
    if not (_KEY_ID.fullmatch(key_id) and _NONCE.fullmatch(nonce) and _SECONDS.fullmatch(stamp)):
        raise Unsigned("a signature header is missing or malformed")
    seconds = int(stamp)
    if abs(at.timestamp() - seconds) > TOLERANCE_SECONDS:
        raise Unsigned("the time stamp is outside the tolerance")
    known = find_key(key_id)
    if known is None or not known.is_valid(at):
        raise Unsigned("the key is not known or not valid now")
    message = request_bytes(
        to=to, method=method, target=target, seconds=seconds, nonce=nonce, key_id=key_id, body=body
    )
    try:
        signature = base64.b64decode(headers.get(H_SIGNATURE, ""), validate=True)
        known.key.verify(signature, message)
    except (ValueError, InvalidSignature) as wrong:
        raise Unsigned("the signature does not fit") from wrong
    return Sender(party=known.party, key_id=key_id, nonce=nonce, seconds=seconds)
