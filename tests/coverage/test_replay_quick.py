"""The quick replay of many deployments gives each call the wait that the full replay gives it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage import evaluate
from coresponse.coverage.ahead import compile_replay, to_compile
from coresponse.coverage.evaluation_setup import history_setup
from coresponse.coverage.replay.kernel import _run
from coresponse.coverage.replay.quick import QuickReplay
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.city import City
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid

STREETS = street_grid(8, 8, seed=5, spacing_m=700)
NODES = np.array([0, 30, 63], dtype=np.int32)


def city() -> City:
    rng, n = np.random.default_rng(2), 600
    frame = pd.DataFrame({"post_id": ["A", "B", "C"], "name": "", "kind": "station"})
    frame["x"], frame["y"] = STREETS.node_x[NODES], STREETS.node_y[NODES]
    frame["snap_m"], frame["node"] = 0.0, NODES
    frame["at_most"] = pd.array([pd.NA] * 3, dtype="Int64")
    at = np.sort(rng.uniform(0, 14 * 86_400, n))
    start = pd.Timestamp("2026-01-05", tz="America/New_York")
    node = rng.integers(0, STREETS.n_nodes, n).astype(np.int32)
    calls = pd.DataFrame({"call_id": [f"C{k}" for k in range(n)]})
    calls["received_at"] = start + pd.to_timedelta(np.floor(at), unit="s")
    for name in ("dispatched_at", "arrived_at", "cleared_at"):
        calls[name] = pd.Series(pd.NaT, index=calls.index, dtype=calls["received_at"].dtype)
    for name in ("nature", "channel", "priority"):
        calls[name] = ""
    calls["call_class"] = rng.choice(["crisis_low", "crisis_high", "welfare"], n)
    calls["x"], calls["y"], calls["snap_m"] = STREETS.node_x[node], STREETS.node_y[node], 0.0
    calls["node"] = node
    nothing = pd.DataFrame()
    history = CallHistory(
        calls, STREETS.crs, "America/New_York", 14.0, Funnel(()), nothing, nothing
    )
    return City(STREETS, history, Posts(frame, STREETS.crs, nothing), load_program("mixed"))


@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules(driving_home="true_position", return_speed_factor=0.7),
        Rules(when_busy="queue", patience_min=40, driving_home="from_post"),
    ],
)
def test_quick_waits_are_those_of_the_full_replay(rules: Rules) -> None:
    town = city()
    settings = EvaluationSettings(replications=2, rules=rules)
    setup = history_setup(town, settings, town.calls, target_s=900.0, seed=3)
    unit = "co_responder_unit"
    options = [Option(unit, "A", "day_10h"), Option(unit, "C", "late_10h")]
    options += [Option("on_call_clinician", "B", "always")]
    counts = np.array([2, 1, 1])
    quick = QuickReplay.of(setup, options)
    deployment = Deployment.of(
        "some", {option: int(k) for option, k in zip(options, counts, strict=True)}
    )
    for run, scene in zip(setup.replay(deployment), setup.scenes, strict=True):
        found = quick.replay(quick.scene(scene), counts)
        wait = np.where(run.record.server >= 0, run.response_s(), np.inf)
        np.testing.assert_allclose(found.wait_s, wait, rtol=1e-9)
        assert found.calls.sum() == (run.record.server >= 0).sum()
        assert found.busy_h.sum() == pytest.approx(run.busy_s.sum() / 3600)
        assert (run.record.server >= 0).any()


@pytest.mark.parametrize("driving_home", ["on_the_way", "from_post", "true_position"])
def test_drives_worked_out_once_are_those_of_each_deployment(
    driving_home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = city()
    town.posts.frame.loc[1, "kind"] = "hospital"
    settings = EvaluationSettings(replications=2, rules=Rules(driving_home=driving_home))
    setup = history_setup(town, settings, town.calls, target_s=900.0, seed=3)
    once = setup.with_drives_from({"A", "B", "C"})
    some = {"C", "A"}
    fresh = setup.roads_from(some)
    if driving_home != "true_position":  # whose ways home are of the posts together
        monkeypatch.setattr(evaluate, "replay_roads", None)
    part = once.roads_from(some)
    assert part.post_ids == fresh.post_ids == ("A", "C")
    assert len(part.arrays.facility_home_s) == 1
    arrays, theirs = part.arrays._asdict(), fresh.arrays._asdict()
    ways, their_ways = arrays.pop("ways"), theirs.pop("ways")
    for array, other in zip(
        [*arrays.values(), *ways], [*theirs.values(), *their_ways], strict=True
    ):
        np.testing.assert_array_equal(array, other)


def test_a_post_that_has_moved_has_drives_of_its_own() -> None:
    town = city()
    settings = EvaluationSettings(replications=2)
    setup = history_setup(town, settings, town.calls, target_s=900.0, seed=3)
    once = setup.with_drives_from({"A", "B"})
    town.posts.frame.loc[0, "node"] = 7
    moved = once.roads_from({"A"})
    np.testing.assert_array_equal(moved.arrays.out_s, setup.roads_from({"A"}).arrays.out_s)
    assert (moved.arrays.out_s != once.drives.arrays.out_s[:, :1]).any()


def test_the_replay_compiled_ahead_is_the_one_that_is_called() -> None:
    town = city()
    settings = EvaluationSettings(replications=2)
    setup = history_setup(town, settings, town.calls, target_s=900.0, seed=3)
    option = Option("co_responder_unit", "A", "day_10h")
    setup.replay(Deployment.of("one", {option: 1}))
    quick = QuickReplay.of(setup, [option])
    quick.replay(quick.scene(setup.scenes[0]), np.array([1]))
    called = list(_run.signatures)  # type: ignore[attr-defined]  # numba's
    compile_replay()
    assert _run.signatures == called  # type: ignore[attr-defined]
    assert "replay" not in to_compile()
