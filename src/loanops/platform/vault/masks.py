"""What a personal field looks like to those who may not read it."""

from __future__ import annotations


def mask(kind: str, plaintext: str) -> str:
    """The masked form: enough to recognise, too little to use."""
    if not plaintext:
        return ""
    if kind == "name":
        return _name(plaintext)
    if kind == "mobile":
        return f"{plaintext[:-8]}****{plaintext[-4:]}" if len(plaintext) >= 8 else "****"
    if kind == "id_number":
        return f"{plaintext[:4]}{'*' * max(len(plaintext) - 8, 4)}{plaintext[-4:]}"
    if kind == "card":
        return f"**** {plaintext[-4:]}"
    if kind == "email":
        head, _, host = plaintext.partition("@")
        return f"{head[:1]}***@{host}"
    return f"{plaintext[:2]}***"


def _name(plaintext: str) -> str:
    if plaintext.isascii():
        return f"{plaintext[:1]}***"
    return plaintext[0] + "*" * (len(plaintext) - 1)
