"""One POST within a deadline: no redirect is followed, and of the answer the head alone is read.

Written on a socket because a deadline must hold over everything a hostile receiver may do: client
libraries bound each read, and a receiver that drips a byte at a time would hold a thread for ever.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from functools import cache

from loanops.platform.webhooks import addresses
from loanops.platform.webhooks.addresses import Target

DEADLINE_SECONDS = 10.0
HEAD_BYTES_MAX = 16 * 1024


class Unanswered(Exception):
    """Nothing that is an HTTP answer came back in time."""


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """Post and return the status of the answer.

    :raises Unanswered: the receiver cannot be reached, or answers too late or not in HTTP.
    :raises Forbidden: the name resolves to an address that we never post to.
    """
    ends = time.monotonic() + DEADLINE_SECONDS
    try:
        address = addresses.resolve(target)
        with socket.create_connection((address, target.port), timeout=_left(ends)) as raw:
            if target.scheme == "http":
                return _exchange(raw, target, body, headers, ends)
            raw.settimeout(_left(ends))
            with _tls().wrap_socket(raw, server_hostname=target.host) as wrapped:
                return _exchange(wrapped, target, body, headers, ends)
    except (OSError, ValueError) as error:
        raise Unanswered(type(error).__name__) from error


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _exchange(
    connected: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], ends: float
) -> int:
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    connected.settimeout(_left(ends))
    connected.sendall("\r\n".join(lines).encode("ascii") + body)
    received = b""
    while len(received) <= HEAD_BYTES_MAX:
        while b"\r\n\r\n" in received:
            head, received = received.split(b"\r\n\r\n", 1)
            status = _status(head)
            if status >= 200:
                return status
        connected.settimeout(_left(ends))
        more = connected.recv(4096)
        if not more:
            break
        received += more
    raise ValueError("no complete head of an HTTP answer")


def _status(head: bytes) -> int:
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or len(words[1]) != 3:
        raise ValueError("not an HTTP answer")
    return int(words[1])
