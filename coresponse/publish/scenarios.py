"""Plans in scenarios as they may be shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.publish.answers import (
    CandidatePublication,
    ScenarioPublication,
    ScenariosPublication,
)
from coresponse.publish.call_outs import told_busy
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.history import facts_of
from coresponse.publish.rungs import LEFT
from coresponse.questions.scenarios.results import Candidate, ScenarioResults

_PER_MINUTE = {"seconds a call": (60.0, "minutes a call")}

FIGURES = ("share_in_time", "share_reached")


def publish_scenarios(found: ScenarioResults) -> ScenariosPublication:
    """Return plans in scenarios as they may be shown.

    Raises
    ------
    InputError
        If they rest on so few calls that every figure would tell of them.
    """
    PUBLIC.refuse_few(int(found.scenarios[0].case.table.cells.calls.sum()))
    per, unit = _PER_MINUTE.get(found.unit, (1.0, found.unit))
    least = _costs(found, found.least) / per
    return ScenariosPublication(
        facts=facts_of(found.case),
        scenarios=tuple(_scenario(found, s, float(value)) for s, value in enumerate(least)),
        candidates=tuple(
            CandidatePublication(
                one.name,
                one.title,
                _message(one),
                one.deployment,
            )
            for one in found.candidates
        ),
        regret=_regret(found, per),
        figures=_figures(found, per),
        unit=unit,
        dropped=found.dropped,
        tail_weight=found.tail_weight,
        alpha=found.alpha,
    )


def _scenario(found: ScenarioResults, s: int, least: float) -> ScenarioPublication:
    one, rounding = found.scenarios[s], _rounding(found, s)
    stated = one.scenario
    return ScenarioPublication(
        name=one.name,
        title=one.title,
        weight=one.weight,
        calls_per_week=rounding.per_week(rounding.calls_per_week),
        least=least,
        closed=tuple(sorted(one.case.factors.closed)),
        away={name: share for name, share in one.case.away.items() if share},
        cannot_come_share=_cannot_come(found, s),
        stated={} if stated is None else stated.model_dump(mode="json", exclude_defaults=True),
        asked=None if stated is None else stated.model_dump(mode="json"),
    )


def _rounding(found: ScenarioResults, s: int) -> CityRounding:
    """Return what rounds a scenario's figures: by so many calls that each weighs as much as the heaviest.

    Where the calls of one class or district count several times, a figure moves by several calls
    with each of them.
    """
    cells, base = (one.table.cells for one in (found.scenarios[s].case, found.case))
    heavier = _heaviest(cells) / _heaviest(base)
    more = float(cells.calls_per_week.sum() / base.calls_per_week.sum())
    of = PUBLIC.city(cells)
    return replace(of, calls=max(int(of.calls / max(heavier / more, 1.0) + 1e-6), 1))


def _heaviest(cells: DemandCells) -> float:
    """Return for how many calls a week a past call stands at most."""
    some = cells.calls > 0
    return float((cells.calls_per_week[some] / cells.calls[some]).max())


def _cannot_come(found: ScenarioResults, s: int) -> dict[str, float]:
    """Return by type the share of its time that a responder is away, or there and busy, as it may be shown."""
    case, shares = found.scenarios[s].case, found.busy_share[s]
    rounding = _rounding(found, s)
    if case.busy != "consistent":  # as stated
        return {name: rounding.busy(share) for name, share in shares.items()}
    away = {name: case.away.get(name, 0.0) for name in shares}
    busy = {name: 1 - (1 - share) / (1 - away[name]) for name, share in shares.items()}
    told = told_busy(busy, case.program, found.found.deployment, rounding)
    return {name: rounding.busy(1 - (1 - told[name]) * (1 - away[name])) for name in shares}


def _costs(found: ScenarioResults, by_scenario: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a cost or regret in each scenario as it may be shown."""
    return np.array(
        [
            _rounding(found, s).cost(value, found.unit)
            for s, value in enumerate(by_scenario.tolist())
        ]
    )


def _regret(found: ScenarioResults, per: float) -> pd.DataFrame:
    """Return one row a plan: `plan`, `title`, `status`, `gap`, `worst_regret`, `worst_scenario`, and regret by scenario.

    Empty where the plan breaks the limits that hold in the scenario.
    """
    regret = np.stack([_costs(found, row) for row in found.regret]) / per
    rows = []
    for candidate, row in zip(found.candidates, regret, strict=True):
        worst = int(np.nanargmax(row)) if np.isfinite(row).any() else -1
        rows.append(
            {
                "plan": candidate.name,
                "title": candidate.title,
                "status": _status(candidate),
                "gap": _gap(found, candidate),
                "worst_regret": row[worst] if worst >= 0 else np.nan,
                "worst_scenario": found.scenarios[worst].name if worst >= 0 else "",
                **{one.name: value for one, value in zip(found.scenarios, row, strict=True)},
            }
        )
    return pd.DataFrame(rows)


def _status(candidate: Candidate) -> str:
    if candidate.solution is None:
        return "as it is"
    return candidate.standing or str(candidate.solution.status)


def _message(candidate: Candidate) -> str | None:
    if candidate.solution is None:
        return None
    return candidate.standing or f"in the model, {candidate.solution.message}"


def _gap(found: ScenarioResults, candidate: Candidate) -> float:
    """Return a search's gap as a share of the cost.

    A regret of nearly nothing has no gap of its own.
    """
    solution = candidate.solution
    if solution is None or candidate.standing or not np.isfinite(solution.bound):
        return float("nan")  # the search's gap is of the deployment that it found
    stake = (
        float(found.least.max()) if candidate.name == "least-regret" else abs(solution.objective)
    )
    return max(0.0, solution.objective - solution.bound) / max(stake, 1e-12)


def _figures(found: ScenarioResults, per: float) -> pd.DataFrame:
    """Return one row a plan and scenario: cost, regret, whether limits are kept, figures by replay."""
    cost, regret = (
        [_costs(found, row) / per for row in table] for table in (found.cost, found.regret)
    )
    rows = []
    for i, candidate in enumerate(found.candidates):
        for s, one in enumerate(found.scenarios):
            drawn = found.figures.get((candidate.name, one.name), {})
            rounding = _rounding(found, s)
            told = {key: rounding.replayed(key, value) for key, value in drawn.items()}
            left = sum(told[key] for key in LEFT) if told else np.nan
            rows.append(
                {
                    "plan": candidate.name,
                    "scenario": one.name,
                    "cost": cost[i][s],
                    "regret": regret[i][s],
                    "keeps_limits": bool(found.keeps[i, s]),
                    "calls_per_week": told.get("calls_per_week", np.nan),
                    "mean_with_fallback_min": told.get("mean_with_fallback_s", np.nan) / 60,
                    "p90_min": told.get("p90_s", np.nan) / 60,
                    **{key: told.get(key, np.nan) for key in FIGURES},
                    "left_to_police_per_week": left,
                }
            )
    return pd.DataFrame(rows)
