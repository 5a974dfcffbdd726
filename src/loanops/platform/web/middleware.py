"""What every request passes: an identity and a log line, and no 5xx for what a client sends."""

from __future__ import annotations

import re
import sys
import time
import uuid
from collections.abc import Callable

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.defaults import server_error

from loanops.kernel.refusals import Refusal
from loanops.platform.web.metrics import REQUESTS, SECONDS
from loanops.platform.web.troubles import trouble_of
from loanops.platform.web.words import problem_of, words_of

Next = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("loanops.http")
# A number of ours; whatever else stands in an address may be somebody's name.
_NUMBER = re.compile(r"[A-Z]{2}-[0-9A-Z-]{4,40}")


def window_of(path: str) -> str:
    """Which window a path belongs to."""
    head = path.lstrip("/").split("/", 1)[0]
    return head if head in {"console", "portal", "api", "static", "pages"} else "other"


class Observed:
    """Gives the request a number, measures it, and writes its log line."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        begun = time.perf_counter()
        try:
            response = self.get_response(request)
            self._note(request, response, request_id, begun)
        finally:
            structlog.contextvars.clear_contextvars()
        return response

    @staticmethod
    def _note(request: HttpRequest, response: HttpResponse, request_id: str, begun: float) -> None:
        window = window_of(request.path)
        seconds = time.perf_counter() - begun
        REQUESTS.labels(window, request.method or "", response.status_code).inc()
        SECONDS.labels(window).observe(seconds)
        response["X-Request-Id"] = request_id
        if window != "static":
            log.info(
                "request",
                method=request.method,
                route=getattr(request.resolver_match, "route", ""),
                status=response.status_code,
                ms=round(seconds * 1000, 1),
                **_about(request),
            )


def _about(request: HttpRequest) -> dict[str, str]:
    """Who asked, in which book, about which number; what a unit of work has bound stays."""
    given = request.resolver_match.kwargs.values() if request.resolver_match else ()
    numbers = [each for each in given if isinstance(each, str) and _NUMBER.fullmatch(each)]
    bound = structlog.contextvars.get_contextvars()
    about = {
        "actor": getattr(request, "actor_name", ""),
        "book": getattr(getattr(request, "book", None), "code", ""),
        "subject": numbers[0] if numbers else "",
    }
    return {name: said or bound.get(name, "") for name, said in about.items()}


class Answered:
    """Turns refusals and unreadable requests into answers that say how to mend them."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a client caused; an error of ours goes on to the server-error page."""
        if isinstance(error, Refusal):
            return answer(request, error.status, words_of(error), problem_of(error))
        if isinstance(error, RequestDataTooBig):
            return _plain(request, 413, gettext("The request is too large; send less at once."))
        trouble = trouble_of(error)
        if trouble is not None:
            return in_trouble(request, trouble)
        if isinstance(
            error, DataError | OverflowError | UnicodeError | RecursionError | SuspiciousOperation
        ):
            return _plain(request, 400, gettext("A value cannot be read; check it and try again."))
        if isinstance(error, ValueError) and "NUL" in str(error):
            return _plain(request, 400, gettext("A value cannot be read; check it and try again."))
        return None


def _plain(request: HttpRequest, status: int, words: str) -> HttpResponse:
    problem = {"type": "about:blank", "title": "bad_request", "status": status, "detail": words}
    return answer(request, status, words, problem)


def in_trouble(request: HttpRequest, trouble: Refusal) -> HttpResponse:
    """503 with the moment to try again; nothing of it asks the database."""
    response = answer(request, trouble.status, words_of(trouble), problem_of(trouble))
    response["Retry-After"] = "5"
    return response


def on_fault(request: HttpRequest) -> HttpResponse:
    """Django's last word on an error, those of its own middleware too (a session not saved)."""
    trouble = trouble_of(sys.exc_info()[1])
    return server_error(request) if trouble is None else in_trouble(request, trouble)


def answer(
    request: HttpRequest, status: int, words: str, problem: dict[str, object]
) -> HttpResponse:
    """The same refusal for a program, for a page's partial swap, and for a page."""
    if request.path.startswith("/api/"):
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    context = {"words": words, "status": status, "grant": problem.get("grant")}
    if window_of(request.path) == "portal":
        frame = getattr(request, "frame", None)
        return render(request, "portal/refused.html", {**context, "frame": frame}, status=status)
    if getattr(request, "htmx", False):
        response = render(request, "refusal_notice.html", context, status=status)
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "innerHTML"
        return response
    return render(request, "refusal_page.html", context, status=status)
