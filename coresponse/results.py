"""Write a run's results: a folder that appears whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.content import map_content, measures_frame
from coresponse.data.deployments import deployment_frame
from coresponse.data.programs.load import assumptions
from coresponse.data.progress import Progress, silent
from coresponse.data.tables.write import write_csv
from coresponse.district_changes import changes_frame, changes_json
from coresponse.inputs import Inputs
from coresponse.judged import (
    busy_units_json,
    judgments_json,
    number,
    overall,
    unseen_json,
    write_judged,
)
from coresponse.layers.write import write_layers
from coresponse.maps.content import OnlineTiles
from coresponse.maps.plan_map import write_plan_map
from coresponse.maps.report.page import write_report
from coresponse.optimize.goals.solution import GoalFigure, GoalSolution
from coresponse.optimize.solution import Solution
from coresponse.planning import Planned, target_min
from coresponse.provenance import run_name, versions
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import INTERNAL, PUBLIC, Disclosure
from coresponse.publish.funnel import shown_funnel, shown_set_aside
from coresponse.publish.plan import published
from coresponse.reporting import SAVED, report_content
from coresponse.result_files import PLAN_FILE, PLAN_SCHEMA
from coresponse.run_folder import run_folder


@dataclass(frozen=True)
class Run:
    """A run on disk.

    Attributes
    ----------
    name
        Follows from inputs and settings.
    folder
        Holds ``plan.json``, ``plan.gpkg``, tables, ``map.html``, and ``internal/`` with what is not
        for publication.
    disclosure
        How it was published.
    """

    name: str
    folder: Path
    disclosure: Disclosure = PUBLIC

    def file(self, name: str) -> Path:
        """Return the path of a file by its name without the mark of internal runs."""
        return self.folder / self.disclosure.file_name(name)


def write_run(
    planned: Planned,
    *,
    disclosure: Disclosure = PUBLIC,
    what_if: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> Run:
    """Write the results of a plan under the study's ``results``.

    Parameters
    ----------
    disclosure
        Of an internal one nothing is suppressed, and all that is written is marked.
    what_if
        What was asked in place of ``study.toml``'s question; such a run is of the kind ``whatif``.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    inputs = planned.inputs
    disclosure.refuse_few(int(planned.table.cells.calls.sum()))
    planned = published(planned, disclosure)
    hashes = dict(inputs.hashes)
    settings: dict[str, Any] = {"solver": inputs.study.solver.model_dump(), "versions": versions()}
    tiles = inputs.study.tiles
    if tiles is not None:
        settings["tiles"] = tiles.model_dump()
    if (
        planned.solution.interrupted
    ):  # what Ctrl-C cut short never takes the place of a whole search
        settings["stopped"] = True
    if what_if is not None:
        settings |= {
            "what_if": dict(what_if),
            "deployment": [[*o, n] for o, n in planned.plan.counts],
        }
    name = run_name(
        hashes, settings, kind=disclosure.kind_of_run("plan" if what_if is None else "whatif")
    )
    target = inputs.folder.results / name
    with run_folder(target) as folder:
        progress("writing results", 0, 3)
        _write_tables(planned, folder, disclosure=disclosure)
        progress("writing results", 1, 3)
        write_layers(planned, folder, disclosure=disclosure)
        told = plan_json(planned, name, hashes, disclosure=disclosure)
        write_json(
            told if what_if is None else told | {"what_if": dict(what_if)}, folder / PLAN_FILE
        )
        write_json(timing_json(planned), folder / "internal" / "timing.json")
        progress("writing results", 2, 3)
        content = map_content(planned, disclosure=disclosure)
        online = None if tiles is None else OnlineTiles(tiles.url, tiles.attribution)
        write_plan_map(content, folder / "map.html", online_tiles=online)
        report = report_content(planned, content, name, hashes)
        write_report(report, folder / "report.html")
        write_json(SAVED.dump_python(report, mode="json"), folder / "internal" / "report.json")
        disclosure.rename_files(folder)
        progress("writing results", 3, 3)
    return Run(name, target, disclosure)


def plan_json(
    planned: Planned, name: str, hashes: dict[str, str], *, disclosure: Disclosure = PUBLIC
) -> dict[str, Any]:
    """Return the whole result as plain data; the same inputs give the same data.

    An internal one says so first.
    """
    planned = published(planned, disclosure)
    inputs, solution = planned.inputs, planned.solution
    study = inputs.study
    return {
        **disclosure.mark,
        "schema": PLAN_SCHEMA,
        "study": study.name,
        "notice": study.notice,
        "run": name,
        "clock": inputs.program.standards.clock,
        "target_min": target_min(inputs),
        "status": solution_json(planned, disclosure=disclosure),
        "goal": study.objective.goal.model_dump(exclude_none=True),
        "floors": [floor.model_dump(exclude_none=True) for floor in study.objective.floors],
        "limits": study.limits.model_dump(exclude_defaults=True),
        "deployment": _deployment_rows(planned),
        "busy_units": busy_units_json(planned.consistent, disclosure.city(planned.table.cells)),
        "measures": {
            key: overall(found.overall, disclosure) | {"worst_district": found.worst_district}
            for key, found in planned.measures.items()
        },
        "judgments": judgments_json(planned.judgments, disclosure=disclosure),
        "district_changes": changes_json(planned, disclosure=disclosure),
        "unseen": unseen_json(planned.unseen, planned.unseen_reason, planned.bootstrapped),
        "inputs": inputs_json(inputs, disclosure=disclosure),
        "provenance": {
            "inputs_sha256": hashes,
            "versions": versions(),
            "seed": study.seed,
            "solver": study.solver.model_dump(),
            **({} if study.tiles is None else {"tiles": study.tiles.model_dump()}),
            "program": inputs.program.name,
        },
        "reading": "judgments.*.replay: units busy as they will be, with 95% bands; queueing: the same in the long run; "
        "deterministic and measures: if the nearest were always free, an upper bound on what will "
        "happen.",
        "models": [disclosure.note(note) for note in planned.judge_notes],
        "unit": solution.unit,
    }


def solution_json(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> dict[str, Any]:
    """Return the status of the answer.

    Its values are rounded as they may be shown unless it is internal.
    """
    solution, whole = planned.solution, disclosure.city(planned.table.cells)
    return {
        "status": solution.status.value,
        "message": solution.message,
        "objective": number(whole.cost(solution.objective, solution.unit)),
        "bound": number(whole.cost(solution.bound, solution.unit)),
        "gap": number(solution.gap),
        "unit": solution.unit,
        **goal_json(solution, whole),
        "clash": planned.clash.lines() if planned.clash else [],
    }


def goal_json(solution: Solution, whole: CityRounding) -> dict[str, Any]:
    """Return what an answer to a goal says beyond its objective.

    Each goal of several in order, and figures.
    """
    if not isinstance(solution, GoalSolution):
        return {}
    return {
        "stages": [
            {
                "goal": s.goal,
                "value": number(whole.cost(s.value, s.unit)),
                "bound": number(whole.cost(s.bound, s.unit)),
                "unit": s.unit,
                "proven": s.proven,
            }
            for s in solution.stages
        ],
        "figures": [
            {"name": f.name, "value": _goal_figure(f, whole), "unit": f.unit}
            for f in solution.figures
        ],
    }


def _goal_figure(figure: GoalFigure, whole: CityRounding) -> float | None:
    """Return a figure of a goal.

    That of a district or class of few calls is not shown unless internal.
    """
    if whole.exact:
        return number(figure.value)
    if not figure.may_be_shown:
        return None
    of = whole if figure.calls is None else CityRounding(figure.calls, float("nan"))
    return number(of.cost(figure.value, figure.unit))


def inputs_json(inputs: Inputs, *, disclosure: Disclosure) -> dict[str, Any]:
    """Return what was read and what was set aside.

    Exact numbers, or, if not internal, rounded ones and bands.
    """
    report = inputs.network.report
    calls = inputs.calls
    return {
        "roads": asdict(report)
        | {
            "nodes": inputs.network.n_nodes,
            "edges": inputs.network.n_edges,
            "crs": inputs.network.crs,
        },
        "calls": {
            "funnel": [
                {
                    "step": s.name,
                    "count": s.count,
                    "lost": s.lost,
                    "reasons": dict(s.reasons),
                }
                for s in shown_funnel(calls.funnel.steps, disclosure)
            ],
            "days": round(calls.days, 3)
            if disclosure.internal
            else max(1, round(calls.days)),  # to seconds it tells a call's time
            "timezone": calls.timezone,
            "notes": [disclosure.note(note) for note in calls.notes],
            "set_aside": shown_set_aside(calls.funnel.steps, len(calls.set_aside), disclosure),
        },
        "posts": {"used": len(inputs.posts.frame), "set_aside": len(inputs.posts.set_aside)},
        "districts": 0 if inputs.districts is None else len(inputs.districts.frame),
        "periods": [
            {"name": p.name, "hours_a_week": p.hours.count, "speed_factor": p.speed_factor}
            for p in inputs.periods
        ],
    }


def funnel_frame(inputs: Inputs, *, disclosure: Disclosure) -> pd.DataFrame:
    """Return what became of the rows of the calls.

    Exact numbers, or, if not internal, rounded ones and bands.
    """
    steps = [
        {"step": s.name, "count": s.count, "lost": s.lost, "reason": reason, "reason_count": count}
        for s in shown_funnel(inputs.calls.funnel.steps, disclosure)
        for reason, count in (s.reasons or (("", 0),))
    ]
    return pd.DataFrame(steps)


def timing_json(planned: Planned) -> dict[str, Any]:
    """Return what differs from run to run: seconds, and how incumbent and bound came together."""
    solution = planned.solution
    steps = [
        {
            "seconds": round(s.seconds, 3),
            "incumbent": number(s.incumbent),
            "bound": number(s.bound),
            "stage": s.stage,
        }
        for s in solution.steps
    ]
    return {"solve_seconds": round(solution.seconds, 3), "steps": steps}


def _deployment_rows(planned: Planned) -> list[dict[str, Any]]:
    today = planned.inputs.today.as_dict() if planned.inputs.today is not None else {}
    frame = deployment_frame(planned.plan, planned.inputs.posts)
    rows: list[dict[str, Any]] = []
    for (option, count), name in zip(planned.plan.counts, frame["post_name"], strict=True):
        rows.append(
            {**option._asdict(), "post_name": name, "count": count, "today": today.get(option, 0)}
        )
    return rows


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write plain data as JSON, its keys in their order."""
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(
        content, indent=2, ensure_ascii=False, sort_keys=False, allow_nan=False, default=str
    )
    path.write_text(text + "\n", encoding="utf-8")


def _write_tables(planned: Planned, folder: Path, *, disclosure: Disclosure) -> None:
    inputs = planned.inputs
    write = disclosure.write_table
    write(deployment_frame(planned.plan, inputs.posts), folder / "deployment.csv")
    parts = {
        "classes": ("by_class", "call_class"),
        "periods": ("by_period", "period"),
        "figures": ("overall", "group"),
    }
    if inputs.districts is not None:
        parts["districts"] = ("by_district", "district_id")
    for name, (part, label) in parts.items():
        table = measures_frame(planned.measures, part, label, disclosure=disclosure)
        write(table, folder / f"{name}.csv")
    write(funnel_frame(inputs, disclosure=disclosure), folder / "funnel.csv")
    INTERNAL.write_table(
        funnel_frame(inputs, disclosure=INTERNAL), folder / "internal" / "funnel.csv"
    )
    changes = changes_frame(planned, disclosure=disclosure)
    if changes is not None:
        write(changes, folder / "district_changes.csv")
    write_judged(
        planned.judgments, folder, districts=inputs.districts is not None, disclosure=disclosure
    )
    write(assumptions(inputs.program), folder / "assumptions.csv")
    write_csv(inputs.calls.set_aside, folder / "internal" / "set_aside.csv")
    write_csv(inputs.calls.unmapped, folder / "internal" / "unmapped_natures.csv")
    write_csv(inputs.posts.set_aside, folder / "internal" / "posts_set_aside.csv")
