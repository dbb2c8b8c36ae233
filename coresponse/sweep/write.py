"""Write a sweep's results.

A folder that appears whole or not at all, the same bytes for the same points.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.best import target_min
from coresponse.data.programs.load import assumptions
from coresponse.data.tables.write import write_csv
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.sweep import shown_busy, shown_points
from coresponse.run_folder import run_folder
from coresponse.sweep.charts import write_charts
from coresponse.sweep.run import Swept
from coresponse.sweep.tables import (
    deployments_frame,
    notes,
    phases_frame,
    points_frame,
    steps_frame,
    sweep_points,
)
from coresponse.sweep.tidy import Point

SCHEMA = 1


@dataclass(frozen=True, eq=False)
class SweepRun:
    """A sweep's results, and where they are.

    Attributes
    ----------
    name, folder
        Holds ``sweep.json``, ``points.csv`` and ``.parquet``, ``steps.csv``, ``phases.csv``,
        ``deployments.csv``, ``assumptions.csv`` and ``charts/``.
    points, frame, steps, phases
        As written.
    """

    name: str
    folder: Path
    points: tuple[Point, ...]
    frame: pd.DataFrame
    steps: pd.DataFrame
    phases: pd.DataFrame


def write_sweep(swept: Swept) -> SweepRun:
    """Write a sweep under the study's ``results``.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    inputs = swept.ground.inputs
    PUBLIC.refuse_few(int(next(iter(swept.ground.tables.values())).cells.calls.sum()))
    points = sweep_points(swept)
    frame = shown_points(swept, points, points_frame(swept.grid, points, inputs))
    steps = steps_frame(swept.grid, points, frame)
    phases = phases_frame(points, frame, inputs)
    name = "sweep-" + hashlib.sha256("".join(swept.keys).encode()).hexdigest()[:10]
    run = SweepRun(name, inputs.folder.results / name, points, frame, steps, phases)
    with run_folder(run.folder) as folder:
        write_csv(frame, folder / "points.csv")
        frame.to_parquet(folder / "points.parquet", index=False)
        write_csv(steps, folder / "steps.csv")
        write_csv(deployments_frame(points), folder / "deployments.csv")
        write_csv(assumptions(inputs.program), folder / "assumptions.csv")
        if len(phases):
            write_csv(phases, folder / "phases.csv")
        charts = folder / "charts"
        charts.mkdir()
        write_charts(swept.grid, frame, phases, inputs.study.name, inputs.study.notice, charts)
        text = json.dumps(sweep_json(swept, run), indent=1, ensure_ascii=False, allow_nan=False)
        (folder / "sweep.json").write_text(text + "\n", encoding="utf-8")
    return run


def sweep_json(swept: Swept, run: SweepRun) -> dict[str, Any]:
    """Return the whole sweep as plain data; the same inputs give the same data."""
    inputs = swept.ground.inputs
    study = inputs.study
    return {
        "schema": SCHEMA,
        "study": study.name,
        "notice": study.notice,
        "run": run.name,
        "clock": inputs.program.standards.clock,
        "target_min": target_min(inputs),
        "objective": study.objective.model_dump(mode="json"),
        "busy_units": swept.ground.busy_units,
        "limits": study.limits.model_dump(exclude_defaults=True),
        "axes": [
            {
                "name": axis.name,
                "title": axis.title,
                "values": list(axis.values),
                "relaxing": axis.relaxing,
            }
            for axis in swept.grid.axes
        ],
        "points": [
            row | _bought(point, shown_busy(swept, point)) | {"key": key}
            for row, point, key in zip(_records(run.frame), run.points, swept.keys, strict=True)
        ],
        "steps": _records(run.steps),
        "phases": _records(run.phases),
        "notes": notes(run.points, inputs.program),
        "reading": "Figures are by queueing, with busy units. Those with _if_free suppose that the nearest responder is always "
        "free: an upper bound on what will happen. score is what points are chosen by. gap is the "
        "search's, at the busy shares "
        "that it was told.",
        "provenance": {
            "inputs_sha256": dict(inputs.hashes),
            "versions": dict(swept.ground.versions),
            "seed": study.seed,
            "solver": study.solver.model_dump(),
            "program": inputs.program.name,
        },
    }


def _bought(point: Point, busy: dict[str, float]) -> dict[str, Any]:
    names = ("responder_type", "post_id", "shift_pattern", "count")
    answer = point.answer
    return {
        "message": answer.message,
        "clash": list(answer.clash),
        "rounds": answer.rounds,
        "planned_busy_share": busy,
        "deployment": [dict(zip(names, row, strict=True)) for row in answer.bought],
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    # through JSON, so that what is absent is null whatever pandas calls it
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return records
