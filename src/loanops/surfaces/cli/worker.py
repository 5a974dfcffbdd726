"""`loanops worker`: run jobs and deliver events, beside `serve` or on other machines."""

from __future__ import annotations

import click

from loanops.surfaces.cli.framing import (
    boot,
    config,
    emit,
    hold_home,
    refuse_old_database,
    told_to_end,
)


@click.command()
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--queue", default="default", show_default=True)
@click.option("--drain", is_flag=True, help="End when nothing is left to do now.")
@click.option("--json", "as_json", is_flag=True, help="With --drain: print one JSON document.")
def worker(threads: int, queue: str, drain: bool, as_json: bool) -> None:
    """Run jobs and deliver events until stopped (SIGTERM ends between two jobs).

    Any number of workers may run at once. One that is killed loses nothing: its lease ends and
    another one takes the job.
    """
    boot()
    refuse_old_database()
    from django.conf import settings

    from loanops.platform.jobs import loop, runner
    from loanops.platform.web.clock import now

    hold_home(settings.HOME, alone=False)
    runner.plan(config("wiring").CRON, at=now())
    if drain:
        done = loop.drain(clock=now, queue=queue)
        if as_json:
            emit({"done": done})
        else:
            click.echo(f"{done} done")
        return
    stop = told_to_end()
    running = loop.threads(threads, stop, clock=now, queue=queue)
    click.echo(f"worker: {threads} threads on the queue {queue}", err=True)
    while not stop.wait(0.5):
        if not any(thread.is_alive() for thread in running):
            raise SystemExit(1)
    for thread in running:
        thread.join(timeout=60)
