"""What the commands share: exit codes, flags, and errors that people can read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from coresponse.data.errors import CoresponseError, SolverError
from coresponse.terminal import console


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    INPUT = 3
    INFEASIBLE = 4
    NOTHING_FOUND = 5
    SOLVER = 6
    NOT_VERIFIED = 7
    INTERRUPTED = 130


JsonFlag = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on standard output, and nothing else.")
]
QuietFlag = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
StudyArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The study folder; it holds study.toml.")]


@contextmanager
def errors_for_people() -> Iterator[None]:
    """Turn our errors into one message and an exit code."""
    try:
        yield
    except SolverError as error:
        _say(error, Exit.SOLVER)
    except CoresponseError as error:
        _say(error, Exit.INPUT)
    except KeyboardInterrupt:
        console(stderr=True).print("Stopped.")
        raise SystemExit(Exit.INTERRUPTED) from None


def _say(error: Exception, code: Exit) -> None:
    console(stderr=True).print(Text.assemble(("Error: ", "bold red"), str(error)), soft_wrap=True)
    raise SystemExit(code) from error
