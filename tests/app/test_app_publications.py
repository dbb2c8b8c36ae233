"""The page's server answers with what may be shown: nobody can work calls back from many answers."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.few_calls import STANDS_FOR_SMALL
from coresponse.data.sample_city import sample_folder
from coresponse.publish.disclosure import PUBLIC
from coresponse.study.read import read_study
from tests.conftest import PATIENCE_S

EXACT = {"search", "objective", "bound"}


def sample_cells() -> DemandCells:
    return read_study(sample_folder()).case.base_cells


def finished(server: Any, job: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_S
    while job["state"] in {"queued", "running"}:
        assert time.monotonic() < until, job
        time.sleep(0.2)
        job = server.json("GET", f"/api/jobs/{job['id']}")
    return job


def test_places_of_a_post_differ_by_no_few_calls(server: Any) -> None:
    # the exact shares of places 100 m apart differ by the few calls that lie between their circles
    cells = sample_cells()
    calls, step = int(cells.calls.sum()), PUBLIC.city(cells).share_step
    shares = []
    for k in range(40):
        at = {"post_id": "P05", "longitude": -73.992 + 0.0004 * k, "latitude": 40.745}
        told = server.json("POST", "/api/place", at)
        shares += [told["reach"], told["reach_before"]]
    apart = np.diff(np.unique(shares)) * calls
    assert len(apart) > 3
    assert apart.min() >= STANDS_FOR_SMALL - 1e-6
    for post in server.json("GET", "/api/study")["posts"]:
        if post["reach"] is not None:
            assert post["reach"] / step == pytest.approx(round(post["reach"] / step))


def test_searches_and_plans_tell_no_exact_objective(server: Any) -> None:
    question = server.json("GET", "/api/study")["asked"] | {"busy": "free", "time_limit_s": 5}
    job = server.json("POST", "/api/jobs", {"kind": "find", "asked": question})
    done = finished(server, job)
    step = PUBLIC.city(sample_cells()).cost_step(done["unit"])
    assert step > 0
    assert done["steps"]
    for _, best, bound in done["steps"]:
        for value in (best, bound):
            if value is not None:
                assert abs(value / step - round(value / step)) < 1e-4
    plan = server.json("GET", f"/api/plans/{done['plan']}")
    assert not EXACT & plan.keys()
    assert not EXACT & server.json("GET", f"/api/plans/{done['plan']}/whatif.json").keys()
    for listed in server.json("GET", "/api/plans"):
        assert not EXACT & listed.keys()


def test_the_study_tells_about_how_many_calls_it_has(server: Any) -> None:
    said = server.json("GET", "/api/study")["history"]
    exact = len(read_study(sample_folder()).city.calls.frame)
    assert said.startswith("about ")
    assert f"{exact:,}" not in said or exact % 1000 == 0
