"""Folders of runs, and how a number, a deployment and a frame stand in JSON: each in one place."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from coresponse.coverage.replay.bands import Interval
from coresponse.data.deployments import deployment_frame
from coresponse.data.errors import InputError, MissingInputError, why_not
from coresponse.data.figures.text import number
from coresponse.data.options import Deployment
from coresponse.data.programs.load import assumptions
from coresponse.data.programs.model import Program
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.facts import Facts
from coresponse.study.atomic import whole_folder
from coresponse.study.files import STUDY_FILE
from coresponse.study.folder import StudyFolder
from coresponse.study.provenance import versions
from coresponse.study.read_back import PLAN_FILE

# What GDAL and SQLite raise where a disk is full or a quota reached; neither is an OSError.
CANNOT_WRITE = (DataSourceError, DataLayerError, FeatureError, sqlite3.OperationalError)


@dataclass(frozen=True)
class Run:
    """A run on disk.

    Attributes
    ----------
    name
        Follows from inputs and settings.
    folder
        Holds what the run left behind, and ``internal/`` with what is not for publication.
    disclosure
        How it was published.
    """

    name: str
    folder: Path
    disclosure: Disclosure = PUBLIC

    def file(self, name: str) -> Path:
        """Return the path of a file by its name without the mark of internal runs."""
        return self.folder / self.disclosure.file_name(name)


def find_run(folder: StudyFolder, run: str | Path) -> Path:
    """Return the folder of a run, given by its name or its path.

    Raises
    ------
    MissingInputError
        If there is no such run.
    """
    for path in (Path(run), folder.results / run):
        if (path / PLAN_FILE).is_file():
            return path
    there = sorted(path.name for path in folder.results.glob("*") if (path / PLAN_FILE).is_file())
    raise MissingInputError(
        f"{run} is not a run of {folder.path} -- there are: {', '.join(there) or 'none'}"
    )


def study_of_run(run: Path) -> Path:
    """Return the study folder that a run lies in: ``STUDY/results/RUN``.

    Raises
    ------
    MissingInputError
        If it lies in none, as a run that was moved elsewhere, or is given by its name alone.
    """
    above = run.resolve().parents
    if len(above) > 1 and (above[1] / STUDY_FILE).is_file():
        return above[1]
    raise MissingInputError(
        f"{run} lies in no study -- say whose run it is: coresponse plan STUDY --verify {run}"
    )


@contextmanager
def run_folder(target: Path) -> Iterator[Path]:
    """Build a run's folder, there whole or not at all; see :func:`coresponse.study.atomic.whole_folder`.

    Yields
    ------
    Path
        An empty folder to fill.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    try:
        with whole_folder(target) as folder:
            yield folder
    except (OSError, *CANNOT_WRITE) as error:
        raise InputError(
            f"{target} cannot be written{why_not(error)} -- free some space, or give the study a "
            "folder to write to"
        ) from error


def must_be(publication: object, kind: type) -> None:
    """Refuse what was not published: exact results do not go into files, pages or the terminal.

    Raises
    ------
    TypeError
        If it is of another type.
    """
    if not isinstance(publication, kind):
        raise TypeError(
            f"{type(publication).__name__} is no {kind.__name__}: publish it first "
            "(coresponse.publish)"
        )


def write_json(content: Mapping[str, Any], path: Path, *, indent: int = 2) -> None:
    """Write plain data as JSON, its keys in their order."""
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(content, indent=indent, ensure_ascii=False, allow_nan=False, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    """Return figures by name as JSON holds them."""
    return {name: number(value) for name, value in values.items()}


def interval_json(found: Interval) -> dict[str, float | None]:
    """Return a figure with its 95% interval."""
    return {"mean": number(found.mean), "low": number(found.low), "high": number(found.high)}


def interval_columns(key: str, found: Interval | None, *, per: float = 1.0) -> dict[str, float]:
    """Return a figure and the ends of its interval as cells of a table; NaN where there is none."""
    ends = {key: "mean", f"{key}_low": "low", f"{key}_high": "high"}
    if found is None:
        return dict.fromkeys(ends, float("nan"))
    # + 0: none is -0
    return {column: round(getattr(found, end) / per, 4) + 0 for column, end in ends.items()}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows; what is absent is None whatever pandas calls it."""
    out: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return out


def bought(deployment: Deployment) -> list[dict[str, Any]]:
    """Return what is in place, one row an option."""
    return [{**option._asdict(), "count": count} for option, count in deployment.counts]


def provenance(
    facts: Facts, hashes: Mapping[str, str], **settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a result rests on.

    Parameters
    ----------
    settings
        What was asked of the solver or the replay, under its name.
    """
    return {
        "inputs_sha256": dict(hashes),
        "versions": versions(),
        "seed": facts.seed,
        **(settings or {"solver": facts.solver.model_dump()}),
        "program": facts.program.name,
    }


def write_deployments(
    deployments: Mapping[str, Deployment], facts: Facts, column: str, path: Path
) -> None:
    """Write several deployments in one table, each under its name in a column."""
    frames = [
        deployment_frame(one, facts.posts).assign(**{column: name})
        for name, one in deployments.items()
    ]
    PUBLIC.write_table(pd.concat(frames, ignore_index=True), path)


def write_assumptions(program: Program, folder: Path, disclosure: Disclosure = PUBLIC) -> None:
    """Write every figure of a program with its source."""
    disclosure.write_table(assumptions(program), folder / "assumptions.csv")
