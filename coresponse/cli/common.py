"""What the commands share: exit codes, flags, and errors that people can read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.text import Text

from coresponse.cli.terminal import console
from coresponse.data.errors import CoresponseError, SolverError


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    INPUT = 3
    INFEASIBLE = 4
    NOTHING_FOUND = 5
    SOLVER = 6
    NOT_VERIFIED = 7
    INTERRUPTED = 130


def finite(value: float | None) -> float | None:
    """Refuse what is no number or has no end; comparing with bounds lets "nan" through."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a number that can be used")
    return value


JsonFlag = Annotated[
    bool,
    typer.Option("--json", help="Print the result as JSON on standard output, and nothing else."),
]
DetailsFlag = Annotated[
    bool,
    typer.Option("--details", help="Print every table and note, not the answer alone."),
]
QuietFlag = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
_STUDY = typer.Argument(metavar="STUDY", help="The study folder; it holds study.toml.")
StudyArgument = Annotated[Path, _STUDY]
OptionalStudyArgument = Annotated[Path | None, _STUDY]


@contextmanager
def errors_for_people() -> Iterator[None]:
    """Turn our errors into one message and an exit code."""
    try:
        yield
    except SolverError as error:
        _say(error, Exit.SOLVER)
    except CoresponseError as error:
        _say(error, Exit.INPUT)
    except (
        OSError
    ) as error:  # an input that may not be read, a disk that is full: the system says which
        _say(error, Exit.INPUT)
    except MemoryError as error:
        said = "this machine has too little memory for the study -- see docs/reliability.md for what it needs"
        _say(MemoryError(said), Exit.INPUT, error)
    except RuntimeError as error:
        if "can't start new thread" not in str(error):
            raise
        said = "no further thread may be started here: too little memory, or too few processes (ulimit -v, ulimit -u)"
        _say(RuntimeError(said), Exit.INPUT, error)
    except (
        SystemExit
    ) as end:  # the command line's own parser turns Ctrl-C into this, without a word
        if end.code == Exit.INTERRUPTED:
            console(stderr=True).print("Stopped.")
        raise
    except KeyboardInterrupt:
        console(stderr=True).print("Stopped.")
        raise SystemExit(Exit.INTERRUPTED) from None


def _say(error: Exception, code: Exit, cause: Exception | None = None) -> NoReturn:
    console(stderr=True).print(Text.assemble(("Error: ", "bold red"), str(error)), soft_wrap=True)
    raise SystemExit(code) from cause or error
