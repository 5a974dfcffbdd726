"""The loop of a worker: deliver what was announced, fire what is due, run what was claimed.

Threads of one process and any number of processes run it beside each other; leases and unique rows
keep them apart. It ends between two jobs, never inside one, and gives back what it had claimed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, connection

from loanops.platform.jobs import runner
from loanops.platform.jobs.bell import BELL
from loanops.platform.outbox import pump

Clock = Callable[[], datetime]
PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.2, 1.0
FAULT_PAUSE_SECONDS = 2.0
BATCH = 8

log = structlog.get_logger("loanops.jobs")


def turn(*, clock: Clock, queue: str, keep_house: bool, stop: threading.Event | None = None) -> int:
    """One turn; returns how much was done. ``keep_house`` also delivers, sweeps and fires cron."""
    done = 0
    if keep_house:
        done += pump.deliver(at=clock())
        done += runner.sweep(at=clock())
        done += runner.tick(at=clock())
    claimed = runner.claim(at=clock(), queue=queue, limit=BATCH)
    batches = runner.batches(claimed)
    for place, batch in enumerate(batches):
        if stop is not None and stop.is_set():
            runner.release(job for rest in batches[place:] for job in rest)
            break
        runner.run_batch(batch, clock=clock)
        done += len(batch)
    return done


def work(
    stop: threading.Event, *, clock: Clock, queue: str = "default", keep_house: bool = True
) -> None:
    """Turn until told to stop; wait longer while there is nothing, and for a database away."""
    pause = PAUSE_SECONDS
    try:
        while not stop.is_set():
            heard = BELL.rings
            try:
                done = turn(clock=clock, queue=queue, keep_house=keep_house, stop=stop)
            except Exception as fault:
                # Nothing may end the loop; what was claimed comes back when its lease has ended.
                away = isinstance(fault, DatabaseError)
                log.warning("worker_fault", error=type(fault).__name__, exc_info=not away)
                connection.close()
                stop.wait(FAULT_PAUSE_SECONDS)
                continue
            if done:
                pause = PAUSE_SECONDS
            else:
                BELL.wait(pause, heard=heard)
                pause = min(pause * 2, PAUSE_SECONDS_MAX)
    finally:
        connection.close()


def drain(*, clock: Clock, queue: str = "default", turns_max: int = 10_000) -> int:
    """Turn until nothing is left to do now; returns how much was done."""
    total = 0
    for _ in range(turns_max):
        done = turn(clock=clock, queue=queue, keep_house=True)
        if not done:
            return total
        total += done
    return total


def threads(
    count: int, stop: threading.Event, *, clock: Clock, queue: str = "default"
) -> list[threading.Thread]:
    """Start ``count`` threads of the loop; the first of them also keeps house."""
    started = [
        threading.Thread(
            target=work,
            args=(stop,),
            kwargs={"clock": clock, "queue": queue, "keep_house": number == 0},
            name=f"jobs-{queue}-{number}",
            daemon=True,
        )
        for number in range(count)
    ]
    for thread in started:
        thread.start()
    return started
