"""`loanops demo`: build the demo operation in the home, then serve it."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from loanops.surfaces.cli.framing import boot, emit, in_chinese, progress, stop
from loanops.surfaces.cli.serve import refuse_taken_port

DAYS = 90
APPLICANTS = 1000
ZONE = "Asia/Shanghai"
US_DAY = date(2018, 3, 31)


@click.command()
@click.option("--no-serve", is_flag=True, help="End after building; the last line is JSON.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--applicants", default=APPLICANTS, show_default=True, help="Simulated borrowers.")
@click.option("--days", default=DAYS, show_default=True, type=click.IntRange(5, 250))
@click.option("--until", metavar="DATE", help="Last business day; else the last one before today.")
def demo(
    no_serve: bool, host: str, port: int, applicants: int, days: int, until: str | None
) -> None:
    """Build the demo operation (once), print one login per role, and serve it."""
    begun = time.monotonic()
    last = _last_day(until)
    _refuse_production()
    if not no_serve:
        # Before the minutes of building, not after them.
        refuse_taken_port(host, port)
    boot()
    summary = build(applicants=applicants, days=days, last=last)
    summary["build_seconds"] = round(time.monotonic() - begun, 1)
    _print_logins(host, port)
    if no_serve:
        from loanops.surfaces.cli.demo.figures import figures

        emit({**summary, **figures("cn")})
        return
    raise SystemExit(_serve(host, port))


def _refuse_production() -> None:
    """The demo's passwords are published, and its season needs a clock that can be set."""
    if os.environ.get("LOANOPS_MODE", "") == "production":
        stop(
            "演示含公开密码，不能在生产模式下建立；请取消 LOANOPS_MODE。"
            if in_chinese()
            else "The demo has published passwords and is not built in production mode; "
            "unset LOANOPS_MODE."
        )


def _last_day(text: str | None) -> date:
    """The season ends before today: the book's next day is then the reader's own."""
    if text is None:
        return datetime.now(ZoneInfo(ZONE)).date() - timedelta(days=1)
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(
            f"--until: {text} 不是日期，请写成 2026-12-31 这样。"
            if in_chinese()
            else f"--until: {text} is not a date; write it as 2026-12-31."
        )


def build(*, applicants: int, days: int, last: date) -> dict[str, object]:
    """Migrate, enter the reference data, live through the season; a second run adds nothing."""
    from django.core.management import call_command

    from loanops.surfaces.cli.demo import reference, season

    unfinished = _unfinished()
    call_command("migrate", verbosity=0)
    calendar = season.business_days(last, days)
    at = datetime.combine(calendar[0] - timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    fresh = reference.open_operation("cn", on=calendar[0], at=at)
    reference.open_operation("us", on=US_DAY, at=at)
    reference.hire(on=calendar[0], at=at)
    summary: dict[str, object] = {"books": ["cn", "us"], "built": fresh}
    if fresh:
        unfinished.touch()
        label = "模拟市场" if in_chinese() else "simulated market"
        running = season.live(days=calendar, applicants=applicants, begins=at)
        with progress(running, label=label, length=len(calendar)) as bar:
            for lived in bar:
                summary |= season.brought(lived)
        unfinished.unlink()
    return summary


def _unfinished() -> Path:
    """The mark of a build that is under way; one that was interrupted is not served as if whole."""
    from django.conf import settings

    mark = Path(settings.HOME) / "run" / "demo-unfinished"
    if mark.exists():
        stop(
            f"上次搭建演示时中断；请删除 {settings.HOME} 后重试。"
            if in_chinese()
            else f"An earlier build of the demo was interrupted; remove {settings.HOME} and try "
            "again."
        )
    mark.parent.mkdir(parents=True, exist_ok=True)
    return mark


def _serve(host: str, port: int) -> int:
    from django.conf import settings

    from loanops.surfaces.cli.sandbox import sandbox
    from loanops.surfaces.cli.serve import serve_forever

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    with sandbox(public_url=f"http://{host}:{port}") as outside:
        words = "验证码等短信见" if in_chinese() else "Codes and other short messages arrive at"
        click.echo(f"{words} {outside}/phone")
        return serve_forever(
            host=host,
            port=port,
            workers=1,
            threads=4,
            job_threads=settings.ENVIRONMENT.job_threads,
        )


def _print_logins(host: str, port: int) -> None:
    from loanops.surfaces.cli.demo import reference

    chinese = in_chinese()
    words = "控制台" if chinese else "Console"
    click.echo(f"\n{words}: http://{host}:{port}/console/")
    click.echo(("借款人端" if chinese else "Portal") + f": http://{host}:{port}/portal/")
    click.echo(("密码" if chinese else "Password") + f": {reference.PASSWORD}")
    shown: set[str] = set()
    for row in reference.read("staff")["people"]:
        if row["role"] not in shown:
            shown.add(row["role"])
            click.echo(f"  {row['login']:<12} {row['role']:<20} {row['name']}")
