"""What the what-if page is told.

Moved posts, changed assumptions, stops, and plans that outlive everything.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from coresponse.app.base import base
from coresponse.app.changes import FilesRead
from coresponse.app.desk import Desk
from coresponse.app.plans import PlanStore
from coresponse.app.prepared import PreparedStudy, prepare
from coresponse.app.question import Question, case_for, study_question
from coresponse.app.reach import reach_of_post
from coresponse.app.solving import find
from coresponse.coverage.response import response_table
from coresponse.data.errors import InputError
from coresponse.data.hashes import sha256
from coresponse.data.posts_move import snap_place
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.memo import MadeOf, Memo
from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.solution import Step
from coresponse.study.folder import open_study
from coresponse.study.read import read_study


@pytest.fixture(scope="module")
def study() -> PreparedStudy:
    return prepare(open_study(sample_folder()))


def quiet(step: Step) -> None:
    del step


def asked(study: PreparedStudy, **changes: Any) -> Question:
    return Question(**(study_question(study.case).model_dump() | {"busy": "free"} | changes))


def degrees(study: PreparedStudy, x: float, y: float) -> tuple[float, float]:
    lon, lat = pyproj.Transformer.from_crs(
        study.case.city.roads.crs, "EPSG:4326", always_xy=True
    ).transform(x, y)
    return float(lon), float(lat)


def test_no_call_is_in_what_workers_and_page_are_given(study: PreparedStudy) -> None:
    assert len(study.case.city.calls.frame) == 0
    assert study.calls.startswith("about ")


def test_moved_posts_have_the_response_times_of_a_study_with_posts_there(
    study: PreparedStudy,
) -> None:
    network = study.case.city.roads
    moved = {
        "P01": degrees(study, network.node_x[10] + 3, network.node_y[10] - 2),
        "P09": degrees(study, network.node_x[900], network.node_y[900]),
    }
    case = study.case.with_(moved=moved)
    posts, table, still_there = case.world.posts, case.table, study.case.table
    assert posts.frame.set_index("post_id")["node"].loc[["P01", "P09"]].tolist() == [10, 900]
    whole = response_table(
        network,
        posts,
        case.program,
        still_there.options,
        still_there.cells,
        reach_min=case.reach_limit_min,
    )
    np.testing.assert_array_equal(table.response_s, whole.response_s)
    assert not np.array_equal(table.response_s, still_there.response_s)
    still = [i for i, option in enumerate(table.options) if option.post_id not in moved]
    np.testing.assert_array_equal(table.response_s[still], still_there.response_s[still])


def test_a_post_put_back_on_its_own_node_changes_nothing(study: PreparedStudy) -> None:
    network, frame = study.case.city.roads, study.case.city.posts.frame
    at = {
        p: degrees(study, network.node_x[n], network.node_y[n])
        for p, n in zip(frame["post_id"], frame["node"], strict=True)
    }
    np.testing.assert_array_equal(
        study.case.with_(moved=at).table.response_s, study.case.table.response_s
    )


def test_a_place_without_roads_is_refused(study: PreparedStudy) -> None:
    roads = study.case.city.roads
    with pytest.raises(InputError, match="no road within 500 m"):
        snap_place(roads, -73.0, 40.0, snap_max_m=500.0)
    place = snap_place(roads, *degrees(study, roads.node_x[5], roads.node_y[5]), snap_max_m=500.0)
    assert place.node == 5
    assert place.snap_m == pytest.approx(0, abs=0.5)


def test_reach_of_a_post_by_hand(study: PreparedStudy) -> None:
    rows = [i for i, option in enumerate(study.case.table.options) if option.post_id == "P05"]
    cells = study.case.table.cells
    best = study.case.table.response_s[rows].min(axis=0)[study.case.table.column]
    share = cells.calls_per_week[best <= 15 * 60].sum() / cells.calls_per_week.sum()
    assert reach_of_post(study.case, "P05") == pytest.approx(share, abs=0.0005)  # as it is shown
    assert reach_of_post(study.case, "none") is None


@pytest.mark.parametrize("speed", [0.7, 1.2])
def test_other_speeds_are_those_of_a_study_with_them(study: PreparedStudy, speed: float) -> None:
    told = read_study(study.folder).case.with_(speed=speed).table
    table = Desk(study).case(asked(study, speed=speed, demand=2.0)).table
    np.testing.assert_array_equal(table.response_s, told.response_s)
    np.testing.assert_allclose(
        table.cells.calls_per_week, 2 * study.case.table.cells.calls_per_week
    )


def test_finds_what_the_planner_finds(study: PreparedStudy) -> None:
    question = asked(study)
    found = find(Desk(study), question, watch=quiet)
    best = optimize_once(case_for(study.case, question))
    assert found["objective"] == pytest.approx(best.solution.objective, rel=1e-6)
    assert found["status"] == "proven optimal"
    assert found["bought"] == [[*option, count] for option, count in best.deployment.counts]
    judged = Desk(study).evaluate(question, [tuple(row) for row in found["bought"]])
    assert judged["figures"] == found["figures"]
    assert judged["areas"] == found["areas"]


def test_pins_and_limits_are_kept(study: PreparedStudy) -> None:
    free = find(Desk(study), asked(study), watch=quiet)
    used = {row[1] for row in free["bought"]}
    barred = min(used)
    pinned = min(set(study.case.city.posts.frame["post_id"]) - used)
    found = find(Desk(study), asked(study, posts_must=[pinned], posts_not=[barred]), watch=quiet)
    posts = {row[1] for row in found["bought"]}
    assert pinned in posts
    assert barred not in posts
    assert found["objective"] > free["objective"]
    fewer = find(
        Desk(study),
        asked(study, units={"co_responder_unit": 2, "on_call_clinician": 0}),
        watch=quiet,
    )
    assert sum(row[3] for row in fewer["bought"]) == 2


def test_limits_that_clash_are_answered_with_why(study: PreparedStudy) -> None:
    found = find(Desk(study), asked(study, budget_per_year=1.0, posts_must=["P01"]), watch=quiet)
    assert not found["found"]
    assert found["status"] == "infeasible"
    assert found["clash"]


def test_a_stop_keeps_the_best_found(study: PreparedStudy) -> None:
    desk = Desk(replace_gap(study))
    seen: list[Step] = []

    def watch(step: Step) -> None:
        seen.append(step)
        if np.isfinite(step.incumbent):
            desk.stopping = True

    found = find(desk, asked(study, busy="stated", busy_share=0.5, time_limit_s=300), watch=watch)
    assert found["stopped"]
    assert found["found"]
    assert found["status"] == "best found"
    assert found["objective"] <= seen[-1].incumbent * (1 + 1e-6)
    assert found["bound"] is None or found["bound"] <= found["objective"]
    assert found["seconds"] < 60


def replace_gap(study: PreparedStudy) -> PreparedStudy:
    solver = study.case.solver.model_copy(update={"gap": 0.0, "busy_gap": 0.0})
    return replace(study, case=study.case.with_(solver=solver))


def test_water_and_parks_lie_beneath_the_areas(study: PreparedStudy) -> None:
    network = study.case.city.roads
    middle = shapely.Point(float(np.median(network.node_x)), float(np.median(network.node_y)))
    lake = gpd.GeoDataFrame(geometry=[middle.buffer(1000)], crs=network.crs)
    dry, wet = (
        base(replace(study, case=study.case.with_(city=replace(study.case.city, water=w, parks=w))))
        for w in (None, lake)
    )
    assert dry["water"] == dry["parks"] == []
    assert len(wet["water"]) == len(wet["parks"]) == 1
    # areas are cut at the shore, and none is lost: plans have a figure for each
    assert len(wet["areas"]) == len(dry["areas"])
    assert [a["g"] for a in wet["areas"]] != [a["g"] for a in dry["areas"]]


def test_small_districts_show_nothing(study: PreparedStudy) -> None:
    cells = study.case.table.cells
    # all of the first district's calls but those of one cell are given to the next, and so are
    # those outside all districts, which would be hidden with them and have no row on the page
    at = np.flatnonzero(cells.district == 0)
    one = at[np.argmin(cells.calls[at])]
    assert cells.calls[one] < 11
    district = np.where(
        (cells.district <= 0) & (np.arange(cells.n) != one), 1, cells.district
    ).astype(np.int32)
    case = replace(study.case, memo=Memo())
    table = replace(study.case.base_table, cells=replace(cells, district=district))
    case.memo.put("table", case.travel_of, table)
    case.memo.put("fitted", MadeOf((case.city.calls,)), (study.case.service,))
    small = replace(study, case=case)
    today = [(*o, n) for o, n in study.case.city.today.counts] if study.case.city.today else []
    rows = {d["id"]: d for d in Desk(small).evaluate(asked(study), today)["districts"]}
    hidden = [d for d in rows.values() if d["calls"] == "too few to show"]
    assert len(hidden) >= 2
    assert all(d["share_in_time"] is None and d["wait_s"] is None for d in hidden)


def test_plans_outlive_the_store(tmp_path: Path) -> None:
    store = PlanStore(tmp_path)
    first = store.add({"status": "x", "found": True}, "")
    second = store.add({"status": "y"}, "named")
    assert [p["name"] for p in PlanStore(tmp_path).summaries()] == ["Plan 1", "named"]
    assert store.change(first, name="other")
    assert PlanStore(tmp_path).get(first)["name"] == "other"
    assert store.delete(second)
    assert not store.delete(second)
    assert not store.change(second, name="z")
    assert [p["id"] for p in PlanStore(tmp_path).summaries()] == [first]


def test_files_that_are_no_plans_are_passed_over(tmp_path: Path) -> None:
    store = PlanStore(tmp_path)
    kept = store.add({"status": "x"}, "kept")
    text = (tmp_path / "plans" / f"{kept}.json").read_text(encoding="utf-8")
    for name, content in (
        ("a" * 16, text[: len(text) // 2]),
        ("b" * 16, "[1]"),
        ("c" * 16, text),
        ("d" * 16, json.dumps({"schema": 99, "id": "d" * 16})),
        ("not-an-id", text),
        ("e" * 16, "[" * 100_000),
    ):
        (tmp_path / "plans" / f"{name}.json").write_text(content, encoding="utf-8")
    assert [p["id"] for p in PlanStore(tmp_path).summaries()] == [kept]


def test_a_folder_of_plans_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "plans").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="not a folder of its own"):
        PlanStore(tmp_path / "study")


def test_a_plan_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PlanStore(tmp_path)
    kept = store.add({"status": "x"}, "kept")
    monkeypatch.setattr(
        Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(OSError, match="No space"):
        store.add({"status": "y"}, "lost")
    with pytest.raises(OSError, match="No space"):
        store.change(kept, name="changed")
    monkeypatch.undo()
    assert [(p["id"], p["name"]) for p in store.summaries()] == [(kept, "kept")]
    assert len(list((tmp_path / "plans").iterdir())) == 1


def test_files_are_changed_if_they_hold_something_else(tmp_path: Path) -> None:
    hashes = {}
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
        hashes[name] = sha256(tmp_path / name)
    read = FilesRead(tmp_path, hashes)
    assert read.changed() == []
    os.utime(tmp_path / "a.csv", ns=(1, 1))  # touched, and the same
    (tmp_path / "b.csv").write_text("B.csv", encoding="utf-8")
    (tmp_path / "c.csv").unlink()
    assert read.changed() == ["b.csv", "c.csv"]
    (tmp_path / "b.csv").write_text("b.csv", encoding="utf-8")
    os.utime(tmp_path / "b.csv", ns=(2, 2))
    assert read.changed() == ["c.csv"]


def test_a_part_that_comes_to_a_shapefile_is_a_change(tmp_path: Path) -> None:
    """With an index, a table or an encoding it did not have, it would be read as another."""
    hashes = {}
    for name in ("parks.shp", "parks.dbf", "calls.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
        hashes[name] = sha256(tmp_path / name)
    read = FilesRead(tmp_path, hashes)
    (tmp_path / "parks.qix").write_text("never read", encoding="utf-8")
    (tmp_path / "calls.prj").write_text("of no shapefile", encoding="utf-8")
    assert read.changed() == []
    (tmp_path / "parks.cpg").write_text("UTF-8", encoding="utf-8")
    (tmp_path / "parks.PRJ").write_text("GEOGCS[]", encoding="utf-8")
    assert read.changed() == ["parks.PRJ", "parks.cpg"]
    (tmp_path / "parks.PRJ").unlink()
    (tmp_path / "parks.cpg").unlink()
    assert read.changed() == []
