"""The telephones of the world outside, on one page: what the carrier delivered to them."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).with_name("pages")
_FRAME = Template((_FOLDER / "phone.html").read_text(encoding="utf-8"))
_STYLE = (_FOLDER / "phone.css").read_text(encoding="utf-8")
_EMPTY = '<p class="none">还没有短信<small lang="en">No messages yet</small></p>'


def show(messages: Sequence[dict[str, str]]) -> tuple[bytes, dict[str, str]]:
    """The page and its headers."""
    nonce = secrets.token_urlsafe(12)
    lines = "\n".join(_message(each) for each in messages)
    body = _FRAME.substitute(nonce=nonce, style=_STYLE, messages=lines or _EMPTY)
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'nonce-{nonce}'; frame-ancestors 'none'"
        ),
        "Cache-Control": "no-store",
        "Refresh": "3",
    }
    return body.encode(), headers


def _message(message: dict[str, str]) -> str:
    at = datetime.fromisoformat(message["at"]).astimezone()
    return (
        f'<li><p class="to">{escape(message["mobile"])}<time>{at:%H:%M:%S}</time></p>'
        f"<p>{escape(message['text'])}</p></li>"
    )
