"""The group of all verbs: reads the table for help, imports a verb only to run it."""

import importlib
import os
import sys

import click

from loanops import __version__
from loanops.kernel.refusals import Refusal
from loanops.surfaces.cli.framing import in_chinese, mend_of, sentence_of
from loanops.surfaces.cli.verbs import VERBS


class LazyGroup(click.Group):
    """A click group whose commands are named in a table and imported on call."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        module, _, attribute = verb.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{verb.target} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        chinese = in_chinese()
        with formatter.section("命令" if chinese else "Verbs"):
            formatter.write_dl(
                [(name, verb.zh if chinese else verb.en) for name, verb in VERBS.items()]
            )


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="loanops")
def loanops() -> None:
    """LoanOps 助贷运营平台: everything a loan-facilitation company does, from one door.

    Data live in ./var, or in $LOANOPS_HOME; DATABASE_URL selects PostgreSQL.
    """


def main() -> None:
    """Run a verb. A refusal or a trouble of the machine is one sentence and exit 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loanops.config.settings")
    try:
        loanops(prog_name="loanops")
    except Refusal as refusal:
        click.echo(sentence_of(refusal), err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()  # a reader that has seen enough is not an error
        sys.exit(0)
    except Exception as fault:
        mend = mend_of(fault)
        if not mend:
            raise
        click.echo(mend, err=True)
        sys.exit(2)
