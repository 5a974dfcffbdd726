"""`loanops demo`: build the demo operation in the home, then serve it."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import click

from loanops.surfaces.cli.framing import boot, config, emit, in_chinese, progress

FIRST_DAY = date(2026, 7, 13)
DAYS = 90
APPLICANTS = 1000
US_DAY = date(2018, 3, 31)


@click.command()
@click.option("--no-serve", is_flag=True, help="End after building; the last line is JSON.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--applicants", default=APPLICANTS, show_default=True, help="Simulated borrowers.")
def demo(no_serve: bool, host: str, port: int, applicants: int) -> None:
    """Build the demo operation (once), print one login per role, and serve it."""
    begun = time.monotonic()
    boot()
    summary = build(applicants=applicants)
    summary["seconds"] = round(time.monotonic() - begun, 1)
    _print_logins(host, port)
    if no_serve:
        emit(summary)
        return
    from loanops.surfaces.cli.serve import serve_forever

    raise SystemExit(
        serve_forever(
            host=host,
            port=port,
            workers=1,
            threads=4,
            job_threads=config("settings").ENVIRONMENT.job_threads,
        )
    )


def build(*, applicants: int) -> dict[str, object]:
    """Migrate, enter the reference data, live through the season; a second run adds nothing."""
    from django.core.management import call_command

    from loanops.surfaces.cli.demo import reference, season

    call_command("migrate", verbosity=0)
    at = datetime.combine(FIRST_DAY - timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    fresh = reference.open_operation("cn", on=FIRST_DAY, at=at)
    reference.open_operation("us", on=US_DAY, at=at)
    reference.hire(on=FIRST_DAY, at=at)
    summary: dict[str, object] = {"books": ["cn", "us"], "built": fresh}
    if fresh:
        lived = season.Season()
        days = season.live(first=FIRST_DAY, days=DAYS, applicants=applicants)
        label = "模拟市场" if in_chinese() else "simulated market"
        with progress(days, label=label, length=DAYS) as bar:
            for each in bar:
                lived = each
        summary |= {
            "business_days": lived.business_days,
            "applications": lived.applications,
            "refused_at_intake": lived.refused,
        }
    return summary


def _print_logins(host: str, port: int) -> None:
    from loanops.surfaces.cli.demo import reference

    chinese = in_chinese()
    words = "控制台" if chinese else "Console"
    click.echo(f"\n{words}: http://{host}:{port}/console/")
    click.echo(("密码" if chinese else "Password") + f": {reference.PASSWORD}")
    shown: set[str] = set()
    for row in reference.read("staff")["people"]:
        if row["role"] not in shown:
            shown.add(row["role"])
            click.echo(f"  {row['login']:<12} {row['role']:<20} {row['name']}")
