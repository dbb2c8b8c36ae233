"""Write a sweep: a folder that appears whole or not at all, the same bytes for the same points."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.data.figures.dictionary import figure_of_column
from coresponse.publish.answers import FrontierPublication, PointPublication, SweepPublication
from coresponse.publish.disclosure import PUBLIC
from coresponse.results.read_sweep import SCHEMA
from coresponse.results.runs import (
    Run,
    bought,
    must_be,
    provenance,
    records,
    run_folder,
    write_assumptions,
    write_json,
)
from coresponse.results.sweep_charts import write_charts
from coresponse.results.sweep_workbook import write_sweep_workbook

READING = (
    "Figures are by replay, on the same chances at all points of a city. Those with _if_free "
    "suppose that the nearest responder is always free: an upper bound on what will happen. Points "
    "are ranked by score, the goal's value. status, objective, bound and gap are of the search in "
    "the model, at the busy shares that it was given."
)


def write_sweep(
    publication: SweepPublication,
    results: Path,
    hashes: Mapping[str, str],
    objective: Mapping[str, Any],
) -> Run:
    """Write a sweep.

    Parameters
    ----------
    objective
        As the study states it.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If it was not published.
    """
    must_be(publication, SweepPublication)
    facts, frame, phases = publication.facts, publication.frame, publication.phases
    axes = [axis.name for axis in publication.axes]
    keys = "".join(point.key for point in publication.points)
    name = "sweep-" + hashlib.sha256(keys.encode()).hexdigest()[:10]
    with run_folder(results / name) as folder:
        PUBLIC.write_table(frame, folder / "points.csv", stated=axes)
        frame.to_parquet(folder / "points.parquet", index=False)
        PUBLIC.write_table(publication.steps, folder / "steps.csv")
        PUBLIC.write_table(deployments_frame(publication), folder / "deployments.csv")
        write_assumptions(facts.program, folder)
        if len(phases):
            PUBLIC.write_table(phases, folder / "phases.csv")
        write_sweep_workbook(publication, folder / "sweep.xlsx")
        charts = folder / "charts"
        charts.mkdir()
        write_charts(publication.grid, frame, phases, facts.name, facts.notice, charts)
        told = sweep_json(publication, name, hashes, objective)
        write_json(told, folder / "sweep.json", indent=1)
    return Run(name, results / name)


def deployments_frame(publication: SweepPublication) -> pd.DataFrame:
    """List what each point buys: `point`, `responder_type`, `post_id`, `shift_pattern`, `count`."""
    rows = [(i, *row) for i, point in enumerate(publication.points) for row in point.bought]
    columns = ["point", "responder_type", "post_id", "shift_pattern", "count"]
    return pd.DataFrame(rows, columns=columns)


def sweep_json(
    publication: SweepPublication,
    name: str,
    hashes: Mapping[str, str],
    objective: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the whole sweep as plain data; the same inputs give the same data."""
    facts = publication.facts
    rows = zip(records(publication.frame), publication.points, strict=True)
    return {
        "schema": SCHEMA,
        **facts.header(name),
        "objective": dict(objective),
        "busy_units": publication.busy,
        "limits": facts.limits.model_dump(exclude_defaults=True),
        "axes": [
            {
                "name": axis.name,
                "title": axis.title,
                "values": list(axis.values),
                "relaxing": axis.relaxing,
            }
            for axis in publication.axes
        ],
        "points": [row | _point(point) for row, point in rows],
        "steps": records(publication.steps),
        "phases": records(publication.phases),
        "frontier": _frontier(publication.frontier),
        "notes": list(publication.notes),
        **({"not_known": publication.not_known} if publication.not_known else {}),
        "reading": READING,
        "provenance": provenance(facts, hashes) | {"versions": dict(publication.versions)},
    }


TODAY = (
    "fleet",
    "cost_as_called_per_year",
    "share_in_time",
    "mean_with_fallback_min",
    "p90_min",
    "left_to_police_per_week",
    "without_officer_per_week",
    "share_without_officer",
    "worst_district_mean_min",
)


def _frontier(frontier: FrontierPublication) -> dict[str, Any]:
    """Return which plans are on the frontier, and what stands beside them; today by the figures that pages show."""
    today = pd.DataFrame([frontier.today])
    return {
        "figure": frontier.figure,
        "title": figure_of_column(frontier.figure).title,
        "points": list(frontier.points),
        "knee": frontier.knee,
        "own": frontier.own,
        "today": records(today[list(TODAY)])[0] if frontier.today else None,
        "sentences": list(frontier.sentences),
    }


def _point(point: PointPublication) -> dict[str, Any]:
    return {
        "message": point.message,
        "clash": list(point.clash),
        "rounds": point.rounds,
        "planned_busy_share": dict(point.planned_busy_share),
        "deployment": bought(point.deployment),
        "key": point.key,
    }
