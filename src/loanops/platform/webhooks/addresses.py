"""Where we may post: https to the open internet; in development also http to this machine.

A name is resolved, every address it has is checked, and the connection goes to the address that
was checked: a name that resolves otherwise a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from loanops.kernel.refusals import BadField

URL_LETTERS_MAX = 500
PORTS = frozenset({443, 8443})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """A URL taken apart."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"
        )


class Forbidden(Exception):
    """The host has an address that we never post to."""


def in_development() -> bool:
    """Whether this machine itself may be posted to."""
    return bool(settings.ENVIRONMENT.mode == "development")


def target_of(url: str) -> Target:
    """A URL that may be subscribed with.

    :raises BadField: it is not one we would ever post to.
    """
    if len(url) > URL_LETTERS_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise BadField(
            field="url", problem="use at most 500 plain characters; write other letters as punycode"
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadField(
            field="url",
            problem="this is not a web address; use one such as https://example.com/hook",
        ) from None
    if not host or parts.scheme not in {"https", "http"}:
        raise BadField(
            field="url",
            problem="this is not a web address; use one such as https://example.com/hook",
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadField(field="url", problem="leave user, password and # out of the address")
    target = Target(
        scheme=parts.scheme,
        host=host,
        port=port if port is not None else (443 if parts.scheme == "https" else 80),
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )
    _check_rules(target)
    return target


def _check_rules(target: Target) -> None:
    literal = _literal(target.host)
    is_here = target.host == "localhost" or (literal is not None and literal.is_loopback)
    if is_here and in_development():
        return
    if target.scheme != "https":
        raise BadField(field="url", problem="use https")
    if target.port not in PORTS:
        raise BadField(field="url", problem="use port 443 or 8443")
    if target.host == "localhost" or (literal is not None and not is_open(literal)):
        raise BadField(field="url", problem="this address is not on the open internet")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_open(address: Address) -> bool:
    """Whether an address stands on the open internet, also where it wraps another one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_open(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve(target: Target) -> str:
    """The checked address to connect to.

    :raises OSError: the name has no address.
    :raises Forbidden: one of its addresses is not on the open internet.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(each[4][0]).split("%")[0]) for each in found]
    for address in addresses:
        if not is_open(address) and not (address.is_loopback and in_development()):
            raise Forbidden(target.host)
    return str(addresses[0])
