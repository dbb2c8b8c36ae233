"""The public face: about twenty names, brought in when they are used, on a study and on frames alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import coresponse as cr
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.sample_city import sample_folder

FACE = Path(cr.__file__)
LIMITS = cr.Limits(units={"co_responder_unit": 2, "on_call_clinician": 1})
HEAVY = {"numpy", "pandas", "geopandas", "scipy", "numba", "pydantic", "osmnx", "folium"}


def test_every_name_is_there_and_is_the_one_that_types_are_checked_with() -> None:
    tree = ast.parse(FACE.read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.asname: f"{node.module}.{alias.name}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(cr.__all__) - {"__version__"} == set(typed)
    assert 15 <= len(typed) <= 30
    for name, home in typed.items():
        module, _, inner = home.rpartition(".")
        found, there = getattr(cr, str(name)), getattr(import_module(module), inner)
        # the room of that name is bound as soon as one of its modules is imported, and is called
        assert found is there or (name == "publish" and callable(found))
    with pytest.raises(AttributeError, match=r"has no 'Town' -- it has: .*City"):
        _ = cr.Town  # type: ignore[attr-defined]


def test_to_import_it_brings_nothing_heavy() -> None:
    code = "import sys, coresponse; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & {name.partition(".")[0] for name in done.stdout.split()}


@pytest.fixture(scope="module")
def roads() -> RoadNetwork:
    return street_grid(12, 12, seed=3)


def frames(roads: RoadNetwork) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(1)
    at = rng.integers(0, roads.n_nodes, 600)
    minutes = pd.to_timedelta(np.sort(rng.integers(0, 60 * 24 * 60, 600)), unit="min")
    calls = pd.DataFrame(
        {
            "call_id": [f"C{i}" for i in range(600)],
            "received_at": pd.Timestamp("2025-01-06") + minutes,
            "nature": "MENTAL HEALTH CRISIS",
            "x": roads.node_x[at],
            "y": roads.node_y[at],
        }
    )
    posts = pd.DataFrame(
        {
            "post_id": ["north", "south", "west"],
            "name": ["North", "South", "West"],
            "kind": ["station", "station", "hospital"],
            "x": roads.node_x[[5, 140, 70]],
            "y": roads.node_y[[5, 140, 70]],
        }
    )
    return calls, posts


def test_places_without_a_crs_are_answered_in_words_of_this_call(roads: RoadNetwork) -> None:
    """It told of a file and of a section of ``study.toml``, and there was neither."""
    calls, posts = frames(roads)
    with pytest.raises(cr.CoresponseError) as refused:
        cr.City(roads=roads, calls=calls, posts=posts, program="mixed", timezone="UTC")
    assert str(refused.value).startswith(
        "posts: columns of places are not degrees -- City(..., crs="
    )
    assert ".parquet" not in str(refused.value)
    assert "[posts]" not in str(refused.value)


def test_a_city_is_made_of_frames_alone(roads: RoadNetwork, tmp_path: Path) -> None:
    calls, posts = frames(roads)
    city = cr.City(roads, calls, posts, "mixed", timezone="America/New_York", crs=roads.crs)
    assert len(city.calls.frame) == 600
    assert list(city.posts.frame["post_id"]) == ["north", "south", "west"]
    assert "600 calls" in repr(city)
    case = cr.Case(city, limits=LIMITS, goal=cr.Tail(0.9))
    case = case.with_(evaluation=case.evaluation.model_copy(update={"replications": 2, "weeks": 2}))
    plan = cr.plan(case, stop=cr.Stop(seconds=20), seed=1)
    assert plan.found
    bought = plan.deployment.frame()
    assert list(bought.columns) == ["responder_type", "post_id", "shift_pattern", "count"]
    assert 0 < bought["count"].sum() <= 3
    figures = cr.evaluate(case, plan.deployment).frame()
    assert set(figures.columns) == {
        "nearest", "queueing", "replay", "replay_low", "replay_high",
    }  # fmt: skip
    assert 0 <= figures.loc["share_in_time", "replay"] <= 1
    published = cr.publish(plan)
    page = published.map(tmp_path / "map.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert published.report(tmp_path / "report.html").stat().st_size > 10_000
    assert (published.write(tmp_path / "results") / "plan.json").is_file()
    with pytest.raises(cr.CoresponseError, match="takes a plan"):
        cr.publish(case)  # type: ignore[arg-type]
    swept = cr.sweep(case, {"units.co_responder_unit": [1, 2]}, jobs=1).frame()
    assert list(swept["units.co_responder_unit"]) == [1, 2]
    assert swept["score"].is_monotonic_decreasing


def test_a_frame_that_is_wrong_is_refused_in_words(roads: RoadNetwork) -> None:
    calls, posts = frames(roads)
    with pytest.raises(cr.CoresponseError, match="received_at"):
        cr.City(roads, calls.drop(columns="received_at"), posts, crs=roads.crs)
    with pytest.raises(cr.CoresponseError, match="neither a road network"):
        cr.City(12, calls, posts)


def test_a_study_gives_its_city_and_its_question() -> None:
    study = cr.read_study(sample_folder())
    assert study.city.name == study.settings.name
    assert study.case.limits == study.settings.limits
