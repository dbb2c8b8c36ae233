"""The command line; each command is a file in :mod:`coresponse.commands`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from coresponse import __version__
from coresponse.commands.alternatives import alternatives
from coresponse.commands.app import app as app_command
from coresponse.commands.check import check
from coresponse.commands.common import errors_for_people
from coresponse.commands.compare import compare
from coresponse.commands.demo import demo
from coresponse.commands.explore import explore
from coresponse.commands.new import new
from coresponse.commands.plan import plan
from coresponse.commands.replay import replay
from coresponse.commands.report import report
from coresponse.commands.scenarios import scenarios
from coresponse.commands.sweep import sweep

app = typer.Typer(
    name="coresponse",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Where to post crisis responders, when to staff them, and what each further dollar buys.

Start with [bold]coresponse demo[/bold], which plans the bundled sample city offline. For your own city:
[bold]new[/bold] makes a study folder from your files, [bold]check[/bold] says what is wrong with them,
[bold]plan[/bold] finds the best deployment and draws its map, [bold]replay[/bold] plays calls through any deployment.

Exit codes: 0 done; 2 wrong use of the command; 3 something is wrong with an input; 4 the limits cannot all be kept;
5 no deployment was found in the time given; 6 the solver failed; 7 a run does not stand up to
its check; 130 stopped with Ctrl-C.""",
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"coresponse {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    del version


# in the order of --help
app.command()(demo)
app.command()(new)
app.command()(check)
app.command()(plan)
app.command()(replay)
app.command()(alternatives)
app.command()(report)
app.command()(sweep)
app.command()(explore)
app.command()(scenarios)
app.command()(compare)
app.command("app")(app_command)


def main(run: Callable[..., object] = app) -> None:
    """Run the command line."""
    with errors_for_people():
        run(standalone_mode=True)
