"""What a study's rule for busy units does to the queueing figures: followed, or said not to be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.demand import demand_cells
from coresponse.coverage.drawn_calls import draw_calls
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.measures import measure
from coresponse.coverage.queueing.erlang import erlang_c
from coresponse.coverage.queueing.judge import NO_QUEUE_NOTE, queueing_measures
from coresponse.coverage.replay.measures import replay_measures
from coresponse.coverage.replay.record import scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import replay
from coresponse.coverage.replay.world import fleet, replay_roads
from coresponse.coverage.response import enumerate_options, response_table
from coresponse.coverage.service.arrivals import fit_arrivals
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.hours import WHOLE_WEEK
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.roads.made import street_grid
from coresponse.publish.evaluation import publish_evaluation

STREETS = street_grid(6, 6, seed=4, spacing_m=700)
POSTS = Posts(
    pd.DataFrame(
        {
            "post_id": ["A", "B"],
            "name": "",
            "kind": "",
            "x": STREETS.node_x[[0, 35]],
            "y": STREETS.node_y[[0, 35]],
            "snap_m": 0.0,
            "node": np.array([0, 35], dtype=np.int32),
            "at_most": pd.array([pd.NA, pd.NA], dtype="Int64"),
        }
    ),
    STREETS.crs,
    pd.DataFrame(),
)


def one_type(**changes: object) -> Program:
    program = load_program("cahoots")
    (name,) = program.responder_types
    kind = program.responder_types[name].model_copy(update=changes)
    return program.model_copy(update={"responder_types": {name: kind}})


PROGRAM = one_type()
(TYPE,) = PROGRAM.responder_types
WAIT = Rules(when_busy="queue")


def history(calls_a_week: int, weeks: int = 10) -> CallHistory:
    rng = np.random.default_rng(1)
    n = calls_a_week * weeks
    at = np.sort(rng.uniform(0, weeks * 7 * 86_400, n))
    start = pd.Timestamp("2026-01-05", tz="America/New_York")
    frame = pd.DataFrame(
        {
            "call_id": [f"C{k}" for k in range(n)],
            "received_at": start + pd.to_timedelta(np.floor(at), unit="s"),
            "call_class": "crisis_low",
            "node": rng.integers(0, STREETS.n_nodes, n).astype(np.int32),
        }
    )
    return CallHistory(
        frame,
        STREETS.crs,
        "America/New_York",
        weeks * 7.0,
        Funnel(()),
        pd.DataFrame(),
        pd.DataFrame(),
    )


CALLS = history(240)
UNITS = Deployment.of("two", {Option(TYPE, "A", "always"): 1, Option(TYPE, "B", "always"): 1})


def table(program: Program = PROGRAM, calls: CallHistory = CALLS) -> ResponseTable:
    cells = demand_cells(calls, program, STREETS, periods=[WHOLE_WEEK])
    return response_table(STREETS, POSTS, program, enumerate_options(program, POSTS), cells)


def test_calls_that_wait_reach_the_queueing_figures() -> None:
    lost = queueing_measures(table(), UNITS, PROGRAM, target_s=900.0)
    waits = queueing_measures(table(), UNITS, PROGRAM, target_s=900.0, rules=WAIT)
    assert (lost.discipline, waits.discipline) == ("loss", "queue")
    assert lost.note == waits.note == ""
    assert lost.figure("share_reached") < 0.95
    assert waits.figure("share_reached") == pytest.approx(1.0)
    assert waits.figure("mean_s") > lost.figure("mean_s")
    # all work is done: each unit is busy for its half of what is offered
    service = fit_service(None, PROGRAM).mean_by_class_s()[0] / 3600
    drive = waits.units["busy_share"].mean() * 2 / (240 / 168) - service
    assert 0.1 < drive < 0.4  # start and drive, hours


def test_the_figures_of_a_queue_are_near_the_replay_of_one() -> None:
    """Service is no exponential in the replay, so the wait is shorter there; who waits is the same."""
    waits = queueing_measures(table(), UNITS, PROGRAM, target_s=1_500.0, rules=WAIT)
    rules = WAIT.model_copy(update={"driving_home": "from_post"})
    roads = replay_roads(STREETS, POSTS, CALLS.frame["node"].to_numpy(), between=False)
    roads.arrays.home_s[:] = 0.0  # at home at once, as the queueing model has it
    arrivals = fit_arrivals(CALLS, PROGRAM)
    arrivals.rate_per_h[:] = arrivals.rate_per_h.mean(axis=1, keepdims=True)
    service, police = fit_service(None, PROGRAM), fit_police_arrival(None, PROGRAM)
    scenes = [
        scenario(draw_calls(arrivals, weeks=40, seed=k), service, police, seed=1_000 + k)
        for k in range(4)
    ]
    units = fleet(UNITS, PROGRAM, roads, rules)
    found = replay_measures(replay(units, scenes, roads, PROGRAM, rules), PROGRAM, target_s=1_500.0)
    ours, theirs = waits.figure("share_in_time"), float(found.overall["share_in_time"].iloc[0])
    assert ours == pytest.approx(theirs, abs=0.03)
    assert waits.figure("mean_s") == pytest.approx(float(found.overall["mean_s"].iloc[0]), rel=0.12)
    lost = queueing_measures(table(), UNITS, PROGRAM, target_s=1_500.0)
    assert abs(lost.figure("share_reached") - 1) > 0.05  # the other rule would be far off


def test_one_post_waits_as_erlang_says() -> None:
    program = one_type()
    pair = Deployment.of("pair", {Option(TYPE, "A", "always"): 2})
    found = queueing_measures(table(program), pair, program, target_s=900.0, rules=WAIT)
    busy = float(found.units["busy_share"].iloc[0])
    lost = queueing_measures(table(program), pair, program, target_s=900.0)
    # of two like units all calls wait with Erlang's chance; response without a wait is the drive
    wait_h = erlang_c(2 * busy, 2) / (2 * (1 - busy)) * (2 * busy / (240 / 168))
    assert found.figure("mean_s") - lost.figure("mean_s") == pytest.approx(wait_h * 3600, rel=1e-6)


@pytest.mark.parametrize(
    ("rules", "calls_a_week", "why"),
    [
        (WAIT.model_copy(update={"patience_min": 30.0}), 240, "give up"),
        (WAIT, 900, "outrun"),
    ],
)
def test_where_the_model_has_no_answer_it_says_so(
    rules: Rules, calls_a_week: int, why: str
) -> None:
    demand = table(calls=history(calls_a_week))
    found = queueing_measures(demand, UNITS, PROGRAM, target_s=900.0, rules=rules)
    plain = queueing_measures(demand, UNITS, PROGRAM, target_s=900.0)
    assert found.discipline == "loss"
    assert found.note.startswith(NO_QUEUE_NOTE)
    assert why in found.note
    pd.testing.assert_frame_equal(found.overall, plain.overall)


def test_priorities_and_calls_that_only_some_units_take_are_named() -> None:
    classes = dict(PROGRAM.call_classes)
    classes["welfare"] = classes["welfare"].model_copy(update={"priority": 2})
    ranked = PROGRAM.model_copy(update={"call_classes": classes})
    by_priority = WAIT.model_copy(update={"queue_order": "priority"})
    found = queueing_measures(table(ranked), UNITS, ranked, target_s=900.0, rules=by_priority)
    assert "by priority" in found.note
    same = queueing_measures(table(), UNITS, PROGRAM, target_s=900.0, rules=by_priority)
    alike = {PROGRAM.call_classes[name].priority for name in table().cells.class_names}
    assert (same.discipline == "queue") == (len(alike) == 1)
    kind = PROGRAM.responder_types[TYPE]
    two = PROGRAM.model_copy(
        update={
            "responder_types": {
                TYPE: kind,
                "other": kind.model_copy(update={"eligible": ("welfare",)}),
            }
        }
    )
    calls = history(240)
    calls.frame.loc[calls.frame.index[::2], "call_class"] = "welfare"
    mixed = Deployment.of(
        "mixed", {Option(TYPE, "A", "always"): 1, Option("other", "B", "always"): 1}
    )
    partly = queueing_measures(table(two, calls), mixed, two, target_s=900.0, rules=WAIT)
    assert "only to some of the calls" in partly.note


def test_who_reads_the_figures_is_told_why_they_do_not_follow_the_rule() -> None:
    demand = table(calls=history(900))
    nearest = measure(demand, UNITS, target_s=900.0)
    for rules, told in ((WAIT, True), (Rules(), False)):
        busy = queueing_measures(demand, UNITS, PROGRAM, target_s=900.0, rules=rules)
        shown = publish_evaluation(Evaluation(UNITS, nearest, busy, None), PROGRAM)
        assert any("calls outrun the units" in note for note in shown.notes) == told
        assert not any(digit in " ".join(shown.notes) for digit in "0123456789")
