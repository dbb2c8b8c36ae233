"""How the time of a search is shared out: units that are always free do not use up that of busy ones."""

from __future__ import annotations

import pytest
from small_cities import case_of, city

from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.solution import Stop
from coresponse.optimize.solve_case import Effort, Once, solve


def shares_of(busy: str, *, seconds: float) -> list[float]:
    """Return what each search of a case may take, of all that there is."""
    case, stops = case_of(city(3), busy=busy), []

    def once(busy_share: object, start: object, stop: Stop, starts: int) -> object:
        stops.append(stop.seconds)
        return optimize_once(case, busy_share=busy_share, start=start, stop=stop, starts=starts)

    made: Once = once
    solve(case, effort=Effort(seconds, 1e-4, 5e-3), once=made)
    return [each / seconds for each in stops]


def test_the_first_round_has_a_third_and_each_other_half_of_what_is_left() -> None:
    first, *others = shares_of("consistent", seconds=1e6)
    assert first == pytest.approx(1 / 3)
    assert others
    assert others == pytest.approx([0.5] * len(others), rel=1e-3)  # these took a moment


def test_one_round_has_all() -> None:
    assert shares_of("free", seconds=1e6) == [1.0]
