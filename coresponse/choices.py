"""What else could be done.

Plans nearly as good that use other posts, and what each post is worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from coresponse.best import as_deployment, not_stopped, target_min, waiting_cost
from coresponse.coverage.queueing.judge import QueueingMeasures, queueing_measures
from coresponse.coverage.response import ResponseTable
from coresponse.data.deployments import deployment_frame
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.data.tables.write import write_csv
from coresponse.inputs import Inputs
from coresponse.judged import number
from coresponse.judging import fit_models
from coresponse.memory import PLANNING, tell
from coresponse.optimize.alternatives import Alternatives, alternatives
from coresponse.optimize.objective import Late, WaitingCost
from coresponse.optimize.solution import Stop
from coresponse.optimize.worth import PostWorth, worth_of_posts
from coresponse.planning import Planned, plan_table, study_table
from coresponse.provenance import run_name, versions
from coresponse.publish.disclosure import PUBLIC
from coresponse.result_files import PLAN_SCHEMA
from coresponse.results import Run, solution_json, write_json
from coresponse.run_folder import run_folder


@dataclass(frozen=True, eq=False)
class Choices:
    """The plan, others nearly as good, and what posts are worth.

    Attributes
    ----------
    planned
        The plan; not judged by replay.
    waiting
        The goal.
    found
        The plan first, then others that differ enough.
    deployments, queueing
        One for each of `found`, with its figures when units are busy.
    worth
        By post; empty if not asked for.
    """

    planned: Planned
    waiting: WaitingCost
    found: Alternatives
    deployments: tuple[Deployment, ...]
    queueing: tuple[QueueingMeasures, ...]
    worth: tuple[PostWorth, ...]

    @property
    def inputs(self) -> Inputs:
        """The study's inputs."""
        return self.planned.inputs

    @property
    def table(self) -> ResponseTable:
        """Response times of all that can be bought."""
        return self.planned.table


def find_choices(
    inputs: Inputs, *, count: int, differ_in: int, worth: bool, progress: Progress = silent
) -> Choices | Planned:
    """Plan, and look for other plans nearly as good; what limits cannot be kept is an answer.

    Parameters
    ----------
    count
        Plans in all, the best first.
    differ_in
        Posts in which any two of them differ at least.
    worth
        Whether to force each post out of the plan, or into it; the study's time limit holds for all
        of them together.

    Returns
    -------
    Choices or Planned
        The latter if there is no plan.
    """
    waiting = waiting_cost(inputs)
    tell(inputs, PLANNING, progress)
    table = study_table(inputs, progress=progress)
    best, rounds = plan_table(inputs, table, progress=progress)
    planned = Planned(inputs, table, best, rounds)
    not_stopped(best)
    if not best.found:
        return planned
    solver = inputs.study.solver
    busy = planned.planned_busy_share is not None
    stop = Stop(solver.time_limit_s, max(solver.busy_gap, solver.gap) if busy else solver.gap)
    posts = [option.post_id for option in table.options]
    progress("plans nearly as good", 0, 1)
    found = alternatives(
        best.problem,
        waiting,
        posts,
        count=count,
        differ_in=differ_in,
        first=best.solution,
        stop=stop,
        seed=inputs.study.seed,
        solver=solver.name,
    )
    if found.found[-1].solution.interrupted:
        raise KeyboardInterrupt
    service, _ = fit_models(inputs, inputs.calls)
    deployments = tuple(
        as_deployment(table.options, one.solution.counts, "plan" if k == 0 else f"plan {k + 1}")
        for k, one in enumerate(found.found)
    )
    target_s = target_min(inputs) * 60
    queueing = tuple(
        queueing_measures(table, d, inputs.program, target_s=target_s, service=service)
        for d in deployments
    )
    each: tuple[PostWorth, ...] = ()
    if worth:
        progress("what each post is worth", 0, 1)
        each = worth_of_posts(
            best.problem,
            waiting,
            posts,
            best.solution,
            total_s=solver.time_limit_s,
            stop=stop,
            seed=inputs.study.seed,
            solver=solver.name,
        )
        if len(each) < len(set(posts)):
            raise KeyboardInterrupt
    return Choices(planned, waiting, found, deployments, queueing, each)


def plans_frame(choices: Choices) -> pd.DataFrame:
    """Return one row a plan: how far it is from the best, and its figures when units are busy."""
    unit, scale = shown_in(choices.waiting)
    whole, rows = PUBLIC.city(choices.planned.table.cells), []
    for k, (one, queueing) in enumerate(zip(choices.found.found, choices.queueing, strict=True)):
        rows.append(
            {
                "plan": k + 1,
                "status": one.solution.message,
                f"objective_{unit}": shown_cost(choices, one.solution.objective, scale),
                f"worse_by_{unit}": shown_cost(choices, one.costs, scale),
                "posts_left": " ".join(one.left),
                "posts_taken_up": " ".join(one.taken_up),
                "share_in_time_queueing": round(whole.share(queueing.figure("share_in_time")), 4),
                "mean_wait_min_queueing": round(
                    whole.wait(queueing.figure("mean_with_fallback_s")) / 60, 2
                ),
            }
        )
    return pd.DataFrame(rows)


def worth_frame(choices: Choices) -> pd.DataFrame:
    """Return one row a post: by how much the objective would rise without it, or with it."""
    unit, scale = shown_in(choices.waiting)
    frame = choices.inputs.posts.frame
    names = dict(zip(frame["post_id"], frame["name"], strict=True))
    rows = [
        {
            "post_id": one.post,
            "post_name": names.get(one.post, ""),
            "in_plan": one.chosen,
            "forced": "out" if one.chosen else "in",
            f"objective_rises_by_{unit}": shown_cost(choices, one.change, scale),
            f"at_least_{unit}": shown_cost(choices, one.change_at_least, scale),
            "status": one.status.value,
        }
        for one in choices.worth
    ]
    return pd.DataFrame(rows)


def shown_cost(choices: Choices, value: float, scale: float) -> float:
    """Return a value of the objective as tables show it."""
    shown = PUBLIC.city(choices.planned.table.cells).cost(value, choices.planned.solution.unit)
    return round(shown * scale, 3) if np.isfinite(shown) else np.nan


def shown_in(waiting: WaitingCost) -> tuple[str, float]:
    """Return the unit that differences of the objective are shown in, and its scale."""
    return ("points_late", 100.0) if isinstance(waiting, Late) else ("min", 1 / 60)


def choices_json(choices: Choices, name: str, hashes: dict[str, str]) -> dict[str, Any]:
    """Return the whole result as plain data."""
    study, whole, unit = (
        choices.inputs.study,
        PUBLIC.city(choices.planned.table.cells),
        choices.planned.solution.unit,
    )
    return {
        "schema": PLAN_SCHEMA,
        "study": study.name,
        "notice": study.notice,
        "run": name,
        "status": solution_json(choices.planned),
        "ended": choices.found.ended,
        "plans": [
            {
                "objective": number(whole.cost(one.solution.objective, unit)),
                "bound": number(whole.cost(one.solution.bound, unit)),
                "status": one.solution.status.value,
                "worse_by": number(whole.cost(one.costs, unit)),
                "unit": one.solution.unit,
                "posts": list(one.posts),
                "posts_left": list(one.left),
                "posts_taken_up": list(one.taken_up),
                "share_in_time_queueing": number(whole.share(queueing.figure("share_in_time"))),
                "mean_with_fallback_s_queueing": number(
                    whole.wait(queueing.figure("mean_with_fallback_s"))
                ),
                "deployment": [{**option._asdict(), "count": n} for option, n in deployment.counts],
            }
            for one, queueing, deployment in zip(
                choices.found.found, choices.queueing, choices.deployments, strict=True
            )
        ],
        "posts": [
            {
                "post_id": one.post,
                "in_plan": one.chosen,
                "status": one.status.value,
                "objective_rises_by": number(whole.cost(one.change, unit)),
                "at_least": number(whole.cost(one.change_at_least, unit)),
            }
            for one in choices.worth
        ],
        "provenance": {
            "inputs_sha256": hashes,
            "versions": versions(),
            "seed": study.seed,
            "solver": study.solver.model_dump(),
        },
    }


def write_choices(choices: Choices, *, count: int, differ_in: int) -> Run:
    """Write the plans and the posts' worth under the study's ``results``.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    inputs = choices.inputs
    PUBLIC.refuse_few(int(choices.planned.table.cells.calls.sum()))
    hashes = dict(inputs.hashes)
    settings = {
        "count": count,
        "differ_in": differ_in,
        "worth": bool(choices.worth),
        "solver": inputs.study.solver.model_dump(),
        "versions": versions(),
    }
    name = run_name(hashes, settings, kind="alternatives")
    target = inputs.folder.results / name
    with run_folder(target) as folder:
        write_csv(plans_frame(choices), folder / "plans.csv")
        for deployment in choices.deployments:
            path = folder / f"deployment_{deployment.name.replace(' ', '_')}.csv"
            write_csv(deployment_frame(deployment, inputs.posts), path)
        if choices.worth:
            write_csv(worth_frame(choices), folder / "posts.csv")
        write_json(choices_json(choices, name, hashes), folder / "alternatives.json")
    return Run(name, target)
