"""Witness: the hash by which a document is known, whatever happens to its PDF.

It covers the version of the template and the canonical data, so neither can change unnoticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(values: Mapping[str, Any] | list[Any]) -> str:
    """Plain values as the one text that is hashed and stored: sorted keys, no blanks."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def witness(template_version: str, canonical_data: str) -> str:
    """The hash of template version and canonical data together."""
    return digest(f"{template_version}\n{canonical_data}")
