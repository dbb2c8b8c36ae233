"""How objects look in a notebook: in a line, and as a card in which text from data stays text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import coresponse as cr
from coresponse.data.cards import card, table_card
from coresponse.data.roads.made import street_grid

HOSTILE = '<img src=x onerror=alert(1)> & "Sons" ${1}`'


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def case() -> cr.Case:
    roads = street_grid(6, 6, seed=3)
    rng = np.random.default_rng(1)
    at = rng.integers(0, roads.n_nodes, 60)
    received = pd.Timestamp("2025-01-06") + pd.to_timedelta(np.arange(60) * 12, unit="h")
    nature = "MENTAL HEALTH CRISIS"
    calls = pd.DataFrame(
        {"call_id": at.astype(str), "received_at": received, "nature": nature,
         "x": roads.node_x[at], "y": roads.node_y[at]}
    ).assign(call_id=[f"C{i}" for i in range(60)])  # fmt: skip
    posts = pd.DataFrame(
        {"post_id": ["a", "b"], "name": ["A", "B"], "kind": "station",
         "x": roads.node_x[[3, 30]], "y": roads.node_y[[3, 30]]}
    )  # fmt: skip
    city = cr.City(
        roads, calls, posts, "ride-along", name=HOSTILE, timezone="America/Denver", crs=roads.crs
    )
    quick = cr.Case(city).evaluation.model_copy(
        update={"replications": 2, "weeks": 1, "holdout_share": 0.0}
    )
    limits = cr.Limits(units={"co_responder_unit": 1})
    return cr.Case(city, limits=limits, evaluation=quick, busy="free")


@pytest.fixture(scope="module")
def plan(case: cr.Case) -> object:
    return cr.plan(case, stop=cr.Stop(seconds=60))


def objects(case: cr.Case, plan: object) -> Iterator[object]:
    yield from (case.city, case, plan, plan.deployment, *plan.evaluations.values())  # type: ignore[attr-defined]
    yield cr.plan(case.with_(units={"co_responder_unit": 1}, posts_must=("a", "b")))
    yield cr.Deployment("nobody")
    yield replace(plan.deployment, name=HOSTILE)  # type: ignore[attr-defined]


def test_each_says_itself_in_a_line_and_on_a_card(case: cr.Case, plan: object) -> None:
    for one in objects(case, plan):
        line = repr(one)
        assert line.startswith(f"<{type(one).__name__} "), line
        assert len(line) < 300, line
        assert "\n" not in line
        page = Tags(one._repr_html_())  # type: ignore[attr-defined]
        assert page.tags <= {
            "p", "strong", "small", "table", "thead", "tbody", "tr", "th", "td",
        }  # fmt: skip


def test_what_a_city_is_made_of_says_itself_in_a_line(case: cr.Case) -> None:
    """A notebook's `city.roads` was 24,000 letters of arrays, and a study's program as many."""
    city = case.city
    for one in (city.roads, city.calls, city.posts, city.program):
        line = repr(one)
        assert line.startswith(f"<{type(one).__name__} "), line
        assert len(line) < 300, line
        assert "\n" not in line


def test_cards_say_what_they_are_of(case: cr.Case, plan: object) -> None:
    assert "60 in 30 days" in Tags(case.city._repr_html_()).text
    assert "co_responder_unit" in Tags(case._repr_html_()).text
    told = Tags(plan._repr_html_()).text  # type: ignore[attr-defined]
    assert "proven optimal" in told
    assert "by replay" in told
    assert "not for publication" in told or "goes through publish" in told
    none = cr.plan(case.with_(posts_must=("a", "b")))
    assert "infeasible" in repr(none)
    assert "No plan" in Tags(none._repr_html_()).text


def test_text_from_data_is_text() -> None:
    page = Tags(
        card(HOSTILE, {HOSTILE: HOSTILE, "none": None, "empty": "", "zero": 0}, note=HOSTILE)
    )
    assert page.text.count(HOSTILE) == 4
    assert "none" not in page.text
    assert "zero0" in page.text
    frame = pd.DataFrame({HOSTILE: [HOSTILE]}, index=pd.Index([HOSTILE], name="figure"))
    assert "img" not in page.tags | Tags(table_card("t", frame)).tags
