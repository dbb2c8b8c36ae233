"""Rates of calls as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.data.calls.rate import HIGH, LOW, PLANNED, Rate, parse_rate
from coresponse.data.errors import InputError


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("883 per 100k a year", Rate(883, 400, 2300)),
        ("883", Rate(883, 400, 2300)),
        ("883 (400 to 2,300) per 100,000 residents a year", Rate(883, 400, 2300)),
        ("70 (30-200) per 100k people a month", Rate(840, 360, 2400)),
        ("1.2 per 1000 a month", Rate(1440, 400, 2300)),
        ("2 per 100k a week", Rate(2 * 365.25 / 7, 2 * 365.25 / 7 * 400 / 883, 2 * 365.25 / 7 * 2300 / 883)),
    ],
)  # fmt: skip
def test_a_rate_is_read_as_people_write_it(text: str, rate: Rate) -> None:
    found = parse_rate(text)
    assert (found.planned, found.low, found.high) == pytest.approx(
        (rate.planned, rate.low, rate.high)
    )


@pytest.mark.parametrize(
    "text", ["", "many", "-5", "883 per nobody", "883 per 0", "883 a decade", "9" * 500, "1e5"]
)
def test_what_is_no_rate_is_told(text: str) -> None:
    with pytest.raises(InputError, match="rate"):
        parse_rate(text)


@pytest.mark.parametrize("ends", [(900, 2300), (0, 2300), (400, 800), (400, 2e6)])
def test_a_rate_lies_within_its_range(ends: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="must lie within its range"):
        Rate(883, *ends)


@given(st.floats(1, 50_000))
def test_without_a_range_there_is_the_published_one(rate: float) -> None:
    found = parse_rate(f"{rate:.3f} per 100k a year")
    assert found.low <= found.planned <= found.high
    if not LOW <= rate <= HIGH:
        assert found.high / found.low == pytest.approx(HIGH / LOW)
        assert found.planned / found.low == pytest.approx(PLANNED / LOW)
