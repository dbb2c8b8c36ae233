"""Replay against the exact hypercube; measures, funnel, bands, judges side by side.

Honest tests of plans.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.demand import demand_cells
from coresponse.coverage.drawn_calls import draw_calls
from coresponse.coverage.measures import measure
from coresponse.coverage.queueing.judge import queueing_measures
from coresponse.coverage.queueing.solve import solve_queue
from coresponse.coverage.queueing.system import QueueSystem
from coresponse.coverage.replay.bands import Interval, interval, interval_table
from coresponse.coverage.replay.funnel import STEPS, funnel
from coresponse.coverage.replay.holdout import bootstrap_days, split_by_time
from coresponse.coverage.replay.measures import replay_measures
from coresponse.coverage.replay.record import Scenario, scenario
from coresponse.coverage.replay.rules import Reason, Rules
from coresponse.coverage.replay.run import replay
from coresponse.coverage.replay.world import delay_spread, fleet, replay_roads
from coresponse.coverage.response import enumerate_options, response_table
from coresponse.coverage.service.arrival_model import WEEK_S
from coresponse.coverage.service.arrivals import fit_arrivals
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.errors import InputError
from coresponse.data.hours import WHOLE_WEEK
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.roads.made import street_grid
from coresponse.data.sourced import SourcedNumber

NETWORK = street_grid(12, 12, seed=1, spacing_m=400.0)
POSTS = Posts(
    pd.DataFrame(
        {
            "post_id": ["A", "B", "C"],
            "kind": "station",
            "node": np.array([0, 66, 143], dtype=np.int32),
        }
    ),
    NETWORK.crs,
    pd.DataFrame(),
)


def made_history(n: int, *, weeks: int, seed: int = 1) -> CallHistory:
    rng = np.random.default_rng(seed)
    received = pd.Timestamp("2024-01-01", tz="America/New_York") + pd.to_timedelta(
        np.sort(rng.uniform(0, weeks * WEEK_S - 7200, n)), unit="s"
    )
    frame = pd.DataFrame(
        {
            "call_id": [f"C{k}" for k in range(n)],
            "received_at": received,
            "call_class": rng.choice(
                ["crisis_low", "crisis_high", "not_eligible"], n, p=[0.6, 0.2, 0.2]
            ),
            "node": rng.integers(0, NETWORK.n_nodes, n).astype(np.int32),
        }
    )
    return CallHistory(
        frame,
        NETWORK.crs,
        "America/New_York",
        weeks * 7.0,
        Funnel(()),
        pd.DataFrame(),
        pd.DataFrame(),
    )


def simple(program: Program, **kind: object) -> Program:
    """A preset with one type, around the clock."""
    (name,) = program.responder_types
    always = {"shift_patterns": ("always",), **kind}
    return program.model_copy(
        update={"responder_types": {name: program.responder_types[name].model_copy(update=always)}}
    )


PROGRAM = simple(load_program("star"))
(TYPE,) = PROGRAM.responder_types
CALLS = made_history(2_000, weeks=10)
DEPLOYMENT = Deployment.of("two", {Option(TYPE, "A", "always"): 1, Option(TYPE, "C", "always"): 2})


def table_for(program: Program, calls: CallHistory = CALLS) -> ResponseTable:
    cells = demand_cells(calls, program, NETWORK, periods=[WHOLE_WEEK])
    return response_table(NETWORK, POSTS, program, enumerate_options(program, POSTS), cells)


def scenes(program: Program, *, weeks: int, count: int) -> list[Scenario]:
    arrivals = fit_arrivals(CALLS, program)
    service, police = fit_service(None, program), fit_police_arrival(None, program)
    return [
        scenario(draw_calls(arrivals, weeks=weeks, seed=k), service, police, seed=1_000 + k)
        for k in range(count)
    ]


def test_replay_under_markov_assumptions_agrees_with_the_exact_hypercube() -> None:
    # constant Poisson arrivals, exponential service; drives in microseconds keep the dispatch order
    # and add nothing to the service, and units are home at once
    rng = np.random.default_rng(11)
    table = table_for(PROGRAM)
    cells, tiny = table.cells, 1e-6
    kind = PROGRAM.responder_types[TYPE].model_copy(
        update={"delay_min": SourcedNumber(value=0.0), "speed_factor": SourcedNumber(value=1.0)}
    )
    instant = PROGRAM.model_copy(
        update={
            "responder_types": {TYPE: kind},
            "standards": PROGRAM.standards.model_copy(
                update={"call_taking_min": SourcedNumber(value=0.0)}
            ),
        }
    )
    roads = replay_roads(NETWORK, POSTS, cells.node, between=True)
    drive_s = roads.arrays.out_s.T.astype(np.float64)
    roads.arrays.out_s[:] *= tiny
    roads.arrays.home_s[:] = 0.0
    units = fleet(DEPLOYMENT, instant, roads, Rules())
    service = fit_service(None, instant)
    rate, hours = 3 * cells.calls_per_week / 168, service.mean_by_class_s()[0] / 3600
    response = drive_s[[0, 2]][:, roads.places(cells.node)]
    exact = solve_queue(
        QueueSystem(np.array([1, 2]), rate, response, np.full(response.shape, hours)),
        method="exact",
    )
    mixture = exact.response()
    p90 = mixture.quantile_s(0.9)
    weeks, found = 200, []
    for k in range(20):
        n = rng.poisson(rate.sum() * weeks * 168)
        cell = rng.choice(cells.n, n, p=rate / rate.sum())
        received = np.sort(rng.uniform(0, weeks * WEEK_S, n))
        calls = ReplayCalls(
            cells.class_names,
            received,
            cells.node[cell],
            cells.district[cell],
            cells.call_class[cell],
            None,
            float(weeks),
            0.0,
        )
        scene = scenario(calls, service, fit_police_arrival(None, instant), seed=k)
        nothing = np.zeros(n, dtype=np.float32)
        whole = rng.exponential(hours * 3600, n).astype(np.float32)
        scene = replace(scene, on_scene_s=whole, transport_s=nothing, paperwork_s=nothing)
        run = replay(units, [scene], roads, instant, Rules())[0]
        sent = run.record.server >= 0
        drive = run.record.drive_s[sent] / tiny
        busy = run.busy_s.sum(axis=1) / (weeks * WEEK_S)
        found.append(
            [
                1 - sent.mean(),
                drive.mean(),
                (drive <= p90 * 1.0001).mean(),
                (drive < 200).mean(),
                busy[0],
                busy[1:].mean(),
            ]
        )
    expected = [
        exact.lost_share,
        mixture.mean_s(),
        mixture.share_within(p90),
        mixture.share_within(200.0),
        *exact.busy_share,
    ]
    assert 0.05 < exact.lost_share < 0.5
    for column, value in enumerate(expected):
        # six figures are tested at once
        ours = interval([row[column] for row in found], confidence=0.99)
        assert ours.holds(value), (column, ours, value)
        assert ours.high - ours.low < 0.03 * value  # the band is narrow enough to tell


def test_with_units_that_are_never_busy_queueing_is_the_deterministic_judgement() -> None:
    calls = made_history(40, weeks=400)
    table = table_for(PROGRAM, calls)
    plain = measure(table, DEPLOYMENT, target_s=900.0)
    queued = queueing_measures(table, DEPLOYMENT, PROGRAM, target_s=900.0)
    for column in ("reached_per_week", "in_time_per_week", "mean_s", "mean_with_fallback_s"):
        assert queued.figure(column) == pytest.approx(plain.figure(column), rel=0.002), column
    assert queued.units["busy_share"].max() < 0.01
    assert queued.units["calls_per_week"].sum() == pytest.approx(queued.figure("reached_per_week"))


def test_every_call_is_reached_or_lost_for_a_reason() -> None:
    table = table_for(PROGRAM)
    for deployment in (DEPLOYMENT, Deployment("nobody")):
        found = queueing_measures(table, deployment, PROGRAM, target_s=900.0)
        for frame in (found.overall, found.by_class, found.by_district, found.by_period):
            parts = frame[
                ["reached_per_week", "closed_per_week", "out_of_reach_per_week", "busy_per_week"]
            ].sum(axis=1)
            np.testing.assert_allclose(parts, frame["calls_per_week"], rtol=1e-9)
    assert found.name == "nobody"
    assert found.figure("closed_per_week") == pytest.approx(found.figure("calls_per_week"))
    assert found.busy_share == {}


def test_the_funnel_loses_nothing() -> None:
    roads = replay_roads(NETWORK, POSTS, CALLS.frame["node"].to_numpy(), between=False)
    rules = Rules(driving_home="from_post")
    day = PROGRAM.model_copy(
        update={
            "responder_types": {
                TYPE: PROGRAM.responder_types[TYPE].model_copy(
                    update={
                        "shift_patterns": tuple(PROGRAM.shift_patterns),
                        "police_backup_share": SourcedNumber(value=0.5),
                    }
                )
            }
        }
    )
    pattern = next(name for name in day.shift_patterns if name != "always")
    units = fleet(Deployment.of("day", {Option(TYPE, "A", pattern): 2}), day, roads, rules)
    runs = replay(units, scenes(day, weeks=4, count=3), roads, day, rules)
    rows = funnel(runs, day)
    assert tuple(row.step for row in rows) == STEPS
    for before, after in pairwise(rows):
        assert after.calls.mean + sum(b.mean for _, b in after.lost) == pytest.approx(
            before.calls.mean
        )
    reasons = {reason for row in rows for reason, _ in row.lost}
    assert {
        "closed hours: no eligible unit on duty",
        "all eligible units busy",
        "nobody found on scene",
    } <= reasons
    assert {"no responder type takes the call", "the crew asked for police"} <= reasons
    contact, alone = rows[-2].calls.mean, rows[-1].calls.mean
    assert alone == pytest.approx(contact / 2, rel=0.15)
    found = replay_measures(runs, day, target_s=900.0)
    assert found.funnel == rows
    freed = alone * day.workload.substitution_share.value * day.workload.officer_min.value / 60
    assert found.officer_hours_freed.mean == pytest.approx(freed)
    assert found.follow_ups_made.mean <= found.follow_ups_due.mean <= contact
    by_hour = found.utilization_by_hour
    on = day.shift_patterns[pattern].hours.mask().reshape(7, 24).any(axis=0)
    assert (by_hour.notna().to_numpy() == on).all()
    assert found.units["overtime_h_per_week"].min() > 0
    everything = funnel(runs, day, a_week=False)
    assert everything[0].calls.mean == pytest.approx(4 * rows[0].calls.mean)


def test_deployments_are_compared_on_the_same_random_numbers() -> None:
    roads = replay_roads(NETWORK, POSTS, CALLS.frame["node"].to_numpy(), between=False)
    rules = Rules(driving_home="from_post")
    some = scenes(PROGRAM, weeks=2, count=2)
    one, two = (
        replay(
            fleet(Deployment.of("d", {Option(TYPE, post, "always"): 9}), PROGRAM, roads, rules),
            some,
            roads,
            PROGRAM,
            rules,
        )
        for post in ("A", "C")
    )
    for a, b in zip(one, two, strict=True):
        both = (a.record.reason == Reason.SENT) & (b.record.reason == Reason.SENT)
        assert both.mean() > 0.95
        np.testing.assert_allclose(
            (a.record.cleared_s - a.record.contact_s)[both],
            (b.record.cleared_s - b.record.contact_s)[both],
            atol=1e-6,
        )


def test_a_tele_clinician_serves_several_at_once_without_a_drive() -> None:
    tele = simple(PROGRAM, kind="tele", sessions=3)
    roads = replay_roads(NETWORK, POSTS, CALLS.frame["node"].to_numpy(), between=False)
    units = fleet(Deployment.of("tele", {Option(TYPE, "A", "always"): 1}), tele, roads, Rules())
    assert units.n == 3
    assert units.unit.tolist() == [0, 0, 0]
    run = replay(
        units, scenes(tele, weeks=4, count=1), roads, tele, Rules(driving_home="from_post")
    )[0]
    sent = run.record.server >= 0
    assert run.record.drive_s[sent].max() == 0
    wait = (tele.standards.call_taking_min.value + tele.responder_types[TYPE].delay_min.value) * 60
    assert run.response_s()[sent] == pytest.approx(wait)
    found = replay_measures([run], tele, target_s=900.0)
    assert len(found.units) == 1
    assert 0 < found.units["utilization"].iloc[0] < 1
    assert np.isnan(found.figure("mean_s").low)  # one replication has no band


def test_facilities_and_delays() -> None:
    nodes = CALLS.frame["node"].to_numpy()
    plain = replay_roads(NETWORK, POSTS, nodes, between=False)
    with_hospital = replay_roads(
        NETWORK, POSTS, nodes, between=False, facility_nodes=np.array([143])
    )
    assert (plain.arrays.facility == -1).all()
    assert (with_hospital.arrays.facility == 0).all()
    assert with_hospital.arrays.to_facility_s[with_hospital.places(np.array([143]))[0]] == 0
    with pytest.raises(InputError, match="not made for"):
        replay_roads(NETWORK, POSTS, np.array([1, 2]), between=False).places(np.array([5]))
    on_call = load_program("on-call").responder_types["clinician_by_day"]
    spread = delay_spread(on_call)
    drawn = np.random.default_rng(1).lognormal(np.log(20) - spread**2 / 2, spread, 200_000)
    assert drawn.mean() == pytest.approx(20, rel=0.01)
    assert np.quantile(drawn, 0.9) == pytest.approx(30, rel=0.01)
    assert delay_spread(PROGRAM.responder_types[TYPE]) == 0.0
    with pytest.raises(InputError, match="lack"):
        fleet(Deployment.of("bad", {Option(TYPE, "Z", "always"): 1}), PROGRAM, plain, Rules())
    with pytest.raises(InputError, match="drives between places"):
        replay(
            fleet(DEPLOYMENT, PROGRAM, plain, Rules()),
            scenes(PROGRAM, weeks=1, count=1),
            plain,
            PROGRAM,
            Rules(),
        )


def test_bands() -> None:
    found = interval([1.0, 2.0, 3.0, np.nan])
    assert (found.mean, found.replications) == (2.0, 3)
    # Student's t with 2 degrees of freedom
    assert found.high - 2 == pytest.approx(4.302653 / np.sqrt(3), rel=1e-6)
    assert found.holds(2.4)
    assert not found.holds(5.0)
    assert np.isnan(interval([]).mean)
    assert interval([3.0]) == Interval(
        3.0, pytest.approx(np.nan, nan_ok=True), pytest.approx(np.nan, nan_ok=True), 1
    )
    one, two = (
        pd.DataFrame({"x": [1.0, 2.0]}, index=["a", "b"]),
        pd.DataFrame({"x": [3.0, 9.0]}, index=["a", "c"]),
    )
    table = interval_table([one, two])
    assert table.index.tolist() == ["a", "b", "c"]
    assert table["x"].tolist() == [2.0, 2.0, 9.0]
    rng = np.random.default_rng(1)
    inside = [interval(rng.exponential(2.0, (20, 100)).mean(axis=1)).holds(2.0) for _ in range(300)]
    assert 0.90 < np.mean(inside) < 0.99


def test_a_history_is_split_by_time_and_by_days() -> None:
    first, rest = split_by_time(CALLS, share=0.7)
    assert len(first.frame) + len(rest.frame) == len(CALLS.frame)
    assert first.frame["received_at"].max() < rest.frame["received_at"].min()
    assert (first.days, rest.days) == (49.0, 21.0)
    with pytest.raises(InputError, match="14 days"):
        split_by_time(made_history(50, weeks=1))
    drawn = list(bootstrap_days(CALLS, samples=200, seed=1))  # whole weeks: ten, not 70, to draw
    for again, left_out in drawn:
        assert set(again.frame["received_at"].dt.date).isdisjoint(
            left_out.frame["received_at"].dt.date
        )
        assert again.days == 70.0
        assert again.frame["call_id"].is_unique
        per_weekday = again.frame["received_at"].dt.day_of_week.value_counts()
        assert per_weekday.min() > 0.5 * len(again.frame) / 7
    assert np.mean([left.days for _, left in drawn]) == pytest.approx(70 * (1 - 0.1) ** 10, rel=0.1)
    same = next(bootstrap_days(CALLS, samples=1, seed=1))[0]
    pd.testing.assert_frame_equal(same.frame, drawn[0][0].frame)


def test_nobody_deployed_leaves_every_call_to_police() -> None:
    roads = replay_roads(NETWORK, POSTS, CALLS.frame["node"].to_numpy(), between=False)
    rules = Rules(driving_home="from_post")
    runs = replay(
        fleet(Deployment("nobody"), PROGRAM, roads, rules),
        scenes(PROGRAM, weeks=1, count=2),
        roads,
        PROGRAM,
        rules,
    )
    assert all((run.record.reason == Reason.NOT_IN_DEPLOYMENT).all() for run in runs)
    found = replay_measures(runs, PROGRAM, target_s=900.0)
    assert found.figure("share_reached").mean == 0
    assert found.units.empty
    assert found.figure("mean_with_fallback_s").mean == pytest.approx(
        PROGRAM.standards.fallback_min.value * 60
    )
