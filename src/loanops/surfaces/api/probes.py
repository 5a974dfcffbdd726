"""Probes: whether the process lives, whether it may be sent requests, and its figures."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import REGISTRY as OWN
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from loanops.platform import vault
from loanops.platform.jobs import queries as jobs
from loanops.platform.outbox import queries as outbox

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
PLAIN = "text/plain; version=0.0.4; charset=utf-8"


class Probes:
    """Answers the probes before hosts, TLS and sessions are looked at.

    Who probes knows the machine by its address and speaks to it in the clear.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        return probe(request) if probe else self.get_response(request)


def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> HttpResponse:
    """The database answers, every migration is applied, and the keys can be read."""
    found = {"database": False, "migrations": False, "keys": False}
    try:
        executor = MigrationExecutor(connection)
        found["database"] = True
        found["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        found["keys"] = bool(vault.key_reference())
    except (DatabaseError, OSError, ValueError):
        pass
    ready = all(found.values())
    status = "ok" if ready else "not ready"
    return JsonResponse({"status": status, "checks": found}, status=200 if ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of this process, of the job queue and of the outbox, for Prometheus."""
    if not _may_read(request):
        return HttpResponse("not permitted\n", status=403, content_type="text/plain")
    return HttpResponse(_own_figures() + generate_latest(_shared_figures()), content_type=PLAIN)


def _may_read(request: HttpRequest) -> bool:
    token = settings.ENVIRONMENT.metrics_token.get_secret_value()
    if not token:
        forwarded = "X-Forwarded-For" in request.headers
        return request.META.get("REMOTE_ADDR") in _LOOPBACK and not forwarded
    shown = request.headers.get("Authorization", "").encode(errors="replace")
    return hmac.compare_digest(shown, f"Bearer {token}".encode())


def _own_figures() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(OWN)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _shared_figures() -> CollectorRegistry:
    """What stands in the database is asked at each scrape."""
    registry = CollectorRegistry()
    by_state = Gauge("loanops_jobs", "Jobs by state", ["state"], registry=registry)
    for state, count in jobs.figures().items():
        by_state.labels(state).set(count)
    pending = Gauge("loanops_outbox_pending", "Events not yet delivered", registry=registry)
    pending.set(outbox.pending())
    dead = Gauge("loanops_outbox_dead", "Deliveries out of tries", registry=registry)
    dead.set(outbox.dead())
    return registry


PROBES: Mapping[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}
