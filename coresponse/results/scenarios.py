"""Write what plans do in scenarios: the regret table, all figures, the plans."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coresponse.publish.answers import ScenarioPublication, ScenariosPublication
from coresponse.publish.disclosure import PUBLIC
from coresponse.results.runs import (
    Run,
    bought,
    must_be,
    numbers,
    provenance,
    records,
    run_folder,
    write_assumptions,
    write_deployments,
    write_json,
)
from coresponse.study.provenance import run_name, versions

SCHEMA = 1
READING = (
    "cost is the goal's mean cost of waiting by the planner's formula, at the share of time that "
    "responders cannot come in the scenario: measured by queueing for the study's plan, with empty "
    "seats. regret is the cost above the least that any plan here has in the scenario, among those "
    "that keep its limits. The other figures are by replay; with empty seats they are means over "
    "draws of who is there, and there is no p90. A budget is held against call-outs as often as the "
    "replay finds them in the study's plan as the city is now: more calls cost more call-outs."
)


def write_scenarios(
    publication: ScenariosPublication, results: Path, hashes: Mapping[str, str]
) -> Run:
    """Write plans in scenarios.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If they were not published.
    """
    must_be(publication, ScenariosPublication)
    facts = publication.facts
    asked = {
        "scenarios": [one.asked for one in publication.scenarios if one.asked is not None],
        "tail_weight": publication.tail_weight,
        "alpha": publication.alpha,
        "solver": facts.solver.model_dump(),
        "versions": versions(),
    }
    name = run_name(dict(hashes), asked, kind="scenarios")
    with run_folder(results / name) as folder:
        named = [one.name for one in publication.scenarios]
        PUBLIC.write_table(publication.regret, folder / "regret.csv", stated=named)
        PUBLIC.write_table(publication.figures, folder / "figures.csv")
        plans = {one.name: one.deployment for one in publication.candidates}
        write_deployments(plans, facts, "plan", folder / "deployments.csv")
        write_assumptions(facts.program, folder)
        told = scenarios_json(publication, name, hashes)
        write_json(told, folder / "scenarios.json", indent=1)
    return Run(name, results / name)


def scenarios_json(
    publication: ScenariosPublication, name: str, hashes: Mapping[str, str]
) -> dict[str, Any]:
    """Return everything as plain data.

    The same inputs give the same data unless a time limit ended a search.
    """
    return {
        "schema": SCHEMA,
        **publication.facts.header(name),
        "unit_of_cost_and_regret": publication.unit,
        "tail": {"weight": publication.tail_weight, "alpha": publication.alpha},
        "scenarios": [_scenario(one) for one in publication.scenarios],
        "plans": [
            {
                "name": one.name,
                "title": one.title,
                "message": "as it is" if one.message is None else one.message,
                "deployment": bought(one.deployment),
            }
            for one in publication.candidates
        ],
        "regret": records(publication.regret),
        "figures": records(publication.figures),
        "not_judged": list(publication.dropped),
        "reading": READING,
        "provenance": provenance(publication.facts, hashes),
    }


def _scenario(one: ScenarioPublication) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "weight": one.weight,
        "calls_per_week": one.calls_per_week,
        "closed": list(one.closed),
        "away": dict(one.away),
        "cannot_come_share": numbers(one.cannot_come_share),
        "stated": dict(one.stated),
    }
