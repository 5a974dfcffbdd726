"""Every answer that is not a success, as problem details (RFC 9457) in the reader's language."""

from __future__ import annotations

import re
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.translation import gettext_noop
from ninja.errors import AuthenticationError, HttpError, ValidationError

from loanops.kernel.refusals import BadField, Refusal
from loanops.platform.web.troubles import trouble_of
from loanops.platform.web.words import problem_of, words_of
from loanops.surfaces.api import refusals
from loanops.surfaces.api.shapes import PATTERNS

# Names of fields are said back; what is no name (a person's, sent where one belongs) is not.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,59}|[0-9]{1,4}")
MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger("loanops.api")

# What pydantic found, in words that say how to mend it; values in braces come from pydantic.
_UNREADABLE = gettext_noop("cannot be read; see the reference")
_WORDS = {
    "missing": gettext_noop("is missing"),
    "extra_forbidden": gettext_noop("is not a name that is known here"),
    "string_type": gettext_noop("must be a text in quotes"),
    "int_type": gettext_noop("must be a whole number without quotes"),
    "int_parsing": gettext_noop("must be a whole number"),
    "int_from_float": gettext_noop("must be a whole number"),
    "bool_type": gettext_noop("must be true or false"),
    "bool_parsing": gettext_noop("must be true or false"),
    "list_type": gettext_noop("must be a list"),
    "tuple_type": gettext_noop("must be a list"),
    "dict_type": gettext_noop("must be an object of names and values"),
    "model_type": gettext_noop("must be an object of names and values"),
    "model_attributes_type": gettext_noop("must be an object of names and values"),
    "literal_error": gettext_noop("must be one of {expected}"),
    "enum": gettext_noop("must be one of {expected}"),
    "string_too_short": gettext_noop("must have at least {min_length} characters"),
    "string_too_long": gettext_noop("must have at most {max_length} characters"),
    "too_short": gettext_noop("must have at least {min_length} entries"),
    "too_long": gettext_noop("must have at most {max_length} entries"),
    "greater_than_equal": gettext_noop("must be {ge} or more"),
    "greater_than": gettext_noop("must be more than {gt}"),
    "less_than_equal": gettext_noop("must be {le} or less"),
    "less_than": gettext_noop("must be less than {lt}"),
    "string_pattern_mismatch": gettext_noop("must look like {pattern}"),
}

# What rooms call otherwise than the bodies of the API.
_NAMES = {
    "amount_minor": "amount",
    "income_monthly_minor": "income_monthly",
    "key": "reference",
}


def told(refusal: Refusal) -> dict[str, Any]:
    """A refusal as problem details, its field by the name that the API knows it by."""
    if refusal.field in _NAMES:
        renamed = type(refusal).__new__(type(refusal))
        renamed.field, renamed.values = _NAMES[refusal.field or ""], refusal.values
        refusal = renamed
    return problem_of(refusal)


def answer(refusal: Refusal, **extra: Any) -> HttpResponse:
    """A refusal as the response that carries it."""
    response = JsonResponse(
        {**told(refusal), **extra}, status=refusal.status, content_type=MEDIA_TYPE
    )
    if refusal.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="loanops"'
    if refusal.status == 503:
        response["Retry-After"] = "5"
    if "seconds" in refusal.values and refusal.status == 429:
        response["Retry-After"] = refusal.values["seconds"]
    return response


def bad_field(field: str, error: dict[str, Any]) -> BadField:
    """One finding of pydantic as a refusal of ours; a refusal that a type raised stays itself."""
    values = dict(error.get("ctx", {}))
    problem = _WORDS.get(error["type"], values.pop("error", _UNREADABLE))
    problem = PATTERNS.get(values.get("pattern", ""), problem)
    return BadField(field=field, problem=problem, **values)


def of_validation(error: ValidationError) -> HttpResponse:
    """Every field that cannot be taken, the first of them as the sentence."""
    found = []
    for each in error.errors:
        parts = [str(part) for part in each["loc"] if part not in {"body", "query", "wanted"}]
        names = [part if _NAME.fullmatch(part) else "…" for part in parts]
        found.append(bad_field(".".join(names) or "body", each))
    fields = [{"field": each.field, "detail": words_of(each)} for each in found]
    return answer(found[0], errors=fields)


def of_http_error(error: HttpError) -> HttpResponse:
    """Ninja's own errors: the cause where it is a refusal of ours."""
    if isinstance(error.__cause__, Refusal):
        return answer(error.__cause__)
    if isinstance(error.__cause__, UnreadablePostError | RequestDataTooBig):
        return answer(of_exception(error.__cause__))
    if isinstance(error, AuthenticationError):
        return answer(refusals.KeyUnknown())
    return answer(refusals.BodyUnreadable())


def of_exception(error: Exception) -> Refusal:
    """What a client caused, as a refusal.

    :raises Exception: the error itself, where it is ours.
    """
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Http404):
        return refusals.AddressUnknown()
    if isinstance(error, RequestDataTooBig):
        return refusals.BodyTooLarge(limit_kb=1024)
    trouble = trouble_of(error)
    if trouble is not None:
        return trouble
    if isinstance(error, UnreadablePostError | SuspiciousOperation):
        return refusals.BodyUnreadable()
    if isinstance(error, DataError | OverflowError | UnicodeError | RecursionError):
        return refusals.TextUnreadable()
    if isinstance(error, ValueError) and "NUL" in str(error):
        return refusals.TextUnreadable()
    raise error


def of_unreadable() -> HttpResponse:
    """A request that Django would not look at."""
    return answer(refusals.RequestUnreadable())


def of_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """An error of ours: logged in full, answered without any of it."""
    log.error("server_fault", route=getattr(request.resolver_match, "route", ""), exc_info=error)
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return answer(refusals.ServerFault(request_id=request_id))
