"""One real day.

Manhattan's crisis events against a B-HEARD-like deployment, with every loss explained.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from coresponse.coverage.replay.funnel import funnel
from coresponse.coverage.replay.measures import replay_measures
from coresponse.coverage.replay.record import scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import replay
from coresponse.coverage.replay.world import fleet, replay_roads
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.coverage.service.real_calls import real_calls
from coresponse.data.calls.read import read_calls
from coresponse.data.options import Deployment, Option
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.read import read_roads


def test_a_manhattan_day_with_six_teams(shared_data: Path) -> None:
    folder = shared_data / "manhattan"
    program = load_program("b-heard")
    network = read_roads(folder / "roads_hive_wheel.json")
    calls = read_calls(
        [folder / "calls_nypd_2021-07-04.csv"],
        network=network,
        program=program,
        timezone="America/New_York",
    )
    posts = read_posts(folder / "ems_stations.csv", network=network, kind="station")
    hospitals = read_posts(folder / "hospitals.csv", network=network, kind="hospital")
    real = real_calls(calls, program)
    assert real.n == 111  # of 114 events; the others are more than 500 m from these roads
    hospital_nodes = hospitals.frame["node"].to_numpy()
    roads = replay_roads(network, posts, real.node, facility_nodes=hospital_nodes)
    stations = sorted(posts.frame["post_id"])[:6]
    six = Deployment.of(
        "six teams", {Option("bheard_team", post, "bheard_hours"): 1 for post in stations}
    )
    # crews work as the program says; the recorded times are those of police
    service, police = (
        fit_service(calls, program, basis="program"),
        fit_police_arrival(calls, program),
    )
    assert police.observed > 80
    scenes = [scenario(real, service, police, seed=k) for k in range(50)]
    runs = replay(fleet(six, program, roads, Rules()), scenes, roads, program, Rules())
    rows = {row.step: row for row in funnel(runs, program, a_week=False)}
    for before, after in pairwise(rows.values()):
        assert after.calls.mean + sum(lost.mean for _, lost in after.lost) == pytest.approx(
            before.calls.mean
        )
    assert rows["eligible"].calls.mean == 111
    hour = (real.received_s // 3600).astype(int) % 24
    # teams work 09:00 to 01:00; call taking moves nobody over the edge
    closed = int(((hour >= 1) & (hour < 9)).sum())
    assert dict(rows["on duty"].lost)[
        "closed hours: no eligible unit on duty"
    ].mean == pytest.approx(closed, abs=1)
    busy = dict(rows["unit free"].lost)["all eligible units busy"]
    assert 25 < busy.low < busy.mean < busy.high < 50
    met = rows["sent"].calls.mean * (1 - program.service_outcomes["no_contact"].share.value)
    assert rows["contact"].calls.mean == pytest.approx(met, rel=0.05)
    found = replay_measures(runs, program, target_s=15 * 60)
    # no unit stands still on such a day; its hours are those of that Sunday
    assert found.units["utilization"].between(0.6, 1.0).all()
    frame = runs[0].frame()
    assert (
        frame["result"]
        .isin(["sent", "all eligible units busy", "closed hours: no eligible unit on duty"])
        .all()
    )
    assert np.isnan(frame.loc[frame["result"] != "sent", "response_min"]).all()
