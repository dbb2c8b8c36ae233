"""Write what plans do in scenarios: the regret table, all figures, the plans."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.best import target_min
from coresponse.data.deployments import deployment_frame
from coresponse.data.programs.load import assumptions
from coresponse.data.tables.write import write_csv
from coresponse.judged import busy_json
from coresponse.provenance import run_name, versions
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import PUBLIC
from coresponse.run_folder import run_folder
from coresponse.scenarios.change import World
from coresponse.scenarios.run import Candidate, Judged

SCHEMA = 1
_READING = (
    "cost is the goal's mean cost of waiting by the planner's formula, at the share of time that "
    "responders cannot come in the "
    "scenario: measured by queueing for the study's plan, with empty seats. regret is the cost "
    "above the least that any plan "
    "here has in the scenario, among those that keep its limits. The other figures are by "
    "queueing; with empty seats they are "
    "means over draws of who is there, and there is no p90."
)
_PER_MINUTE = {"seconds a call": (60.0, "minutes a call")}


@dataclass(frozen=True, eq=False)
class ScenarioRun:
    """Results on disk.

    Attributes
    ----------
    name, folder
        Holds ``scenarios.json``, ``regret.csv``, ``figures.csv``, ``deployments.csv``,
        ``assumptions.csv``.
    regret, figures
        As written.
    """

    name: str
    folder: Path
    regret: pd.DataFrame
    figures: pd.DataFrame


def write_scenarios(judged: Judged) -> ScenarioRun:
    """Write results under the study's ``results``.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    inputs = judged.inputs
    PUBLIC.refuse_few(int(judged.worlds[0].table.cells.calls.sum()))
    asked = {
        "scenarios": [
            world.scenario.model_dump(mode="json") for world in judged.worlds if world.scenario
        ],
        "tail_weight": judged.tail_weight,
        "alpha": judged.alpha,
        "solver": inputs.study.solver.model_dump(),
        "versions": versions(),
    }
    name = run_name(inputs.hashes, asked, kind="scenarios")
    run = ScenarioRun(
        name, inputs.folder.results / name, regret_frame(judged), figures_frame(judged)
    )
    with run_folder(run.folder) as folder:
        write_csv(run.regret, folder / "regret.csv")
        write_csv(run.figures, folder / "figures.csv")
        bought = [
            deployment_frame(one.deployment, inputs.posts).assign(plan=one.name)
            for one in judged.candidates
        ]
        write_csv(pd.concat(bought, ignore_index=True), folder / "deployments.csv")
        write_csv(assumptions(inputs.program), folder / "assumptions.csv")
        text = json.dumps(
            scenarios_json(judged, run), indent=1, ensure_ascii=False, allow_nan=False
        )
        (folder / "scenarios.json").write_text(text + "\n", encoding="utf-8")
    return run


def unit(judged: Judged) -> tuple[float, str]:
    """Return what costs are divided by to be shown, and the unit that they then have."""
    return _PER_MINUTE.get(judged.unit, (1.0, judged.unit))


def regret_frame(judged: Judged) -> pd.DataFrame:
    """Return one row a plan.

    `plan`, `title`, `status`, `gap`, `worst_regret`, `worst_scenario`, and regret by scenario.

    Regret is in the unit that `unit` says; empty where the plan breaks the limits that hold in the
    scenario.
    """
    per, _ = unit(judged)
    regret = np.stack([_costs(judged, row) for row in judged.regret]) / per
    rows = []
    for candidate, row in zip(judged.candidates, regret, strict=True):
        worst = int(np.nanargmax(row)) if np.isfinite(row).any() else -1
        rows.append(
            {
                "plan": candidate.name,
                "title": candidate.title,
                "status": str(candidate.solution.status) if candidate.solution else "as it is",
                "gap": _gap(judged, candidate),
                "worst_regret": row[worst] if worst >= 0 else np.nan,
                "worst_scenario": judged.worlds[worst].name if worst >= 0 else "",
                **{world.name: value for world, value in zip(judged.worlds, row, strict=True)},
            }
        )
    return pd.DataFrame(rows)


def _costs(judged: Judged, by_world: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a cost or regret in each scenario as it may be shown."""
    worlds = zip(judged.worlds, by_world.tolist(), strict=True)
    return np.array(
        [
            CityRounding.of_demand(world.table.cells).cost(value, judged.unit)
            for world, value in worlds
        ]
    )


def _calls_per_week(world: World) -> float:
    whole = CityRounding.of_demand(world.table.cells)
    return whole.per_week(whole.calls_per_week)


def _gap(judged: Judged, candidate: Candidate) -> float:
    """Return a search's gap as a share of the cost.

    A regret of nearly nothing has no gap of its own.
    """
    solution = candidate.solution
    if solution is None or not np.isfinite(solution.bound):
        return float("nan")
    stake = (
        float(judged.least.max()) if candidate.name == "least-regret" else abs(solution.objective)
    )
    return max(0.0, solution.objective - solution.bound) / max(stake, 1e-12)


def figures_frame(judged: Judged) -> pd.DataFrame:
    """Return one row a plan and scenario.

    Cost, regret, whether limits are kept, and figures by queueing where worked out.
    """
    per, _ = unit(judged)
    cost, regret = (
        [_costs(judged, row) for row in table] for table in (judged.cost, judged.regret)
    )
    rows = []
    for i, candidate in enumerate(judged.candidates):
        for s, world in enumerate(judged.worlds):
            found = judged.found.get((candidate.name, world.name))
            row: dict[str, Any] = {
                "plan": candidate.name,
                "scenario": world.name,
                "cost": cost[i][s] / per,
                "regret": regret[i][s] / per,
                "keeps_limits": bool(judged.keeps[i, s]),
            }
            whole = CityRounding.of_demand(world.table.cells)
            figures = (
                {key: whole.figure(key, value) for key, value in found.figures.items()}
                if found
                else {}
            )
            row["calls_per_week"] = figures.get("calls_per_week", np.nan)
            row["mean_with_fallback_min"] = figures.get("mean_with_fallback_s", np.nan) / 60
            row["p90_min"] = figures.get("p90_s", np.nan) / 60
            for key in ("share_in_time", "share_reached", "left_to_police_per_week"):
                row[key] = figures.get(key, np.nan)
            rows.append(row)
    return pd.DataFrame(rows)


def scenarios_json(judged: Judged, run: ScenarioRun) -> dict[str, Any]:
    """Return everything as plain data.

    The same inputs give the same data unless a time limit ended a search.
    """
    inputs = judged.inputs
    return {
        "schema": SCHEMA,
        "study": inputs.study.name,
        "notice": inputs.study.notice,
        "run": run.name,
        "clock": inputs.program.standards.clock,
        "target_min": target_min(inputs),
        "unit_of_cost_and_regret": unit(judged)[1],
        "tail": {"weight": judged.tail_weight, "alpha": judged.alpha},
        "scenarios": [
            {
                "name": world.name,
                "title": world.title,
                "weight": world.weight,
                "calls_per_week": _calls_per_week(world),
                "closed": sorted(world.closed),
                "away": {name: share for name, share in world.away.items() if share},
                "cannot_come_share": busy_json(busy, CityRounding.of_demand(world.table.cells)),
                "stated": world.scenario.model_dump(mode="json", exclude_defaults=True)
                if world.scenario
                else {},
            }
            for world, busy in zip(judged.worlds, judged.busy_share, strict=True)
        ],
        "plans": [_plan(candidate) for candidate in judged.candidates],
        "regret": _records(run.regret),
        "figures": _records(run.figures),
        "not_judged": list(judged.dropped),
        "reading": _READING,
        "provenance": {
            "inputs_sha256": dict(inputs.hashes),
            "versions": versions(),
            "seed": inputs.study.seed,
            "solver": inputs.study.solver.model_dump(),
            "program": inputs.program.name,
        },
    }


def _plan(candidate: Candidate) -> dict[str, Any]:
    solution = candidate.solution
    names = ("responder_type", "post_id", "shift_pattern")
    return {
        "name": candidate.name,
        "title": candidate.title,
        "message": solution.message if solution else "as it is",
        "deployment": [
            dict(zip(names, option, strict=True)) | {"count": n}
            for option, n in candidate.deployment.counts
        ],
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    # through JSON, so that what is absent is null whatever pandas calls it
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return records
