"""Plans for standards by area and class equal brute force over all deployments; judges count each call by its own."""

from __future__ import annotations

import itertools
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coresponse.coverage.area import service
from coresponse.coverage.measures import measure
from coresponse.data.city import City
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.data.standards import AreaTarget, Standard
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluate, evaluation_setup
from coresponse.optimize.goals.goal import FewestUnits, Floor, ShareInTime, WorstDistrict
from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.yardstick import Yardstick
from tests.optimize.small_cities import case_of, city, every_deployment

UNIT = "co_responder_unit"


def strips(of: City) -> Districts:
    """Three districts from west to east; the easternmost calls are outside all."""
    x, y = of.roads.node_x, of.roads.node_y
    edges = np.linspace(x.min() - 1, x.max() - 400, 4)
    shapes = [shapely.box(a, y.min() - 1, b, y.max() + 1) for a, b in itertools.pairwise(edges)]
    names = ["west", "middle", "east"]
    return Districts(
        gpd.GeoDataFrame(
            {"district_id": names, "name": names, "population": 100.0},
            geometry=shapes,
            crs=of.roads.crs,
        )
    )


STANDARD = Standard(
    15 * 60.0,
    (
        AreaTarget("urban", 14 * 60.0, (("crisis_high", 12 * 60.0),)),
        AreaTarget("rural", 20 * 60.0),
    ),
    (0, 0, 1),
    share=0.8,
)


def asked(seed: int, **others: object) -> Case:
    made = city(seed, types=1, n_posts=4)
    made = replace(made, districts=strips(made))
    limits = Limits(units={UNIT: 2})
    return case_of(made, limits=limits, standards=STANDARD, **others)


def late_by_hand(case: Case, counts: np.ndarray, busy: float = 0.0) -> pd.DataFrame:
    """One row a demand cell: its weight, district, class, standard, and the chance that it is late."""
    table, cells = case.table, case.table.cells
    rows = []
    for k in range(cells.n):
        waits = sorted(
            float(table.response_s[o, table.column[k]])
            for o in np.flatnonzero(counts)
            for _ in range(counts[o])
        )
        name = cells.class_names[cells.class_names.index(cells.class_names[cells.call_class[k]])]
        place = int(cells.district[k])
        area = STANDARD.areas[STANDARD.area_of_district[place]] if place >= 0 else None
        within = 900.0 if area is None else dict(area.by_class).get(name, area.target_s)
        chance, late = 1.0, 0.0
        for wait in waits:
            late += chance * (1 - busy) * (min(wait, table.fallback_s) > within)
            chance *= busy
        rows.append(
            {
                "calls": cells.calls_per_week[k],
                "weight": cells.objective_weight[k],
                "district": place,
                "class": name,
                "late": late + chance,
            }
        )
    return pd.DataFrame(rows)


def share(frame: pd.DataFrame, weight: str = "calls") -> float:
    return float((frame[weight] * frame["late"]).sum() / frame[weight].sum())


@pytest.mark.parametrize("busy", [0.0, 0.3])
def test_goals_and_floors_by_area_equal_brute_force(busy: float) -> None:
    case = asked(3, goal=ShareInTime(), busy="free" if not busy else {UNIT: busy})
    told = {UNIT: busy} if busy else None
    problem = case.problem(told)
    every = every_deployment(len(case.options), 2)
    tables = [late_by_hand(case, counts, busy) for counts in every]
    statement = case.statement(problem)
    for counts, table in zip(every, tables, strict=True):
        assert case.value(problem, counts) == pytest.approx(share(table, "weight"), abs=1e-6)
    found = optimize_once(case, busy_share=told).solution
    assert found.objective == pytest.approx(min(share(t, "weight") for t in tables), abs=1e-5)

    worst = case.with_(goal=WorstDistrict(of="share_late", min_calls=0))
    by_hand = [max(share(own) for d, own in t.groupby("district") if d >= 0) for t in tables]
    found = optimize_once(worst, busy_share=told).solution
    assert found.objective == pytest.approx(min(by_hand), abs=1e-5)

    least = float(np.median([one for one in by_hand if one < 1]))
    floored = case.with_(floors=(Floor(share_in_time=1 - least, min_calls=0),))
    allowed = [
        share(t, "weight") for t, w in zip(tables, by_hand, strict=True) if w <= least + 1e-9
    ]
    found = optimize_once(floored, busy_share=told).solution
    assert found.objective == pytest.approx(min(allowed), abs=1e-5)
    assert any("their area's standard" in name for name in floored.broken(problem, 0 * every[0]))
    assert statement.within(None) == "within their area's standard"


def test_fewest_units_for_a_share_within_the_areas_standard() -> None:
    case = asked(4, busy="free", goal=ShareInTime()).with_(units={UNIT: 4})
    shares = {
        n: min(
            share(late_by_hand(case, counts)) for counts in every_deployment(len(case.options), n)
        )
        for n in (1, 2, 3)
    }
    promised = 1 - (shares[1] + shares[2]) / 2
    found = optimize_once(case.with_(goal=FewestUnits(share=promised))).solution
    assert found.objective == pytest.approx(2 if shares[2] < shares[1] else 1)


def test_every_judge_counts_each_call_by_its_own_standard() -> None:
    case = asked(5, goal=ShareInTime(), busy="free")
    counts = np.zeros(len(case.options), dtype=np.int64)
    counts[[0, 2]] = 1
    setup = evaluation_setup(case)
    found = evaluate(case, case.deployment(counts), setup=setup, keep_calls=True)
    by_hand = late_by_hand(case, counts)
    assert found.nearest.figure("share_in_time") == pytest.approx(1 - share(by_hand), abs=1e-6)
    area = by_hand["district"].map({0: "urban", 1: "urban", 2: "rural", -1: ""})
    replay = found.replay
    assert replay is not None
    assert replay.by_area is not None
    # the replay, call by call
    runs = setup.replay(case.deployment(counts))
    calls = pd.concat(
        [
            pd.DataFrame(
                {
                    "district": run.scenario.calls.district,
                    "class": np.array(run.scenario.calls.class_names)[
                        run.scenario.calls.call_class
                    ],
                    "s": run.response_s(),
                    "k": k,
                }
            )
            for k, run in enumerate(runs)
        ]
    )
    calls["area"] = calls["district"].map({0: "urban", 1: "urban", 2: "rural", -1: ""})
    within = calls["area"].map({"urban": 840.0, "rural": 1200.0, "": 900.0})
    within[(calls["area"] == "urban") & (calls["class"] == "crisis_high")] = 720.0
    calls["in_time"] = calls["s"] <= within
    each = calls.groupby(["k", "area"])["in_time"].mean().groupby("area").mean()
    for name, value in each.items():
        assert replay.by_area.loc[name, "share_in_time"] == pytest.approx(value, abs=1e-9)
    whole = calls.groupby("k")["in_time"].mean().mean()
    assert replay.figure("share_in_time").mean == pytest.approx(whole, abs=1e-9)
    assert replay.met is not None
    assert replay.met.in_time.mean() == pytest.approx(calls["in_time"].mean())
    # areas of the map, if the nearest were free
    figures, _ = service(
        case.table,
        case.deployment(counts),
        np.zeros(case.table.cells.n, dtype=np.int64),
        case.table.cells.calls_per_week,
        case.standard,
        n=1,
    )
    assert figures["share_in_time"].iloc[0] == pytest.approx(1 - share(by_hand), abs=1e-6)
    assert set(area) == {"urban", "rural", ""}
    # promises of the search in the replay: each call by its own standard
    floored = case.with_(floors=(Floor(by="all", share_in_time=0.5),))
    yard = Yardstick(floored, runs[0].scenario.calls.class_names)
    from coresponse.coverage.replay.quick import QuickReplay  # noqa: PLC0415

    scene = QuickReplay.of(setup, case.options).scene(runs[0].scenario)
    wait = np.where(np.isfinite(runs[0].response_s()), runs[0].response_s(), np.inf)
    late = 1 - calls.loc[calls["k"] == 0, "in_time"].mean()
    assert yard.promised(scene, wait)[0] == pytest.approx(late)


def test_one_standard_for_all_takes_the_place_of_those_by_area() -> None:
    case = asked(6)
    assert case.with_(target_min=12.0).standards is None
    assert case.with_(target_min=12.0).standard == 720.0
    assert (
        measure(
            case.table,
            case.deployment(np.zeros(len(case.options), dtype=np.int64)),
            target_s=case.standard,
        ).figure("share_in_time")
        == 0
    )
    long = replace(STANDARD, other_s=1e6)
    with pytest.raises(InputError, match="fallback_min under"):
        case.with_(standards=long).check()
