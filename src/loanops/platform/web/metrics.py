"""Counters and histograms that `/metrics` shows."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("loanops_http_requests", "Requests answered", ["window", "method", "status"])
SECONDS = Histogram(
    "loanops_http_seconds",
    "Seconds to answer a request",
    ["window"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
JOBS = Gauge("loanops_jobs", "Jobs by state", ["state"])
OUTBOX_PENDING = Gauge("loanops_outbox_pending", "Announced events not yet delivered")
