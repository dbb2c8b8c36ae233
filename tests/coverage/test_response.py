"""Response times against a loop over cells and options that follows the definition word for word."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from coresponse.coverage.cells import DemandCells, ResponseTable
from coresponse.coverage.demand import demand_cells
from coresponse.coverage.response import enumerate_options, response_table
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.errors import InputError
from coresponse.data.hours import Period, WeekHours, split_week
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

CITY = street_grid(6, 5, seed=2, spacing_m=900.0)
ZONE = "America/Chicago"

PROGRAM = """
extends = "mixed"
name = "all-kinds"

[responder_types.co_responder_unit]
post_kinds = ["police_station"]

[responder_types.on_call_clinician]
delay_min = 3
speed_factor = 0.5

[responder_types.fast_team]
title = "Team with lights and sirens"
kind = "civilian"
crew = { emt = 2 }
eligible = ["crisis_high", "welfare"]
delay_min = 1
speed_factor = 1.3
shift_patterns = ["late_10h", "always"]
post_kinds = ["fire_station", "police_station"]
busy_share = 0.3
vehicle_per_hour = 8
start_up = 100_000
overhead_share = 0.08

[responder_types.clinician_by_video]
title = "Clinician by video"
kind = "tele"
crew = { clinician = 1 }
eligible = ["crisis_low", "intoxication"]
delay_min = 4
speed_factor = 1
shift_patterns = ["day_10h"]
post_kinds = ["clinic"]
busy_share = 0.2
vehicle_per_hour = 0
start_up = 0
overhead_share = 0
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Responders of every kind, with speeds on both sides of 1."""
    file = tmp_path_factory.mktemp("program") / "program.toml"
    file.write_text(PROGRAM)
    return load_program(file)


def posts(*kinds: str) -> Posts:
    """Posts of these kinds, spread over the city."""
    node = np.linspace(0, CITY.n_nodes - 1, len(kinds)).astype(np.int32)
    frame = pd.DataFrame(
        {
            "post_id": [f"p{i}" for i in range(len(kinds))],
            "name": [f"Post {i}" for i in range(len(kinds))],
            "kind": list(kinds),
            "x": CITY.node_x[node],
            "y": CITY.node_y[node],
            "snap_m": 0.0,
            "node": node,
            "at_most": pd.array([pd.NA] * len(kinds), dtype="Int64"),
        }
    )
    return Posts(frame, CITY.crs, pd.DataFrame())


def cells_of(program: Program, *, seed: int = 0, n: int = 300, split: bool = True) -> DemandCells:
    """Demand from random calls, with a slow day and a fast night, split by the program's patterns or not."""
    rng = np.random.default_rng(seed)
    received = pd.Timestamp("2025-01-01", tz=ZONE) + pd.to_timedelta(
        rng.integers(0, 364 * 86_400, n), unit="s"
    )
    node = rng.integers(0, CITY.n_nodes, n).astype(np.int32)
    frame = pd.DataFrame(
        {
            "call_id": [str(i) for i in range(n)],
            "received_at": received,
            "call_class": rng.choice(list(program.call_classes), n),
            "x": CITY.node_x[node],
            "y": CITY.node_y[node],
            "node": node,
        }
    )
    calls = CallHistory(frame, CITY.crs, ZONE, 364.0, Funnel(()), pd.DataFrame(), pd.DataFrame())
    day = Period("day", WeekHours.parse("daily 07:00-19:00"), 0.7)
    night = Period("night", WeekHours.parse("daily 19:00-07:00"), 1.25)
    patterns = {name: pattern.hours for name, pattern in program.shift_patterns.items()}
    return demand_cells(
        calls, program, CITY, periods=split_week((day, night), patterns if split else {})
    )


def by_definition(
    program: Program,
    places: Posts,
    options: tuple[Option, ...],
    cells: DemandCells,
    reach_min: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Response time, and whether eligible and on duty, of each option and cell."""
    roads: nx.DiGraph[int] = nx.DiGraph()
    for u, v, s in zip(
        CITY.edge_from.tolist(), CITY.edge_to.tolist(), CITY.travel_s.tolist(), strict=True
    ):
        roads.add_edge(u, v, s=s)
    node_of = dict(zip(places.frame["post_id"], places.frame["node"].tolist(), strict=True))
    drives = {
        p: nx.single_source_dijkstra_path_length(roads, node, weight="s")
        for p, node in node_of.items()
    }
    response = np.full((len(options), cells.n), np.inf)
    serves = np.zeros((len(options), cells.n), dtype=bool)
    for i, option in enumerate(options):
        kind = program.responder_types[option.responder_type]
        hours = set(program.shift_patterns[option.shift_pattern].hours.hours)
        for c in range(cells.n):
            period = cells.periods[cells.period[c]]
            if (
                cells.class_names[cells.call_class[c]] not in kind.eligible
                or not set(period.hours.hours) <= hours
            ):
                continue
            serves[i, c] = True
            drive = (
                drives[option.post_id][int(cells.node[c])]
                / kind.speed_factor.value
                / period.speed_factor
            )
            if kind.kind == "tele":
                drive = 0.0
            if drive > reach_min * 60:
                continue
            response[i, c] = (
                program.standards.call_taking_min.value + kind.delay_min.value
            ) * 60 + drive
            if kind.needs_officer_first:
                response[i, c] = max(
                    response[i, c], program.standards.police_arrival_min.value * 60
                )
    return response, serves


def spread_out(table: ResponseTable) -> np.ndarray:
    """The table with a column a cell."""
    return table.response_s[:, table.column]


@pytest.mark.parametrize("reach_min", [60.0, 7.0, 2.5])
def test_every_option_and_cell_follows_the_definition(program: Program, reach_min: float) -> None:
    places = posts("police_station", "clinic", "fire_station", "police_station", "library")
    options = enumerate_options(program, places)
    cells = cells_of(program)
    table = response_table(CITY, places, program, options, cells, reach_min=reach_min)
    response, serves = by_definition(program, places, options, cells, reach_min)
    np.testing.assert_allclose(spread_out(table), response, rtol=1e-6)
    np.testing.assert_array_equal(table.serves[table.group][:, table.column], serves)
    assert table.options == options
    assert table.fallback_s == program.standards.fallback_min.value * 60
    # the case has all there is: officers awaited and not, calls out of reach if the limit is short
    police_s = program.standards.police_arrival_min.value * 60
    clinician = [o.responder_type == "on_call_clinician" for o in options]
    assert (response[clinician] == police_s).any()
    assert (
        reach_min == 2.5
        or (np.isfinite(response[clinician]) & (response[clinician] > police_s)).any()
    )
    assert (serves & np.isinf(response)).any() == (reach_min < 60)


def test_who_is_on_duty_for_a_part_of_a_period_only_is_not_counted_on(program: Program) -> None:
    places = posts("police_station", "clinic")
    options = enumerate_options(program, places)
    cells = cells_of(program, split=False)
    table = response_table(CITY, places, program, options, cells)
    response, serves = by_definition(program, places, options, cells, 60.0)
    np.testing.assert_allclose(spread_out(table), response, rtol=1e-6)
    np.testing.assert_array_equal(table.serves[table.group][:, table.column], serves)
    always = [o.shift_pattern == "always" for o in options]
    assert serves[always].any()
    assert not serves[~np.array(always)].any()


@pytest.mark.parametrize("preset", ["b-heard", "on-call", "ride-along", "star", "mixed", "cahoots"])
def test_the_presets_follow_the_definition(preset: str) -> None:
    known = load_program(preset)
    places = posts("police_station", "clinic", "fire_station")
    options = enumerate_options(known, places)
    cells = cells_of(known, seed=3, n=120)
    table = response_table(CITY, places, known, options, cells)
    response, _ = by_definition(known, places, options, cells, 60.0)
    np.testing.assert_allclose(spread_out(table), response, rtol=1e-6)
    assert np.isfinite(response).any()


def test_a_fast_type_is_not_cut_off_where_a_slow_one_gives_up(program: Program) -> None:
    places = posts("police_station")
    options = (Option("fast_team", "p0", "always"), Option("on_call_clinician", "p0", "always"))
    cells = cells_of(program)
    table = response_table(CITY, places, program, options, cells, reach_min=4.0)
    high = cells.call_class == cells.class_names.index("crisis_high")
    fast, slow = np.isfinite(spread_out(table)[:, high])
    assert (slow <= fast).all()
    assert slow.sum() < fast.sum() < high.sum()


def test_columns_hold_cells_that_every_option_sees_alike(program: Program) -> None:
    places = posts("police_station", "clinic", "fire_station", "police_station")
    cells = cells_of(program, n=2000)
    table = response_table(CITY, places, program, enumerate_options(program, places), cells)
    np.testing.assert_array_equal(table.column_node[table.column], cells.node)
    assert set(table.column.tolist()) == set(range(table.n_columns))
    assert table.n_columns < cells.n
    assert table.response_s.shape == (len(table.options), table.n_columns)


def test_a_one_way_street_is_driven_from_the_post_to_the_call() -> None:
    # around the block: 0 -> 1 takes a minute, 1 -> 0 three
    loop = RoadNetwork(
        crs="EPSG:32618",
        node_id=np.arange(3),
        node_x=np.array([0.0, 100.0, 100.0]),
        node_y=np.array([0.0, 0.0, 100.0]),
        edge_from=np.array([0, 1, 2], dtype=np.int32),
        edge_to=np.array([1, 2, 0], dtype=np.int32),
        length_m=np.full(3, 100, dtype=np.float32),
        travel_s=np.array([60, 90, 90], dtype=np.float32),
        road_class=np.zeros(3, dtype=np.int16),
        road_classes=("unclassified",),
        shape_start=np.arange(0, 7, 2),
        shape_xy=np.zeros((6, 2)),
    )
    star = load_program("star")
    places = posts("clinic")
    always = split_week((), {})
    one = np.array([1], dtype=np.int32)
    zero = np.zeros(1, dtype=np.int32)
    cells = DemandCells(
        one, zero.astype(np.int16), zero.astype(np.int16), zero - 1, np.ones(1), np.ones(1, dtype=np.int64),
        ("crisis_low",), np.ones(1), always, 1.0,
    )  # fmt: skip
    night_and_day = star.model_copy(
        update={"shift_patterns": {"star_hours": star.shift_patterns["star_hours"].model_copy(
            update={"hours": always[0].hours})}}
    )  # fmt: skip
    table = response_table(
        loop, places, night_and_day, enumerate_options(night_and_day, places), cells
    )
    kind = star.responder_types[table.options[0].responder_type]
    start = (star.standards.call_taking_min.value + kind.delay_min.value) * 60
    assert table.response_s[0, 0] == pytest.approx(start + 60 / kind.speed_factor.value)


def test_options_are_the_posts_of_a_types_kinds(program: Program) -> None:
    places = posts("police_station", "clinic", "library")
    assert enumerate_options(program, places) == (
        Option("clinician_by_video", "p1", "day_10h"),
        Option("co_responder_unit", "p0", "day_10h"),
        Option("co_responder_unit", "p0", "late_10h"),
        Option("fast_team", "p0", "always"),
        Option("fast_team", "p0", "late_10h"),
        Option("on_call_clinician", "p0", "always"),
        Option("on_call_clinician", "p1", "always"),
        Option("on_call_clinician", "p2", "always"),
    )


def test_options_nowhere_if_no_post_is_of_the_right_kind(program: Program) -> None:
    only_video = program.model_copy(
        update={
            "responder_types": {"clinician_by_video": program.responder_types["clinician_by_video"]}
        }
    )
    assert enumerate_options(only_video, posts("library", "fire_station")) == ()


def test_rows_of_a_deployment_and_of_one_that_is_not_on_offer(program: Program) -> None:
    places = posts("police_station", "clinic")
    table = response_table(
        CITY, places, program, enumerate_options(program, places), cells_of(program, n=50)
    )
    wanted = (table.options[4], table.options[1])
    rows = table.rows(Deployment.of("today", dict.fromkeys(wanted, 2)))
    assert [table.options[row] for row in rows] == sorted(wanted)
    assert len(table.rows(Deployment("nobody"))) == 0
    with pytest.raises(InputError, match=r"today: no such option.*p9"):
        table.rows(Deployment.of("today", {Option("fast_team", "p9", "always"): 1}))


def test_search_reports_progress(program: Program) -> None:
    said: list[tuple[str, float, float]] = []
    places = posts("police_station", "clinic", "library")
    response_table(
        CITY,
        places,
        program,
        enumerate_options(program, places),
        cells_of(program, n=20),
        progress=lambda stage, done, total: said.append((stage, done, total)),
    )
    assert said[-1] == ("travel times", 3, 3)


def test_program_file_is_the_one_meant(program: Program, tmp_path: Path) -> None:
    # the loop above would not notice a file whose figures did not arrive
    assert program.responder_types["on_call_clinician"].needs_officer_first
    assert program.responder_types["fast_team"].speed_factor.value == 1.3
    assert program.responder_types["clinician_by_video"].kind == "tele"
