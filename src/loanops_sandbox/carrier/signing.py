"""Signed bytes of the carrier protocol, as the carrier reads and writes them.

Written from docs/reference/carrier-protocol.md alone; the client has an implementation of its own.
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Mapping

TOLERANCE_SECONDS = 300
H_ACCOUNT, H_TIME = "Carrier-Account", "Carrier-Time"
H_NONCE, H_SIGNATURE = "Carrier-Nonce", "Carrier-Signature"
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class Unsigned(Exception):
    """The sender cannot be believed."""


def _signed(secret: bytes, lines: tuple[str, ...], body: bytes) -> str:
    message = "\n".join((*lines, hashlib.sha256(body).hexdigest()))
    return b64encode(hmac.new(secret, message.encode(), hashlib.sha256).digest()).decode()


def believe(
    *,
    headers: Mapping[str, str],
    account: str,
    secret: bytes,
    method: str,
    target: str,
    body: bytes,
    now: float,
) -> str:
    """The nonce of a request that its sender signed; the caller remembers it.

    :raises Unsigned: it cannot be believed
    """
    stamp, nonce = headers.get(H_TIME, ""), headers.get(H_NONCE, "")
    if headers.get(H_ACCOUNT) != account or not _NONCE.fullmatch(nonce):
        raise Unsigned("unknown account or malformed nonce")
    if not _SECONDS.fullmatch(stamp) or abs(now - int(stamp)) > TOLERANCE_SECONDS:
        raise Unsigned("the time stamp is outside the tolerance")
    lines = ("carrier/1 request", account, method.upper(), target, stamp, nonce)
    if not hmac.compare_digest(_signed(secret, lines, body), headers.get(H_SIGNATURE, "")):
        raise Unsigned("the signature does not fit")
    return nonce


def answer_headers(
    *, account: str, secret: bytes, status: int, nonce: str, body: bytes, seconds: int
) -> dict[str, str]:
    lines = ("carrier/1 answer", account, str(status), str(seconds), nonce)
    return {H_TIME: str(seconds), H_NONCE: nonce, H_SIGNATURE: _signed(secret, lines, body)}
