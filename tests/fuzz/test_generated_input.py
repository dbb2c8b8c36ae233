"""Text and structures of every shape, made by Hypothesis, through the readers of single values, tables and settings."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coresponse.data.calls.coordinates import parse_crs
from coresponse.data.calls.location import parse_locations
from coresponse.data.calls.times import parse_times, time_zone
from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.hours import WeekHours
from coresponse.data.programs.model import Program
from coresponse.data.roads.read import read_roads
from coresponse.data.roads.speeds import main_class, parse_maxspeed
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.header import column_names
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS, POSTS
from coresponse.data.toml import check_model, read_toml
from coresponse.data.wildcards import wildcard
from coresponse.study.settings import Study

SIZE = max(20, int(os.environ.get("CORESPONSE_FUZZ", "10000")) // 100)
many = settings(
    deadline=None,
    max_examples=SIZE,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

numbers = st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, -(10**400), True, None]))
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = [
    "schema",
    "name",
    "seed",
    "roads",
    "calls",
    "posts",
    "program",
    "limits",
    "objective",
    "solver",
    "periods",
    "judging",
]


@many
@given(
    st.one_of(
        st.text(max_size=60),
        st.from_regex(r"[A-Za-z]{3}(-[A-Za-z]{3})? \d{1,3}:?\d{0,2} ?- ?\d{1,3}:?\d{0,2}"),
    )
)
def test_hours(text: str) -> None:
    try:
        hours = WeekHours.parse(text)
    except InputError as error:
        assert "hours" in str(error) or "day" in str(error)  # noqa: PT017 -- most texts are no hours, some are
    else:
        assert 0 < hours.count <= 168


@many
@given(
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.from_regex(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T]?\d{0,2}:?\d{0,2}"),
        ),
        max_size=6,
    )
)
def test_times(texts: list[str]) -> None:
    found = parse_times(pd.Series(texts, dtype=str), time_zone("America/New_York"))
    assert len(found.utc) == len(found.bad) == len(texts)
    assert (np.isnat(found.utc) | ~found.bad).all(), "a time that is both read and bad"


@many
@given(st.lists(st.text(max_size=40), max_size=6))
def test_locations(texts: list[str]) -> None:
    x, y = parse_locations(pd.Series(texts, dtype=str))
    assert x.shape == y.shape == (len(texts),)


@many
@given(
    st.one_of(
        st.text(max_size=20),
        st.from_regex(r"EPSG:\d{1,12}"),
        st.just("+proj=longlat"),
        st.just("http://a/b"),
    )
)
def test_crs(text: str) -> None:
    try:
        parse_crs(text, "calls.csv")
    except InputError as error:
        assert "calls.csv" in str(error)  # noqa: PT017 -- some are CRSs


@many
@given(plain)
def test_speeds_and_classes(value: Any) -> None:
    kph = parse_maxspeed(value)
    assert math.isnan(kph) or 3 <= kph <= 200
    assert main_class(value)


@many
@given(st.text("ab*?", max_size=30), st.text("ab", max_size=60))
def test_nature_rules(rule: str, text: str) -> None:
    assert wildcard(rule, text) in {True, False}


@many
@given(st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=8)), plain, max_size=12))
def test_settings(content: dict[str, Any]) -> None:
    for model in (Study, Program):
        # none is whole: posts, calls, roads and program are all needed
        with pytest.raises(InputError) as caught:
            check_model(content, model, subject="study.toml")
        assert "study.toml" in str(caught.value)


@many
@given(
    st.one_of(
        st.text(max_size=80),
        st.from_regex(r"(\[[a-z.]{1,8}\]\n|[a-z]{1,4} = [0-9a-z\"\[\]{}.-]{1,8}\n){1,6}"),
    )
)
def test_toml(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        assert isinstance(read_toml(path), dict)
    except InputError as error:
        assert "x.toml" in str(error)  # noqa: PT017


@many
@given(
    st.lists(st.text(max_size=12), max_size=12),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
)
def test_columns(names: list[str], mapping: dict[str, str]) -> None:
    made = column_names(names)
    assert len(set(made)) == len(made) == len(names)
    for spec in (CALLS, POSTS):
        try:
            found = match_columns(spec, made, mapping, where="x.csv")
        except InputError as error:
            assert "x.csv" in str(error)  # noqa: PT017
        else:
            assert set(found.values()) <= set(made)


@many
@given(st.binary(max_size=300))
def test_bytes_as_tables(tmp_path: Path, content: bytes) -> None:
    for suffix in (".csv", ".xlsx", ".parquet", ".gpkg", ".geojson", ".zip", ".gz"):
        path = tmp_path / f"x{suffix}"
        path.write_bytes(content)
        try:
            read_table(path, CALLS)
        except CoresponseError as error:
            assert "x" in str(error)  # noqa: PT017


nodes = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 5)}, optional={"x": numbers, "y": numbers}),
    max_size=6,
)
links = st.lists(
    st.fixed_dictionaries(
        {"source": st.integers(0, 6), "target": st.integers(0, 6)},
        optional={
            "length": numbers,
            "travel_time": numbers,
            "highway": plain,
            "maxspeed": plain,
            "geometry": plain,
            "key": plain,
        },
    ),
    max_size=10,
)


@many
@given(
    nodes=nodes,
    links=links,
    graph=st.dictionaries(st.sampled_from(["crs", "name"]), plain),
    directed=st.booleans(),
)
def test_node_link_graphs(
    nodes: Any, links: Any, graph: Any, directed: bool, tmp_path: Path
) -> None:
    content = {
        "directed": directed,
        "multigraph": True,
        "graph": graph,
        "nodes": nodes,
        "links": links,
    }
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "none").write_text("a file, so that no cache is kept", encoding="utf-8")
    try:
        network = read_roads(path, cache_folder=tmp_path / "none" / "cache")
    except CoresponseError as error:
        assert "x.json" in str(error)  # noqa: PT017
    else:
        assert np.isfinite(network.travel_s).all()
        assert (network.travel_s > 0).all()
