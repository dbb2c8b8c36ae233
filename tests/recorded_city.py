"""A made city whose units truly drive at another speed than the map's, with the times that it would record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from coresponse.coverage.replay.record import ReplayRun, scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import replay
from coresponse.coverage.replay.world import fleet, replay_roads
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.coverage.service.real_calls import real_calls
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.hours import WHOLE_WEEK, Period
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

GRID = street_grid(30, 30, seed=1, spacing_m=250)
POSTS = Posts(
    pd.DataFrame(
        {
            "post_id": ["A", "B", "C", "D"],
            "node": np.array([155, 355, 610, 745], dtype=np.int32),
        }
    ),
    GRID.crs,
    pd.DataFrame(),
)
TARGET_S = 900.0
DAYS = 120


def program() -> Program:
    made = load_program("star")
    (name,) = made.responder_types
    kind = made.responder_types[name].model_copy(update={"shift_patterns": ("always",)})
    return made.model_copy(update={"responder_types": {name: kind}})


PROGRAM = program()
(TYPE,) = PROGRAM.responder_types
KIND = PROGRAM.responder_types[TYPE]
TODAY = Deployment.of("today", {Option(TYPE, post, "always"): 1 for post in "ABC"})
PLANNED = Deployment.of("plan", {Option(TYPE, post, "always"): 1 for post in "ABCD"})


def bare_calls(n: int) -> CallHistory:
    rng = np.random.default_rng(3)
    received = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(
        np.sort(rng.integers(0, DAYS * 86_400, n)), unit="s"
    )
    blank = pd.Series(pd.NaT, index=range(n), dtype="datetime64[ns, UTC]")
    frame = pd.DataFrame(
        {
            "call_id": [f"C{k:05d}" for k in range(n)],
            "received_at": received,
            "dispatched_at": blank,
            "arrived_at": blank,
            "cleared_at": blank,
            "unit_id": "",
            "call_class": next(iter(KIND.eligible)),
            "node": rng.integers(0, GRID.n_nodes, n).astype(np.int32),
        }
    )
    nothing = pd.DataFrame()
    return CallHistory(frame, GRID.crs, "UTC", float(DAYS), Funnel(()), nothing, nothing)


def replayed(
    calls: CallHistory,
    deployment: Deployment,
    *,
    network: RoadNetwork = GRID,
    periods: tuple[Period, ...] = (WHOLE_WEEK,),
    count: int = 8,
    seed: int = 0,
) -> list[ReplayRun]:
    roads = replay_roads(network, POSTS, calls.frame["node"].to_numpy(), periods=periods)
    service, police = fit_service(None, PROGRAM), fit_police_arrival(None, PROGRAM)
    known = real_calls(calls, PROGRAM)
    scenes = [scenario(known, service, police, seed=seed + k) for k in range(count)]
    crews = fleet(deployment, PROGRAM, roads, Rules())
    return replay(crews, scenes, roads, PROGRAM, Rules(), workers=1)


def recorded(calls: CallHistory, deployment: Deployment, *, speed: float, seed: int) -> CallHistory:
    """Return what the agency would record: drives vary by a third around the true speed."""
    periods = (replace(WHOLE_WEEK, speed_factor=speed),)
    (run,) = replayed(calls, deployment, periods=periods, count=1, seed=seed)
    record, n = run.record, len(calls.frame)
    rng = np.random.default_rng(seed)
    noise = np.exp(0.35 * rng.standard_normal(n) - 0.35**2 / 2)
    arrived = record.arrived_s + record.drive_s * (noise - 1)
    labels = np.array([*run.fleet.labels(), ""], dtype=object)

    def stamps(seconds: np.ndarray) -> pd.Series:
        since = np.round(seconds - run.scenario.calls.received_s)
        return calls.frame["received_at"] + pd.to_timedelta(since, unit="s")

    frame = calls.frame.assign(
        dispatched_at=stamps(record.sent_s),
        arrived_at=stamps(arrived),
        cleared_at=stamps(np.maximum(record.cleared_s, arrived + 60)),
        unit_id=labels[record.server],
    )
    # police come to the rest, sooner than any crew
    police = record.server < 0
    frame.loc[police, "dispatched_at"] = frame.loc[police, "received_at"]
    frame.loc[police, "arrived_at"] = frame.loc[police, "received_at"] + pd.Timedelta("4min")
    frame.loc[police, "unit_id"] = "POLICE"
    return replace(calls, frame=frame)
