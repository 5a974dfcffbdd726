"""Counters and histograms of a server process that `/metrics` shows."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Counter("loanops_http_requests", "Requests answered", ["window", "method", "status"])
SECONDS = Histogram(
    "loanops_http_seconds",
    "Seconds to answer a request",
    ["window"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
