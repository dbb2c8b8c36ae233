"""What ``--internal`` does to results.

Nothing is suppressed, and every file says so, in its name and, if it can, inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import pandas as pd

from coresponse.coverage.suppress import MIN_CALLS
from coresponse.data.errors import InputError

Frame = TypeVar("Frame", bound=pd.DataFrame)

PREFIX = "INTERNAL-"
"""In front of the names of runs and of their files."""

COLUMN, MARK = "publication", "INTERNAL, not for publication"
"""A column of every table and layer of an internal run, and what is in it."""

NOT_RENAMED = ("plan.json", "internal")
"""Read back under these names.

The first says inside that it is internal, the second in its name.
"""


def least_calls(internal: bool) -> int:
    """Return the calls that an area needs to be shown."""
    return 1 if internal else MIN_CALLS


def enough_to_publish(calls: int) -> None:
    """Refuse to publish what follows from 1 to 10 calls: every figure would tell of them.

    Raises
    ------
    InputError
        If there are so few.
    """
    if 0 < calls < MIN_CALLS:
        raise InputError(
            f"the study has fewer than {MIN_CALLS} calls of classes that a responder type takes: "
            "whatever is published would "
            "tell of them -- take a longer history, or keep the plan to yourself: coresponse plan "
            "--internal"
        )


def marked(frame: Frame, internal: bool) -> Frame:
    """Return a table or layer that says so in a column of its own if it is internal."""
    return frame.assign(**{COLUMN: MARK}) if internal else frame


def kind_of_run(kind: str, internal: bool) -> str:
    """Return the kind that a run's name begins with."""
    return f"{PREFIX}{kind}" if internal else kind


def file_name(name: str, internal: bool) -> str:
    """Return what a file of a run is called."""
    return f"{PREFIX}{name}" if internal and name not in NOT_RENAMED else name


def says_internal(told: Mapping[str, object]) -> bool:
    """Whether a run's ``plan.json`` says that the run is internal."""
    return told.get(COLUMN) == MARK


def rename_files(folder: Path) -> None:
    """Put the mark in front of the names of an internal run's files."""
    for path in sorted(folder.iterdir()):
        path.rename(folder / file_name(path.name, True))
