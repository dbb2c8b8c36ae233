"""The drawn day rests on what is published, and on nothing that is not."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.history import Funnel, FunnelStep
from coresponse.data.city import City
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment
from coresponse.data.roads.made import street_grid
from coresponse.optimize.case import Case
from coresponse.publish import film as film_module
from coresponse.publish.film import MOST_CALLS, calls_per_hour, draw_places, film_of, middle
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.week_of_calls import FilmPublication
from coresponse.questions.plan import plan
from coresponse.results.film import film
from tests.optimize.small_cities import UNIT, case_of
from tests.optimize.small_counties import county

ROADS = street_grid(14, 14, seed=4)
SETTINGS = EvaluationSettings(replications=2, weeks=4, holdout_share=0)


def made_city(n: int = 3_000, days: int = 90) -> City:
    """Calls at a few crossings only, more by night."""
    rng = np.random.default_rng(2)
    node = rng.choice(rng.integers(0, ROADS.n_nodes, 12), n)
    hour = np.where(rng.random(n) < 0.7, rng.integers(17, 24, n), rng.integers(0, 24, n))
    at = rng.integers(0, days, n) * 24 + hour
    calls = pd.DataFrame(
        {
            "call_id": [f"c{k}" for k in range(n)],
            "received": pd.Timestamp("2025-03-03") + pd.to_timedelta(np.sort(at), "h"),
            "nature": "MENTAL HEALTH",
            "x": ROADS.node_x[node],
            "y": ROADS.node_y[node],
        }
    )
    posts = pd.DataFrame(
        {
            "post_id": ["A", "B", "C"],
            "kind": ["hospital", "station", "station"],
            "x": ROADS.node_x[[0, 90, 190]],
            "y": ROADS.node_y[[0, 90, 190]],
        }
    )
    return City(ROADS, calls, posts, "ride-along", timezone="UTC", crs=str(ROADS.crs))


@pytest.fixture(scope="module")
def published() -> PlanPublication:
    city = made_city()
    (kind, *_) = city.program.responder_types
    case = Case(city, limits=Limits(units={kind: 2}), busy="free", evaluation=SETTINGS)
    return publish_plan(plan(case))


def test_the_day_takes_the_publication_and_chance_alone(published: PlanPublication) -> None:
    found = film_of(published)
    assert found is not None
    blind: Any = replace(published, inside=None, history=None, search=None, phone=None)
    again = film_of(blind)
    assert again is not None
    assert again.node.tolist() == found.node.tolist()
    assert again.received_s.tolist() == found.received_s.tolist()
    # and its module could not look further: it brings in no question and nothing of the history
    tree = ast.parse(Path(film_module.__file__).read_text(encoding="utf-8"))
    taken = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in taken if name and ("questions" in name or "data.calls" in name)}


def test_as_many_calls_as_on_an_average_day_as_published(published: PlanPublication) -> None:
    found = film_of(published)
    assert found is not None
    assert (found.received_s >= 0).sum() == round(calls_per_hour(published.shown).sum())
    assert (np.diff(found.received_s) >= 0).all()
    assert found.received_s.max() < 86_400
    for run in found.runs.values():
        over = run.moments.home_s
        assert not (np.nan_to_num(over, nan=1.0) < 0).any(), (
            "what is over before midnight is left out"
        )


def test_hours_that_are_not_shown_share_what_is_left_of_the_week() -> None:
    hours = SimpleNamespace(calls=np.r_[np.full(20, 2.0), np.full(4, np.nan)])
    found: Any = SimpleNamespace(hours=hours, calls_per_week=7 * 44.0)
    assert calls_per_hour(found) == pytest.approx([2.0] * 20 + [1.0] * 4)
    found.calls_per_week = 7 * 30.0  # rounded figures need not add up
    assert calls_per_hour(found)[20:] == pytest.approx(0.0)
    found.hours = None
    assert calls_per_hour(found) == pytest.approx([30 / 24] * 24)


def test_places_are_any_crossings_of_an_area_alike_wherever_its_calls_were() -> None:
    west, east = ROADS.node_x.min() - 50, ROADS.node_x.max() + 50
    south, north = ROADS.node_y.min() - 50, ROADS.node_y.max() + 50
    middle_x = (west + east) / 2
    cells = gpd.GeoDataFrame(
        {"calls_band": ["11-25", "51-100"]},
        geometry=[
            shapely.box(west, south, middle_x, north),
            shapely.box(middle_x, south, east, north),
        ],
        crs=ROADS.crs,
    )
    facts: Any = SimpleNamespace(roads=ROADS)
    n = 60_000
    node = draw_places(facts, cells.to_crs("EPSG:4326"), n, np.random.default_rng(1))
    seen = np.bincount(node, minlength=ROADS.n_nodes)
    left = ROADS.node_x < middle_x
    share = 18.0 / (18.0 + 75.5)
    assert seen[left].sum() / n == pytest.approx(share, abs=0.01)
    for side in (left, ~left):
        mean = seen[side].mean()
        assert ((seen[side] - mean) ** 2 / mean).sum() < side.sum() + 5 * np.sqrt(2 * side.sum())


def test_an_area_without_a_crossing_gives_the_nearest_one() -> None:
    x, y = ROADS.node_x[20], ROADS.node_y[20]
    cells = gpd.GeoDataFrame(
        {"calls_band": ["11-25"]}, geometry=[shapely.box(x + 1, y + 1, x + 9, y + 9)], crs=ROADS.crs
    )
    facts: Any = SimpleNamespace(roads=ROADS)
    assert set(draw_places(facts, cells, 50, np.random.default_rng(1)).tolist()) == {20}


def test_middles_of_ranges() -> None:
    assert middle("11-25") == 18
    assert middle("1,001-2,500") == 1750.5
    assert middle("10,001 and more") > 10_001
    assert middle("0") == 0
    assert middle("too few calls to show") == middle("too few") == 5


def test_there_is_no_film_where_nobody_is_in_place_or_a_day_is_too_full(
    published: PlanPublication,
) -> None:
    assert film_of(replace(published, deployment=Deployment("plan"))) is None
    many: Any = replace(
        published,
        found=replace(published.shown, hours=None, calls_per_week=7.0 * MOST_CALLS + 1),
    )
    assert film_of(many) is None


def test_the_pages_film_holds_whole_seconds_and_every_place(published: PlanPublication) -> None:
    found = film_of(published)
    shown = film(found, published.facts.roads)
    assert found is not None
    assert shown is not None
    assert shown.places["node"].to_numpy()[list(shown.place)].tolist() == found.node.tolist()
    run = shown.runs["plan"]
    assert len(run.jobs) == len(shown.received_s)
    assert {job.unit for job in run.jobs} <= set(range(-1, len(run.units)))
    taken = [job for job in run.jobs if job.facility >= 0]
    assert taken
    nodes = shown.places["node"].to_numpy()[[job.facility for job in taken]]
    assert set(nodes.tolist()) <= set(found.facility_nodes.tolist())
    assert all(job.left_scene_s <= job.at_facility_s <= job.cleared_s for job in taken)


def busy_case(**settings: Any) -> Case:
    """Two units for the calls of ten: they are sent on their way home all the time."""
    city = made_city(n=9_000)
    (kind, *_) = city.program.responder_types
    evaluation = SETTINGS.model_copy(update={"rules": Rules(**settings)})
    return Case(city, limits=Limits(units={kind: 2}), busy="free", evaluation=evaluation)


def sent_before_home(found: FilmPublication | None) -> int:
    """Return how often a unit of the plan leaves for its next call before it is back at its post."""
    assert found is not None
    at = found.runs["plan"].moments
    count = 0
    for unit in range(len(found.runs["plan"].units)):
        own = np.flatnonzero(at.server == unit)
        own = own[np.argsort(at.leaves_s[own])]
        count += int((at.leaves_s[own[1:]] < at.home_s[own[:-1]] - 1).sum())
    return count


def test_the_film_sends_units_as_the_replay_did(monkeypatch: pytest.MonkeyPatch) -> None:
    before = publish_plan(plan(busy_case()))
    assert before.rules.driving_home == "on_the_way"
    assert sent_before_home(film_of(before)) > 0
    # drives between places that are too many: the replay then sends units from their posts
    monkeypatch.setattr("coresponse.coverage.evaluation_setup.MOST_DRIVES", 1e3)
    after = publish_plan(plan(busy_case()))
    assert after.rules.driving_home == "from_post"
    drawn = film_of(after)
    assert sent_before_home(drawn) == 0
    assert drawn is not None
    assert drawn.unlike == ""


def test_a_film_of_other_rules_than_the_replays_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    published = publish_plan(plan(busy_case(driving_home="true_position")))
    drawn = film_of(published)
    assert sent_before_home(drawn) > 0
    assert drawn is not None
    assert drawn.unlike == ""
    monkeypatch.setattr(film_module, "MOST_DRIVES", 1e2)
    drawn = film_of(published)
    assert sent_before_home(drawn) == 0
    shown = film(drawn, published.facts.roads)
    assert shown is not None
    assert shown.note.endswith(
        "In the film units are sent from their posts only; in the replay behind the figures, from "
        "where they are on their way home."
    )


def test_a_film_of_agencies_that_share_nothing_sends_each_to_its_own_calls() -> None:
    made = county(1, n_posts=6, sharing="own")
    told = replace(made.calls, funnel=Funnel((FunnelStep("rows", len(made.calls.frame)),)))
    case = case_of(replace(made, calls=told), limits=Limits(units={UNIT: 4}))
    published = publish_plan(plan(case.with_(evaluation=SETTINGS)))
    found, own = film_of(published), made.agencies
    assert own is not None
    assert found is not None
    x, y = published.facts.roads.place_xy(found.node)
    for run in found.runs.values():
        sent = run.moments.server >= 0
        whose = np.array([own.of_post[post] for post in run.units["post_id"]])
        assert sent.any()
        assert (whose[run.moments.server[sent]] == own.at(x, y)[sent]).all()
