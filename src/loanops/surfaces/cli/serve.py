"""`loanops serve`: the web server under a supervisor, with job threads beside it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

import click

from loanops.surfaces.cli.framing import (
    boot,
    config,
    die_with_parent,
    hold_home,
    refuse_old_database,
    stop,
    told_to_end,
)

APPLICATION = "loanops.config.wsgi:application"
# So many ends within so many seconds are a fault that restarting does not mend.
ENDS_MAX, WITHIN_SECONDS = 5, 60.0


def command(host: str, port: int, workers: int, threads: int) -> list[str]:
    """The web server as it is started."""
    program = str(Path(sys.executable).parent / "granian")
    return [
        program, "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws",
        "--workers", str(workers), "--blocking-threads", str(threads),
        "--respawn-failed-workers", "--log-level", "warning", APPLICATION,
    ]  # fmt: skip


def supervise(server: list[str], ended: threading.Event) -> int:
    """Keep the server running until told to end; give up on one that keeps ending."""
    ends: deque[float] = deque(maxlen=ENDS_MAX)
    while not ended.is_set():
        child = subprocess.Popen(server, env=dict(os.environ), preexec_fn=die_with_parent)  # noqa: PLW1509
        while child.poll() is None and not ended.is_set():
            ended.wait(0.2)
        if ended.is_set():
            return _finish(child)
        ends.append(time.monotonic())
        if len(ends) == ENDS_MAX and ends[-1] - ends[0] < WITHIN_SECONDS:
            click.echo("The web server ended again and again; see the lines above.", err=True)
            return 1
        ended.wait(1.0)
    return 0


def _finish(child: subprocess.Popen[bytes]) -> int:
    child.terminate()
    try:
        child.wait(timeout=20)
    except subprocess.TimeoutExpired:
        child.kill()
    return 0


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def refuse_taken_port(host: str, port: int) -> None:
    """End with one sentence where another server listens."""
    if not port_is_free(host, port):
        stop(f"Port {port} is in use; stop what runs there or choose another with --port.")


def serve_forever(*, host: str, port: int, workers: int, threads: int, job_threads: int) -> int:
    """Serve and run jobs until SIGTERM or Ctrl-C; Django is already set up."""
    from django.conf import settings

    from loanops.platform.jobs import loop, runner
    from loanops.platform.web.clock import now

    refuse_taken_port(host, port)
    hold_home(settings.HOME, alone=False)
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    ended = told_to_end()
    runner.plan(config("wiring").CRON, at=now())
    running = loop.threads(job_threads, ended, clock=now)
    code = supervise(command(host, port, workers, threads), ended)
    ended.set()
    for thread in running:
        thread.join(timeout=60)
    return code


def refuse_demo_logins() -> None:
    """Production does not start while anybody could sign in with a published password."""
    from django.conf import settings

    from loanops.platform.identity import queries as identity

    if settings.PRODUCTION and identity.has_demo_logins():
        stop("This database has demo logins with published passwords; deactivate them first.")


def share_figures(workers: int) -> None:
    """Let /metrics add up over several processes of the web server."""
    from django.conf import settings

    if workers == 1:
        return
    folder = Path(settings.HOME) / "run" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the windows on HOST:PORT and run jobs in LOANOPS_JOB_THREADS threads.

    One process of the web server is right for SQLite; more WORKERS need PostgreSQL.
    """
    boot()
    from django.conf import settings

    refuse_old_database()
    refuse_demo_logins()
    share_figures(workers)
    job_threads = settings.ENVIRONMENT.job_threads
    click.echo(f"LoanOps on http://{host}:{port} ({job_threads} job threads)", err=True)
    sys.exit(
        serve_forever(
            host=host, port=port, workers=workers, threads=threads, job_threads=job_threads
        )
    )
