"""Calls answered without an officer, as a share of all: with a share's band, and compared call by call with today's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.response import enumerate_options
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.city import City
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment
from coresponse.data.roads.made import street_grid
from coresponse.optimize.case import Case
from coresponse.publish.plan import publish_plan
from coresponse.questions.answer import Plan
from coresponse.questions.plan import plan

ROADS = street_grid(8, 8, seed=4)


@pytest.fixture(scope="module")
def planned() -> Plan:
    """Civilian vans in a town of days that differ: 1 today, 3 in the plan."""
    rng = np.random.default_rng(6)
    n_of_day = rng.poisson(14 * rng.gamma(4, 1 / 4, 60))
    day = np.repeat(np.arange(60), n_of_day)
    node = rng.integers(0, ROADS.n_nodes, len(day))
    calls = pd.DataFrame(
        {
            "received": pd.Timestamp("2025-03-03")
            + pd.to_timedelta(day * 24 + rng.uniform(6, 22, len(day)), "h"),
            "nature": "MENTAL HEALTH",
            "x": ROADS.node_x[node],
            "y": ROADS.node_y[node],
        }
    )
    at = [0, 30, 60]
    posts = pd.DataFrame({"post_id": list("ABC"), "x": ROADS.node_x[at], "y": ROADS.node_y[at]})
    there = {"timezone": "UTC", "crs": str(ROADS.crs)}
    city = City(ROADS, calls, posts, "star", **there)
    (first, *_) = enumerate_options(city.program, city.posts)
    city = replace(city, today=Deployment("today", ((first, 1),)))
    kind = first.responder_type
    settings = EvaluationSettings(replications=4, weeks=8)
    return plan(Case(city, limits=Limits(units={kind: 3}), evaluation=settings))


def test_the_share_has_the_band_of_a_share(planned: Plan) -> None:
    """It had the band of the number of calls: 36% of calls, of which 48% are reached at all, "0 to 89%"."""
    measured = planned.replayed["plan"]
    share, calls = measured.share_without_officer, measured.figure("calls_per_week")
    answered = measured.without_officer
    assert share.mean == pytest.approx(answered.mean / calls.mean, rel=1e-3)
    assert share.low < share.mean < share.high
    # days bring more or fewer calls, and the share hardly moves with them
    wide = (calls.high - calls.low) / calls.mean
    assert wide > 0.2
    assert (share.high - share.low) / share.mean < 0.7 * wide
    assert share.high <= measured.figure("share_reached").high
    single = measured.figure("share_without_officer", single_year=True)
    assert single.low <= share.low < share.high <= single.high


def test_more_vans_answer_more_calls_beyond_chance(planned: Plan) -> None:
    """The report said of 25% and 35% "no difference that the replay could tell": nobody had compared them."""
    found = publish_plan(planned).found
    assert found is not None
    rows = [row for row in found.summary if "without an officer" in row.label]
    assert len(rows) == 2
    for row in rows:
        assert row.plan is not None
        assert row.today is not None
        assert row.plan > row.today
        assert row.change_band is not None
        assert row.change_band[0] > 0
