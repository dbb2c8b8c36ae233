"""Speeds as OpenStreetMap writes them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.roads.speeds import (
    CLASS_KPH,
    NOT_DRIVEN,
    OTHER_KPH,
    class_kph,
    main_class,
    parse_maxspeed,
)


@pytest.mark.parametrize(
    ("value", "kph"),
    [
        ("50", 50.0),
        (" 50 ", 50.0),
        ("50.5", 50.5),
        ("50 km/h", 50.0),
        ("50kmh", 50.0),
        ("50 kph", 50.0),
        ("25 mph", 40.2336),
        ("25mph", 40.2336),
        ("25 MPH", 40.2336),
        ("10 knots", 18.52),
        (50, 50.0),
        (50.0, 50.0),
        (np.int64(50), 50.0),
        (np.float32(50), 50.0),
        ("walk", 7.0),
        ("DE:walk", 7.0),
        ("30;50", 40.0),
        ("30 mph|40 mph", 35 * 1.609344),
        (["30 mph", "40 mph"], 35 * 1.609344),
        (("30", "nonsense"), 30.0),
        ({"30"}, 30.0),
        (np.array(["30", "50"]), 40.0),
        (np.array("30"), 30.0),
        ("['30 mph', '40 mph']", 35 * 1.609344),
        ("[30, 50]", 40.0),
        ("3", 3.0),
        ("200", 200.0),
    ],
)
def test_a_stated_limit(value: Any, kph: float) -> None:
    assert parse_maxspeed(value) == pytest.approx(kph)


@pytest.mark.parametrize(
    "value",
    [
        None, "", " ", "none", "signals", "RO:urban", "fast", "mph", "-50", "0", "2", "201", "1e2", "50 furlongs", "50 mph x",
        "\u0665\u0660", "5" * 300, 0, -1, 10**400, -(10**400), float("nan"), float("inf"), -float("inf"), True, np.True_, 3 + 4j,
        np.complex128(50), [], [None], {}, object(), b"50", np.array([]),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_no_stated_limit(value: Any) -> None:
    assert math.isnan(parse_maxspeed(value))


numbers = st.one_of(st.integers(), st.floats(), st.integers(0, 250), st.booleans(), st.none())
words = st.one_of(
    st.text(),
    st.from_regex(r"\[?'?\d{1,4}(\.\d+)? ?(mph|kmh|km/h|knots)?'?[;|,]?\d*\]?", fullmatch=True),
)
values = st.recursive(
    st.one_of(numbers, words, st.binary()),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple),
    max_leaves=8,
)


@given(values)
def test_a_limit_is_a_speed_or_nothing(value: object) -> None:
    kph = parse_maxspeed(value)
    assert isinstance(kph, float)
    assert math.isnan(kph) or 3 <= kph <= 200


@given(st.floats(3, 200))
def test_a_number_is_itself_and_its_text_too(kph: float) -> None:
    assert parse_maxspeed(kph) == kph
    assert parse_maxspeed(f"{kph:.6f}") == pytest.approx(kph, abs=1e-6)
    mph = parse_maxspeed(f"{kph / 2:.6f} mph")
    assert math.isnan(mph) or mph == pytest.approx(kph / 2 * 1.609344, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("residential", "residential"),
        (["residential", "primary"], "primary"),
        ("['residential', 'primary']", "primary"),
        (("footway", "residential"), "residential"),
        (np.array(["tertiary", "motorway_link"]), "tertiary"),
        (["escape", "busway"], "escape"),
        ("escape", "escape"),
        (None, "unclassified"),
        (float("nan"), "unclassified"),
        ("", "unclassified"),
        ([], "unclassified"),
        (3, "unclassified"),
    ],
)
def test_main_class(value: object, name: str) -> None:
    assert main_class(value) == name


@given(values)
def test_main_class_is_always_a_word(value: object) -> None:
    assert isinstance(main_class(value), str)
    assert main_class(value)


def test_the_table_is_in_order_and_within_reason() -> None:
    assert class_kph(["motorway", "residential", "escape"]).tolist() == [90.0, 30.0, OTHER_KPH]
    assert all(5 < kph < 130 for kph in CLASS_KPH.values())
    main = [
        CLASS_KPH[name]
        for name in ("motorway", "trunk", "primary", "secondary", "tertiary", "residential")
    ]
    assert main == sorted(main, reverse=True)
    assert not NOT_DRIVEN & CLASS_KPH.keys()
