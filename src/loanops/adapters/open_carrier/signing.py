"""The signatures of the carrier protocol: HMAC-SHA256 under the secret of our account."""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

VERSION: Final = "carrier/1"
TOLERANCE_SECONDS: Final = 300
_SECONDS: Final = re.compile(r"[0-9]{1,12}")


class NotBelieved(Exception):
    """An answer that the carrier did not sign, or not for this request, or not now."""


@dataclass(frozen=True)
class Account:
    """Who we are to the carrier."""

    name: str
    secret: bytes

    def __repr__(self) -> str:
        """Keeps the secret."""
        return f"Account({self.name})"


def new_nonce() -> str:
    """A nonce that nobody has seen."""
    return secrets.token_urlsafe(18)


def _signature(account: Account, kind: str, *parts: str, body: bytes) -> str:
    covered = "\n".join((f"{VERSION} {kind}", *parts, sha256(body).hexdigest()))
    return b64encode(hmac.digest(account.secret, covered.encode(), "sha256")).decode("ascii")


def request_headers(
    account: Account, *, method: str, target: str, body: bytes, seconds: int, nonce: str
) -> dict[str, str]:
    """The headers that prove a request to be ours."""
    stamp = str(seconds)
    parts = (account.name, method.upper(), target, stamp, nonce)
    return {
        "Carrier-Account": account.name,
        "Carrier-Time": stamp,
        "Carrier-Nonce": nonce,
        "Carrier-Signature": _signature(account, "request", *parts, body=body),
    }


def check_answer(
    account: Account,
    *,
    headers: Mapping[str, str],
    status: int,
    nonce: str,
    body: bytes,
    seconds: int,
) -> None:
    """Hold that an answer is the carrier's answer to this very request.

    :raises NotBelieved: it is not
    """
    stamp = headers.get("carrier-time", "")
    if not _SECONDS.fullmatch(stamp) or abs(seconds - int(stamp)) > TOLERANCE_SECONDS:
        raise NotBelieved("stale, from the future, or without a time")
    parts = (account.name, str(status), stamp, nonce)
    expected = _signature(account, "answer", *parts, body=body)
    if not hmac.compare_digest(expected, headers.get("carrier-signature", "")):
        raise NotBelieved("the signature does not fit")
