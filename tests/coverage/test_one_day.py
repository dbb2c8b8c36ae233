"""What units do moment by moment, against drives searched by another library and the replay's own sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra

from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.one_day import Moments, moments
from coresponse.coverage.replay.record import ReplayRun, scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import replay_once
from coresponse.coverage.replay.world import fleet, replay_roads
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.hours import HOURS_A_WEEK, Period, WeekHours
from tests.recorded_city import GRID, PLANNED, POSTS, PROGRAM, TODAY

FACILITIES = np.array([40, 820], dtype=np.int32)
PERIODS = (
    Period("day", WeekHours.parse("daily 07:00-19:00"), 0.8),
    Period("night", WeekHours.parse("daily 19:00-07:00"), 1.0),
)
RULES = (
    Rules(driving_home="from_post"),
    Rules(driving_home="on_the_way", return_speed_factor=0.5),
    Rules(driving_home="from_post", when_busy="queue", patience_min=20.0),
)


def played(rules: Rules, n: int = 400) -> tuple[ReplayRun, ReplayRoads]:
    """Return a busy week of made calls, one in some taken to a facility."""
    rng = np.random.default_rng(5)
    service, police = fit_service(None, PROGRAM), fit_police_arrival(None, PROGRAM)
    names = service.class_names
    calls = ReplayCalls(
        class_names=names,
        received_s=np.sort(rng.uniform(0, HOURS_A_WEEK * 3600, n)),
        node=rng.integers(0, GRID.n_nodes, n).astype(np.int32),
        district=np.full(n, -1, dtype=np.int32),
        call_class=rng.integers(0, len(names), n).astype(np.int16),
        call_id=None,
        weeks=1.0,
        not_eligible=0.0,
    )
    scene = scenario(calls, service, police, seed=7)
    taken = np.where(rng.random(n) < 0.4, 1500.0, 0.0).astype(np.float32)
    scene = replace(scene, transport_s=taken)
    roads = replay_roads(
        GRID, POSTS, calls.node, periods=PERIODS, facility_nodes=FACILITIES,
        between=rules.driving_home == "on_the_way",
    )  # fmt: skip
    units = fleet(PLANNED if rules.when_busy == "police" else TODAY, PROGRAM, roads, rules)
    return replay_once(units, scene, roads, PROGRAM, rules), roads


@pytest.fixture(scope="module", params=RULES, ids=lambda rules: rules.driving_home)
def day(request: pytest.FixtureRequest) -> tuple[Rules, ReplayRun, Moments]:
    run, roads = played(request.param)
    return request.param, run, moments(run, roads, PROGRAM, request.param)


def test_moments_follow_each_other_and_no_unit_is_at_two_calls(
    day: tuple[Rules, ReplayRun, Moments],
) -> None:
    _, run, found = day
    sent = found.server >= 0
    assert sent.sum() > 50
    times = np.stack(
        [
            run.scenario.calls.received_s, found.sent_s, found.leaves_s, found.arrived_s,
            found.contact_s, found.left_scene_s, found.cleared_s, found.home_s,
        ]
    )[:, sent]  # fmt: skip
    assert (np.diff(times, axis=0) >= -1e-3).all()
    taken = found.facility >= 0
    assert taken.any()
    assert (found.left_scene_s[taken] <= found.at_facility_s[taken]).all()
    assert (found.at_facility_s[taken] <= found.cleared_s[taken]).all()
    for server in range(run.fleet.n):
        of_unit = np.flatnonzero(found.server == server)
        order = of_unit[np.argsort(found.sent_s[of_unit])]
        assert (found.sent_s[order][1:] >= found.cleared_s[order][:-1] - 1e-6).all()
        busy = (found.cleared_s - found.sent_s)[of_unit].sum()
        assert busy == pytest.approx(run.busy_s[server].sum(), rel=1e-6)


def test_drives_are_as_long_as_another_search_says(day: tuple[Rules, ReplayRun, Moments]) -> None:
    rules, run, found = day
    matrix = GRID.travel_matrix()
    posts = POSTS.frame["node"].to_numpy()
    out = dijkstra(matrix, indices=posts)
    to = {
        "post": dijkstra(matrix.T.tocsr(), indices=posts),
        "facility": dijkstra(matrix.T.tocsr(), indices=FACILITIES),
    }
    factor = np.where(PERIODS[0].hours.mask(), 0.8, 1.0)
    free_since = np.full(run.fleet.n, -np.inf)
    for k in np.argsort(np.nan_to_num(found.sent_s, nan=np.inf)):
        server, node = found.server[k], run.scenario.calls.node[k]
        if server < 0:
            continue
        post = run.fleet.arrays.post[server]
        pace = run.fleet.arrays.speed[0] * factor[int(found.sent_s[k] // 3600) % HOURS_A_WEEK]
        drive = found.arrived_s[k] - found.leaves_s[k]
        if found.sent_s[k] >= free_since[server]:  # from its post
            assert drive == pytest.approx(out[post, node] / pace, abs=0.1)
        assert found.leaves_s[k] - found.sent_s[k] == pytest.approx(
            run.fleet.arrays.delay_s[0], abs=0.1
        )
        last = node
        if found.facility[k] >= 0:
            last = FACILITIES[found.facility[k]]
            assert to["facility"][:, node].argmin() == found.facility[k]
            there = found.at_facility_s[k] - found.left_scene_s[k]
            assert there == pytest.approx(to["facility"][:, node].min() / pace, abs=0.1)
        home = found.home_s[k] - found.cleared_s[k]
        back = to["post"][post, last] / (pace * rules.return_speed_factor)
        assert home == pytest.approx(back, abs=0.1)
        free_since[server] = found.home_s[k]


def test_calls_left_to_police_are_left_when_nobody_can_be_sent_or_patience_ends(
    day: tuple[Rules, ReplayRun, Moments],
) -> None:
    rules, run, found = day
    left = found.server < 0
    assert left.any()
    told = run.scenario.calls.received_s + PROGRAM.standards.call_taking_min.value * 60
    waited = (found.police_s - told)[left]
    assert np.isnan(found.police_s[~left]).all()
    if rules.patience_min is None:
        assert waited == pytest.approx(0.0)
    else:
        assert (waited >= 0).all()
        assert waited.max() > 60
