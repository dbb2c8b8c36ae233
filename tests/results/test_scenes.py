"""The presenter's scenes say what the publication says, and no more."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from coresponse.data.figures.text import dollars, figure_text
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.maps.plan_map import plan_page
from coresponse.maps.scenes import scenes_payload
from coresponse.optimize.case import Case
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.questions.plan import plan
from coresponse.results.map_page import ground_beside
from coresponse.results.scenes import page_content, scenes
from tests.publish.test_film import SETTINGS, made_city


@pytest.fixture(scope="module")
def published() -> PlanPublication:
    city = made_city()
    (kind, *_) = city.program.responder_types
    pattern = city.program.responder_types[kind].shift_patterns[0]
    city = replace(city, today=Deployment.of("today", {Option(kind, "C", pattern): 1}))
    case = Case(city, limits=Limits(units={kind: 2}), busy="free", evaluation=SETTINGS)
    return publish_plan(plan(case))


def test_figures_are_those_of_the_publication(published: PlanPublication) -> None:
    found = {scene.title: scene for scene in scenes(published)}
    assert list(found) == ["Today", "The problem", "The plan", "What it costs", "How sure we are"]
    row = published.shown.summary[0]
    assert figure_text(row.today, row.unit) in found["Today"].says
    assert figure_text(row.plan, row.unit) in found["The plan"].says
    assert f"today {figure_text(row.today, row.unit)}" in found["The plan"].figures[0]
    assert dollars(published.shown.costs.found["plan"].mean) in found["What it costs"].says
    assert row.plan_band is not None
    for end in row.plan_band:
        assert figure_text(end, row.unit) in found["How sure we are"].says


def test_every_scene_shows_a_view_that_the_page_has(published: PlanPublication) -> None:
    content = page_content(published)
    assert content.scenes == scenes(published)
    for scene in content.scenes:
        assert scene.view in {"response", "late"}
        assert scene.mode in {"plan", "today", "change"}
        assert len(scene.figures) <= 4
        assert len(scene.lines) <= 3
        assert re.search(r"[.!]$", scene.says)


def test_ground_worked_out_before_draws_the_same_page(published: PlanPublication) -> None:
    known = page_content(published, ground=ground_beside(published.facts.roads))
    assert plan_page(known) == plan_page(page_content(published))
    assert known.ground is known.beside


def test_without_today_nothing_is_said_of_it(published: PlanPublication) -> None:
    alone: Any = replace(
        published,
        facts=replace(published.facts, today=None),
        found=replace(
            published.shown,
            evaluations={"plan": published.evaluations["plan"]},
            ladder=None,
            costs=replace(
                published.shown.costs, found={"plan": published.shown.costs.found["plan"]}
            ),
        ),
    )
    found = scenes(alone)
    assert [scene.title for scene in found] == ["The problem", "The plan", "What it costs", "How sure we are"]  # fmt: skip
    told = json.dumps(scenes_payload(found))
    assert '"today"' not in told
    assert "than today" not in told
    nobody = replace(published, deployment=Deployment("plan"))
    assert scenes(nobody) == ()
