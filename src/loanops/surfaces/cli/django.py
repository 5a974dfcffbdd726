"""`loanops django …`: Django's own commands, passed through."""

import sys

import click

from loanops.surfaces.cli.framing import boot


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def django(arguments: tuple[str, ...]) -> None:
    """Pass ARGUMENTS through to Django's manage commands."""
    boot()
    from django.core.management import execute_from_command_line

    execute_from_command_line([f"{sys.argv[0]} django", *arguments])
