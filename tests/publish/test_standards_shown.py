"""Areas with standards of their own: shown with their bands, and hidden where they would give a district away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coresponse.coverage.few_calls import MIN_CALLS, hidden_parts, keeps_secret
from coresponse.data.standards import AreaTarget, Standard
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.places import StandardsPublication
from coresponse.publish.standards import publish_point_areas, publish_standards
from coresponse.results.standards import (
    standards_cells,
    standards_frame,
    standards_heads,
    standards_json,
)

AREAS = (AreaTarget("urban", 1800.0), AreaTarget("rural", 3600.0, (("welfare", 5400.0),)))


def published(
    calls: list[int],
    of: tuple[int, ...],
    *,
    share: tuple[float, ...] = (0.9, 0.7, 0.8),
    internal: bool = False,
) -> StandardsPublication:
    """`calls` by district, the last outside all; `of` their areas."""
    table = pd.DataFrame(
        {
            "share_in_time": share,
            "share_reached": 1.0,
            "mean_s": 900.0,
            "mean_with_fallback_s": 900.0,
        },
        index=["urban", "rural", ""],
    )
    for key, half in (("share_in_time", 0.02), ("mean_with_fallback_s", 30.0)):
        table[f"{key}_low"], table[f"{key}_high"] = table[key] - half, table[key] + half
    district = np.array([*range(len(of)), -1])
    plan: Any = SimpleNamespace(
        case=SimpleNamespace(standards=Standard(900.0, AREAS, of, "A state", 0.8)),
        table=SimpleNamespace(
            cells=SimpleNamespace(
                district=district, calls=np.array(calls), calls_per_week=np.array(calls) / 52
            )
        ),
        replayed={"plan": SimpleNamespace(by_area=table)},
    )
    found = publish_standards(plan, INTERNAL if internal else PUBLIC)
    assert found is not None
    return found


def test_each_area_is_held_against_the_share_that_is_asked() -> None:
    found = published([9000, 8000, 7000, 900], (0, 0, 1))
    assert [row.reached for row in found.areas] == ["reached", "not reached", "too close to call"]
    assert [row.standard for row in found.areas] == ["30 min", "60 min; welfare 90 min", "15 min"]
    assert [row.districts for row in found.areas] == [2, 1, 0]
    assert found.areas[0].share["plan"].mean == pytest.approx(0.9)
    assert all(len(row) == len(standards_heads(found)) for row in standards_cells(found))
    assert len(standards_frame(found)) == 3
    told = standards_json(found)
    assert told is not None
    assert told["asked_share"] == 0.8
    assert "asks for 80%" in found.sentences[0]


def test_points_of_an_explorer_have_areas_by_the_same_rules() -> None:
    table = pd.DataFrame(
        {"share_in_time": [0.912, 0.7], "share_reached": 1.0, "mean_s": 900.0},
        index=["urban", "rural"],
    ).assign(mean_with_fallback_s=[903.0, 1200.0])
    for key in ("share_in_time", "mean_with_fallback_s"):
        table[f"{key}_low"] = table[f"{key}_high"] = table[key]
    found = {"p0": table, "today": table}
    standard = Standard(900.0, AREAS, (0, 0, 1), "A state", 0.8)

    def shown(calls: list[int]) -> dict[str, dict[str, tuple[float, float]]]:
        cells: Any = SimpleNamespace(
            district=np.array([0, 1, 2, -1]),
            calls=np.array(calls),
            calls_per_week=np.array(calls) / 52,
        )
        return publish_point_areas(standard, cells, found, PUBLIC)

    told = shown([9000, 8000, 7000, 900])
    assert list(told) == ["urban", "rural"]
    assert told["urban"]["today"] == told["urban"]["p0"]
    assert told["urban"]["p0"][0] == pytest.approx(900, abs=6)
    assert told["urban"]["p0"][1] == pytest.approx(0.912, abs=0.001)
    assert shown([400, 300, 4, 0]) == {}  # one alone would be the total less the other


def test_an_area_whose_shown_districts_give_a_hidden_one_away_is_hidden() -> None:
    # 4 and 60 calls are hidden among the districts; each is alone in its area
    found = published([4, 400, 60, 500, 0], (0, 0, 1, 1))
    assert not any(row.share for row in found.areas)
    assert all(
        row.share for row in published([4, 400, 60, 500, 0], (0, 0, 1, 1), internal=True).areas
    )


@given(
    st.lists(st.integers(0, 60), min_size=2, max_size=7),
    st.integers(0, 40),
    st.data(),
)
@settings(max_examples=60)
def test_what_is_hidden_within_an_area_stays_unknown(
    calls: list[int], outside: int, data: st.DataObject
) -> None:
    """Attack: an area shown, less its districts shown, is what its hidden districts come to."""
    of = tuple(data.draw(st.integers(0, 1)) for _ in calls)
    found = published([*calls, outside], of)
    hidden = hidden_parts([*calls, outside])
    shown = {row.name for row in found.areas if row.share}
    for k, area in enumerate(AREAS):
        own = np.array(
            [c for c, o, h in zip(calls, of, hidden, strict=False) if o == k and h and c]
        )
        if area.name in shown and len(own):
            assert keeps_secret(own, MIN_CALLS)
    totals = [sum(c for c, o in zip(calls, of, strict=True) if o == k) for k in (0, 1)]
    names = [area.name for area in AREAS]
    unknown = [
        n
        for n, name in zip([*totals, outside], [*names, "in no area"], strict=True)
        if n and name not in shown
    ]
    assert len(unknown) != 1 or len([n for n in (*totals, outside) if n]) == 1
