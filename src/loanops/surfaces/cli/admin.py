"""`loanops admin`: the first person of an installation, who lets everybody else in."""

from __future__ import annotations

import sys

import click

from loanops.surfaces.cli.framing import boot, emit, refuse_old_database, stop


@click.command()
@click.argument("login")
@click.option("--name", required=True, help="The person's name.")
@click.option("--language", default="zh-hans", type=click.Choice(["zh-hans", "en"]))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def admin(login: str, name: str, language: str, as_json: bool) -> None:
    """Add LOGIN as an administrator; the password is asked for, or read from standard input.

    An administrator enters people and gives them roles in the console, and has no other rights.
    Whoever may run this on the machine may do so: it is also the way back in.
    """
    boot()
    refuse_old_database()
    from datetime import date
    from zoneinfo import ZoneInfo

    from django.conf import settings
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from loanops.kernel.access import Actor
    from loanops.platform.identity import operations as identity
    from loanops.platform.web.clock import now

    password = _password()
    try:
        validate_password(password)
    except ValidationError as fault:
        stop(" ".join(fault.messages))
    actor, at = Actor.house("admin"), now()
    today: date = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    with transaction.atomic():
        identity.add_person(
            login=login, name=name, password=password, is_demo=False, language=language,
            actor=actor, at=at,
        )  # fmt: skip
        identity.grant_role(
            login=login, role="administrator", books=(), valid_from=today, actor=actor, at=at
        )
    if as_json:
        emit({"login": login, "role": "administrator"})
    else:
        click.echo(f"{login} may sign in at {settings.ENVIRONMENT.public_url}/console/.")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
