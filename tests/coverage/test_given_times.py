"""Recorded calls that tell their own times on scene, to the facility and there are replayed with these, second by second."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.evaluation_setup import drawn_setup, history_setup
from coresponse.coverage.response import enumerate_options
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.history import CallHistory
from coresponse.data.city import City
from coresponse.data.options import Deployment
from coresponse.data.roads.made import street_grid

ROADS = street_grid(6, 6, seed=4)
AS_RECORDED = EvaluationSettings(replications=2, weeks=2, service_times="calls")


def made_calls(n: int = 300) -> pd.DataFrame:
    """A call in two takes its person somewhere; of those one in ten has no time of leaving."""
    rng = np.random.default_rng(8)
    node = rng.integers(0, ROADS.n_nodes, n)
    received = pd.Timestamp("2025-03-03") + pd.to_timedelta(np.arange(n) * 2.0, "h")
    arrived = received + pd.to_timedelta(rng.integers(300, 900, n), "s")
    left = arrived + pd.to_timedelta(rng.integers(600, 2400, n), "s")
    there = left + pd.to_timedelta(rng.integers(300, 1500, n), "s")
    cleared = there + pd.to_timedelta(rng.integers(600, 5000, n), "s")
    taken = rng.random(n) < 0.5
    return pd.DataFrame(
        {
            "call_id": [f"c{k}" for k in range(n)],
            "received": received,
            "arrived": arrived,
            "Departed Scene": left.where(taken & (rng.random(n) < 0.9)),
            "Arrived Hospital": there.where(taken),
            "cleared": cleared,
            "nature": "MENTAL HEALTH",
            "x": ROADS.node_x[node],
            "y": ROADS.node_y[node],
        }
    )


@pytest.fixture(scope="module")
def city() -> City:
    posts = pd.DataFrame(
        {"post_id": ["A", "B"], "kind": ["hospital", "station"], "x": ROADS.node_x[[0, 30]], "y": ROADS.node_y[[0, 30]]}
    )  # fmt: skip
    return City(ROADS, made_calls(), posts, "ride-along", timezone="UTC", crs=str(ROADS.crs))


def seconds(calls: CallHistory, start: str, end: str) -> np.ndarray:
    took = (calls.frame[end] - calls.frame[start]).dt.total_seconds()
    return np.asarray(took, dtype=np.float64)


def one_of_each(city: City) -> Deployment:
    options = enumerate_options(city.program, city.posts)
    return Deployment("all day", tuple((o, 2) for o in options))


def test_a_replay_of_recorded_calls_takes_their_own_times(city: City) -> None:
    calls = city.calls
    setup = history_setup(city, AS_RECORDED, calls, target_s=900, seed=1)
    for run in setup.replay(one_of_each(city)):
        record = run.record
        sent = record.server >= 0
        on_scene = seconds(calls, "arrived_at", "left_scene_at")
        there = seconds(calls, "left_scene_at", "at_facility_at")
        drop_off = seconds(calls, "at_facility_at", "cleared_at")
        whole = sent & ~np.isnan(on_scene + there + drop_off)
        assert whole.sum() > 100
        took = (record.cleared_s - record.contact_s)[whole]
        np.testing.assert_allclose(took, (on_scene + there + drop_off)[whole], atol=0.01)
        # a facility whose way there nobody stamped: scene and way as drawn, the time there as
        # recorded
        part = sent & np.isnan(on_scene) & ~np.isnan(drop_off)
        assert part.sum() > 5
        assert ((record.cleared_s - record.contact_s)[part] > drop_off[part]).all()
    said = [str(note) for note in setup.notes]
    told = int(calls.frame["at_facility_at"].notna().sum())
    assert any(f"{told} calls tell when their unit left the scene" in note for note in said)


def test_what_calls_do_not_tell_is_drawn_as_before(city: City) -> None:
    frame = city.calls.frame
    nothing = pd.Series(pd.NaT, index=frame.index, dtype=frame["cleared_at"].dtype)
    blank = frame.assign(left_scene_at=nothing, at_facility_at=nothing)
    plain = replace(city.calls, frame=blank)
    with_them, without = (
        history_setup(city, AS_RECORDED, calls, target_s=900, seed=1).scenes[0]
        for calls in (city.calls, plain)
    )
    told = city.calls.frame["at_facility_at"].notna().to_numpy()
    for name in ("on_scene_s", "transport_s", "paperwork_s"):
        ours, theirs = getattr(with_them, name), getattr(without, name)
        np.testing.assert_array_equal(ours[~told], theirs[~told])
    assert without.drive_there_s is None


def test_bands_of_drawn_calls_replay_the_past_with_its_own_times(city: City) -> None:
    setup = drawn_setup(city, AS_RECORDED, target_s=900, seed=1)
    there = setup.past[0].drive_there_s
    assert there is not None
    own = seconds(city.calls, "left_scene_at", "at_facility_at")
    np.testing.assert_allclose(there[~np.isnan(there)], own[~np.isnan(own)])
    assert all(scene.drive_there_s is None for scene in setup.scenes)


def test_crews_without_an_officer_do_not_inherit_what_police_took(city: City) -> None:
    civilians = City(ROADS, made_calls(), city.posts, "star", timezone="UTC", crs=str(ROADS.crs))
    auto = EvaluationSettings(replications=2, weeks=2)
    setup = history_setup(civilians, auto, civilians.calls, target_s=900, seed=1)
    assert setup.scenes[0].drive_there_s is None


def test_times_that_cannot_be_are_left_blank_with_a_count() -> None:
    made = made_calls(40)
    made.loc[0, "Departed Scene"] = made.loc[0, "arrived"] - pd.Timedelta(minutes=5)
    made.loc[1, "Arrived Hospital"] = made.loc[1, "cleared"] + pd.Timedelta(hours=1)
    posts = pd.DataFrame({"post_id": ["A"], "x": ROADS.node_x[:1], "y": ROADS.node_y[:1]})
    calls = City(ROADS, made, posts, "ride-along", timezone="UTC", crs=str(ROADS.crs)).calls
    said = [str(note) for note in calls.notes]
    assert any("left the scene before arrived" in note for note in said)
    assert any("at the facility before left the scene" in note for note in said)
    assert pd.isna(calls.frame.loc[0, "left_scene_at"])
    assert pd.isna(calls.frame.loc[1, "at_facility_at"])
