"""Types, posts and hours chosen together, against every deployment that the limits allow, counted call by call."""

from __future__ import annotations

import itertools
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.demand import demand_cells
from coresponse.coverage.response import enumerate_options, response_table
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.hours import Period, WeekHours, split_week
from coresponse.data.limits import Limits
from coresponse.data.options import Option
from coresponse.data.posts import Posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.roads.made import street_grid
from coresponse.optimize.build import problem_from
from coresponse.optimize.objective import MeanTime
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solve import solve

CITY = street_grid(6, 5, seed=4, spacing_m=1500.0)
WEEKS = 52.0
SPEED = {"day": 0.7, "night": 1.25}
LARGEST = 4
PROGRAM = """
extends = "mixed"
name = "shifts"
[responder_types.co_responder_unit]
shift_patterns = ["day_8h", "swing_8h", "night_8h", "weekdays_8h", "late_week_10h"]
[responder_types.on_call_clinician]
shift_patterns = ["on_call_nights", "on_call_weekends"]
"""

Case = tuple[Program, Posts, CallHistory, ResponseTable]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A program whose responders may be bought on seven patterns of the library."""
    file: Path = tmp_path_factory.mktemp("program") / "program.toml"
    file.write_text(PROGRAM)
    return load_program(file)


def made(program: Program, seed: int, *, nights: float = 0.4) -> Case:
    """Two posts, 250 calls of which a share `nights` is at night, and the table of what can be bought."""
    rng = np.random.default_rng(seed)
    n = 250
    day = rng.integers(0, 364, n)
    hour = np.where(
        rng.random(n) < nights, (19 + rng.integers(0, 12, n)) % 24, 7 + rng.integers(0, 12, n)
    )
    received = pd.Timestamp("2025-01-06") + pd.to_timedelta(day * 24 + hour, unit="h")
    node = rng.integers(0, CITY.n_nodes, n).astype(np.int32)
    frame = pd.DataFrame(
        {
            "call_id": [str(i) for i in range(n)],
            "received_at": received.tz_localize("America/Phoenix"),
            "call_class": rng.choice(["crisis_low", "welfare"], n),
            "x": CITY.node_x[node],
            "y": CITY.node_y[node],
            "node": node,
        }
    )
    calls = CallHistory(
        frame, CITY.crs, "America/Phoenix", WEEKS * 7, Funnel(()), pd.DataFrame(), pd.DataFrame()
    )
    at = rng.choice(CITY.n_nodes, 2, replace=False).astype(np.int32)
    posts = Posts(
        pd.DataFrame(
            {
                "post_id": ["a", "b"],
                "name": ["A", "B"],
                "kind": ["police_station"] * 2,
                "x": CITY.node_x[at],
                "y": CITY.node_y[at],
                "snap_m": 0.0,
                "node": at,
                "at_most": pd.array([pd.NA] * 2, dtype="Int64"),
            }
        ),
        CITY.crs,
        pd.DataFrame(),
    )
    periods = (
        Period("day", WeekHours.parse("daily 07:00-19:00"), SPEED["day"]),
        Period("night", WeekHours.parse("daily 19:00-07:00"), SPEED["night"]),
    )
    used = {name for kind in program.responder_types.values() for name in kind.shift_patterns}
    split = split_week(periods, {name: program.shift_patterns[name].hours for name in used})
    cells = demand_cells(calls, program, CITY, periods=split)
    table = response_table(CITY, posts, program, enumerate_options(program, posts), cells)
    return program, posts, calls, table


def waits(case: Case) -> np.ndarray:
    """Return (options, calls) seconds until each option's responder is there.

    60 min where nobody comes.
    """
    program, posts, calls, table = case
    roads: nx.DiGraph[int] = nx.DiGraph()
    for u, v, s in zip(
        CITY.edge_from.tolist(), CITY.edge_to.tolist(), CITY.travel_s.tolist(), strict=True
    ):
        roads.add_edge(u, v, s=s)
    node_of = dict(zip(posts.frame["post_id"], posts.frame["node"].tolist(), strict=True))
    drives = {
        p: nx.single_source_dijkstra_path_length(roads, node, weight="s")
        for p, node in node_of.items()
    }
    out = np.full((len(table.options), len(calls.frame)), 3600.0)
    for i, option in enumerate(table.options):
        hours = set(program.shift_patterns[option.shift_pattern].hours.hours)
        on_call = option.responder_type == "on_call_clinician"
        for c, (received, node) in enumerate(
            zip(calls.frame["received_at"], calls.frame["node"], strict=True)
        ):
            if received.day_of_week * 24 + received.hour in hours:
                speed = SPEED["day" if 7 <= received.hour < 19 else "night"]
                seconds = (2 + (25 if on_call else 2)) * 60 + drives[option.post_id][
                    int(node)
                ] / 0.8 / speed
                out[i, c] = min(3600.0, max(seconds, 600.0) if on_call else seconds)
    return out


def worked_out(program: Program, option: Option) -> tuple[float, float, float]:
    """Dollars a year, staff hours a week and clinicians of one responder, from the presets' figures."""
    week = program.shift_patterns[option.shift_pattern].hours.count
    year = week * 365.25 / 7
    if option.responder_type == "on_call_clinician":
        staff, vehicle, crew = year * 5 + year / 24 * 2 * 1.5 * 58, 1.0, 1
    else:
        staff, vehicle, crew = year * (85 + 58), 8.0, 2
    return staff * (1 + 1.15 / 9 + 0.08) + year * vehicle, week * crew, year / 1698


def least(case: Case, limits: Limits, busy: dict[str, float]) -> float:
    """Return the least mean wait of all deployments of up to four responders within the limits."""
    program, _, _, table = case
    wait = waits(case)
    needs = [worked_out(program, option) for option in table.options]
    best = np.inf
    for size in range(LARGEST + 1):
        for chosen in itertools.combinations_with_replacement(range(len(table.options)), size):
            cost, hours, clinicians = (
                np.sum([needs[o] for o in chosen], axis=0) if chosen else (0.0, 0.0, 0.0)
            )
            kinds = [table.options[o].responder_type for o in chosen]
            if (
                (limits.budget_per_year is not None and cost > limits.budget_per_year)
                or (limits.staff_hours_per_week is not None and hours > limits.staff_hours_per_week)
                or clinicians > limits.roles.get("clinician", 99)
                or any(kinds.count(kind) > most for kind, most in limits.units.items())
            ):
                continue
            best = min(best, expected(wait[list(chosen)], [busy.get(kind, 0.0) for kind in kinds]))
    return best


def expected(wait: np.ndarray, busy: list[float]) -> float:
    """Mean wait where the nearest free responder goes."""
    share = np.array(busy)[:, None]
    order = np.argsort(wait, axis=0)
    total, nobody = np.zeros(wait.shape[1]), np.ones(wait.shape[1])
    for rank in order:
        here = np.take_along_axis(wait, rank[None, :], axis=0)[0]
        q = share[rank, 0]
        total += nobody * (1 - q) * here
        nobody *= q
    return float((total + nobody * 3600.0).mean())


UNITS = {"co_responder_unit": 3, "on_call_clinician": 1}
ASKED = {
    "budget": Limits(units=UNITS, budget_per_year=1_200_000),
    "small budget": Limits(units=UNITS, budget_per_year=620_000),
    "clinicians": Limits(units=UNITS, roles={"clinician": 5}),
    "staff hours": Limits(units=UNITS, staff_hours_per_week=290),
    "all": Limits(
        units=UNITS, roles={"clinician": 6}, staff_hours_per_week=310, budget_per_year=1_300_000
    ),
}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "busy", [{}, {"co_responder_unit": 0.35, "on_call_clinician": 0.2}], ids=["free", "busy"]
)
def test_types_posts_and_hours_are_the_best_of_all(
    program: Program, name: str, seed: int, busy: dict[str, float]
) -> None:
    case = made(program, seed)
    _, posts, _, table = case
    problem = problem_from(table, program, posts, ASKED[name], busy_share=busy)
    found = solve(problem, MeanTime(), stop=Stop(gap=1e-6))
    assert found.status is Status.PROVEN
    # response times are held in 32 bits
    assert found.objective == pytest.approx(least(case, ASKED[name], busy), rel=2e-6)


def test_the_limits_of_these_cases_bind(program: Program) -> None:
    case = made(program, 1)
    free = least(case, Limits(units=UNITS), {})
    assert all(least(case, limits, {}) > free + 1 for limits in ASKED.values())


def test_hours_follow_the_calls(program: Program) -> None:
    one = Limits(units={"co_responder_unit": 1, "on_call_clinician": 0})
    bought = {}
    for nights in (0.0, 1.0):
        _, posts, _, table = made(program, 3, nights=nights)
        found = solve(problem_from(table, program, posts, one), MeanTime())
        bought[nights] = table.options[int(np.flatnonzero(found.counts)[0])].shift_pattern
    assert bought == {0.0: "day_8h", 1.0: "night_8h"}
