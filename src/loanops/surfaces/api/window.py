"""The API: its routers, its refusals, its document, and the frame around every answer.

The frame gives one shape to whatever is not a success, whoever says it: Django, Ninja or a room.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, update_wrapper
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from loanops.kernel.refusals import Refusal
from loanops.surfaces.api import document, problems, refusals
from loanops.surfaces.api.endpoints import ROUTERS
from loanops.surfaces.api.endpoints.documents import SIZE_MAX_BYTES as DOCUMENT_MAX_BYTES
from loanops.surfaces.api.reading import SIZE_MAX_BYTES, StrictParser, check_size, is_clean

View = Callable[..., HttpResponse]
PREFIX = "/api/v1"
# Where the body is a document and no JSON.
_UPLOADS = frozenset({"api/v1/applications/<number>/documents"})


class Window(NinjaAPI):
    """Ninja with our names for operations and our document."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **_: Any) -> Any:
        return document.completed(super().get_openapi_schema(path_prefix=f"{PREFIX}/"))


API = Window(
    title="LoanOps API",
    version="1",
    description=document.DESCRIPTION,
    docs_url=None,
    parser=StrictParser(),
    urls_namespace="api",
)
for _prefix, _routers in ROUTERS.items():
    for _router in _routers:
        API.add_router(_prefix, _router)


@API.exception_handler(ValidationError)
def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.of_validation(error)


@API.exception_handler(HttpError)
def _refused_by_ninja(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.of_http_error(error)


@API.exception_handler(Refusal)
def _refused(_request: HttpRequest, error: Refusal) -> HttpResponse:
    return problems.answer(error)


@API.exception_handler(Http404)
def _missing(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problems.answer(refusals.AddressUnknown())


@cache
def _questions() -> dict[tuple[str, str], frozenset[str]]:
    """The query parameters that each operation knows."""
    return {
        (address, method.upper()): frozenset(
            each["name"] for each in operation["parameters"] if each["in"] == "query"
        )
        for address, methods in API.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }


def _size_max(request: HttpRequest) -> int:
    route = request.resolver_match.route if request.resolver_match else ""
    return DOCUMENT_MAX_BYTES if route in _UPLOADS else SIZE_MAX_BYTES


def _check_questions(request: HttpRequest) -> None:
    route = request.resolver_match.route if request.resolver_match else ""
    address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    known = _questions().get((address, request.method or ""))
    for name in request.GET:
        if known is not None and name not in known:
            raise problems.bad_field(
                name[:80] if is_clean(name) else "?", {"type": "extra_forbidden"}
            )


def framed(view: View) -> View:
    """A view whose every answer is a success or problem details, and never a page."""

    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        try:
            if not all(str(value).isprintable() for value in named.values()):
                raise refusals.AddressUnknown
            check_size(request, size_max_bytes=_size_max(request))
            _check_questions(request)
            response = view(request, *args, **named)
        except Exception as error:  # the frame is where the last word is said
            try:
                return problems.answer(problems.of_exception(error))
            except Exception as fault:
                return problems.of_fault(request, fault)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = response["Allow"]
            response = problems.answer(refusals.MethodNotAllowed(allowed=allowed))
            response["Allow"] = allowed
        return response

    update_wrapper(answered, view, assigned=())
    answered.csrf_exempt = True  # type: ignore[attr-defined]
    return answered


def nothing_here(_request: HttpRequest, **_: Any) -> HttpResponse:
    """Whatever stands at no address."""
    return problems.answer(refusals.AddressUnknown())


def patterns() -> list[URLPattern | URLResolver]:
    """Every address of the API, framed; unknown ones answer in the same shape."""
    found, _app, _namespace = API.urls
    framed_patterns: list[URLPattern | URLResolver] = [
        URLPattern(each.pattern, framed(each.callback), each.default_args, each.name)
        for each in found
        if isinstance(each, URLPattern) and each.name != "api-root"
    ]
    unknown = framed(nothing_here)
    return [*framed_patterns, path("", unknown), path("<path:rest>", unknown)]
