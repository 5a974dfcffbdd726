"""Vault (密室): personal fields sealed, found by blind index and keyed tokens, masked on screen.

Owns: no table: ciphertext lives in the rooms' own columns; keys live in the home.
Answers: mask, blind_index, name_tokens, query_token.  Obeys: seal, unseal, unmask, rotation.
Never: logs a plaintext; keeps a clear search key beside an encrypted name.
Read first: seals.py.
"""

from loanops.platform.vault.masks import mask
from loanops.platform.vault.operations import unmask
from loanops.platform.vault.seals import (
    blind_index,
    blind_index_many,
    key_reference,
    seal,
    seal_many,
    unseal,
)
from loanops.platform.vault.tokens import name_tokens, query_token

__all__ = [
    "blind_index",
    "blind_index_many",
    "key_reference",
    "mask",
    "name_tokens",
    "query_token",
    "seal",
    "seal_many",
    "unmask",
    "unseal",
]
