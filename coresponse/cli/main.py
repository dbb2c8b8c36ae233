"""The command line; each command is a file in :mod:`coresponse.cli`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Annotated

import typer

from coresponse.cli.common import errors_for_people
from coresponse.data.version import __version__


def _flowing(text: str) -> str:
    """Join the lines of each paragraph, so that a narrow window breaks them and not the source.

    Indented lines stay.
    """
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        part if part.startswith(" ") else part.replace("\n", " ") for part in paragraphs
    )


app = typer.Typer(
    name="coresponse",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_flowing(
        """Where to post crisis responders, when to staff them, and what each further dollar buys.

Start with [bold]coresponse demo[/bold], which plans the bundled sample city offline. For your own city:
[bold]new[/bold] makes a study folder from your files, [bold]check[/bold] says what is wrong with them,
[bold]validate[/bold] holds the model against the recorded response times,
[bold]plan[/bold] finds the best deployment and draws its map, [bold]replay[/bold] plays calls through any deployment.

Then [bold]report[/bold] and [bold]explore[/bold] make pages for a council, [bold]sweep[/bold], [bold]scenarios[/bold],
[bold]compare[/bold] and [bold]alternatives[/bold] ask what else could be done, [bold]agencies[/bold] what sharing units saves
whom, and [bold]app[/bold] opens the what-if page.

Exit codes: 0 done; 2 wrong use of the command; 3 something is wrong with an input; 4 the limits cannot all be kept;
5 no deployment was found in the time given, or none is confirmed to meet what is asked; 6 the solver failed;
7 verification failed; 130 stopped with Ctrl-C."""
    ),
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"coresponse {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    del version


# each a function in the file of its name, save demo, which plans; in the order of --help
COMMANDS = (
    "demo", "new", "check", "validate", "plan", "replay", "roster", "money", "alternatives",
    "report", "sweep", "explore", "scenarios", "compare", "agencies", "app",
)  # fmt: skip

_FILES = {"demo": "plan"}

for _name in COMMANDS:
    _command = getattr(import_module(f"coresponse.cli.{_FILES.get(_name, _name)}"), _name)
    app.command(_name, help=_flowing(_command.__doc__ or ""))(_command)


def main(run: Callable[..., object] = app) -> None:
    """Run the command line."""
    with errors_for_people():
        run(standalone_mode=True)
