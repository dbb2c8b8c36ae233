"""Write plans nearly as good as the best, and what posts are worth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coresponse.data.deployments import deployment_frame
from coresponse.data.figures.text import number
from coresponse.publish.answers import NearBestPublication
from coresponse.publish.disclosure import PUBLIC
from coresponse.results.plan import search_json
from coresponse.results.runs import (
    Run,
    bought,
    must_be,
    provenance,
    run_folder,
    write_json,
)
from coresponse.study.provenance import run_name, versions
from coresponse.study.read_back import PLAN_SCHEMA


def write_near_best(
    publication: NearBestPublication,
    results: Path,
    hashes: Mapping[str, str],
    *,
    count: int,
    differ_in: int,
) -> Run:
    """Write the plans and the posts' worth.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If they were not published.
    """
    must_be(publication, NearBestPublication)
    settings = {
        "count": count,
        "differ_in": differ_in,
        "worth": bool(publication.worth),
        "solver": publication.facts.solver.model_dump(),
        "versions": versions(),
    }
    name = run_name(dict(hashes), settings, kind="alternatives")
    with run_folder(results / name) as folder:
        PUBLIC.write_table(plans_frame(publication), folder / "plans.csv")
        for one in publication.plans:
            path = folder / f"deployment_{one.deployment.name.replace(' ', '_')}.csv"
            PUBLIC.write_table(deployment_frame(one.deployment, publication.facts.posts), path)
        if publication.worth:
            PUBLIC.write_table(worth_frame(publication), folder / "posts.csv")
        told = near_best_json(publication, name, hashes)
        write_json(told, folder / "alternatives.json")
    return Run(name, results / name)


def plans_frame(publication: NearBestPublication) -> pd.DataFrame:
    """Return one row a plan: its figures by replay, and how far it is from the best in the model."""
    unit, _ = publication.unit
    return pd.DataFrame(
        [
            {
                "plan": k,
                "status": one.search.message,
                f"objective_{unit}": difference(publication, one.search.objective),
                f"worse_by_{unit}": difference(publication, one.worse_by),
                "posts_left": " ".join(one.posts_left),
                "posts_taken_up": " ".join(one.posts_taken_up),
                "share_in_time": round(one.share_in_time, 4),
                "mean_wait_min": round(one.mean_with_fallback_s / 60, 2),
                "cost_as_called_per_year": round(one.cost_as_called_per_year),
            }
            for k, one in enumerate(publication.plans, 1)
        ]
    )


def worth_frame(publication: NearBestPublication) -> pd.DataFrame:
    """Return one row a post: by how much the objective would rise without it, or with it."""
    unit, _ = publication.unit
    frame = publication.facts.posts.frame
    names = dict(zip(frame["post_id"], frame["name"], strict=True))
    rows = [
        {
            "post_id": one.post_id,
            "post_name": names.get(one.post_id, ""),
            "in_plan": one.chosen,
            "forced": "out" if one.chosen else "in",
            f"objective_rises_by_{unit}": difference(publication, one.change),
            f"at_least_{unit}": difference(publication, one.change_at_least),
            "status": one.status,
        }
        for one in publication.worth
    ]
    return pd.DataFrame(rows)


def difference(publication: NearBestPublication, value: float) -> float:
    """Return a value of the objective as tables show it."""
    return round(value * publication.unit[1], 3) if np.isfinite(value) else np.nan


def near_best_json(
    publication: NearBestPublication, name: str, hashes: Mapping[str, str]
) -> dict[str, Any]:
    """Return the whole result as plain data."""
    header = publication.facts.header(name)
    about = provenance(publication.facts, hashes)
    return {
        "schema": PLAN_SCHEMA,
        **{key: header[key] for key in ("study", "notice", "run")},
        "status": search_json(publication.search),
        "ended": publication.ended,
        "plans": [
            {
                "objective": number(one.search.objective),
                "bound": number(one.search.bound),
                "status": one.search.status.value,
                "worse_by": number(one.worse_by),
                "unit": one.search.unit,
                "posts": list(one.posts),
                "posts_left": list(one.posts_left),
                "posts_taken_up": list(one.posts_taken_up),
                "share_in_time": number(one.share_in_time),
                "mean_with_fallback_s": number(one.mean_with_fallback_s),
                "cost_as_called_per_year": number(one.cost_as_called_per_year),
                "deployment": bought(one.deployment),
            }
            for one in publication.plans
        ],
        "posts": [
            {
                "post_id": one.post_id,
                "in_plan": one.chosen,
                "status": one.status,
                "objective_rises_by": number(one.change),
                "at_least": number(one.change_at_least),
            }
            for one in publication.worth
        ],
        "provenance": {key: value for key, value in about.items() if key != "program"},
    }
