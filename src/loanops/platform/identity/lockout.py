"""Whose failed sign-ins are counted together: what the lock-out keeps of a name that was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from loanops.platform.identity.models import Person
from loanops.platform.vault import blind_index

UNKNOWN = "unknown:"


def counted_name(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The login, where somebody has it; else a keyed digest.

    What is typed as a login may be a customer's mobile or name: equal tries are still counted
    together, and nobody can read who was meant.
    """
    typed = str((credentials or {}).get("login") or request.POST.get("login", ""))
    if Person.objects.filter(login=typed).exists():
        return typed
    return UNKNOWN + blind_index("login", typed)
