"""Calls per 1,000 residents beside response: who calls far less is named, and no rate tells a count."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coresponse.data.districts import Districts
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.need import publish_need
from coresponse.publish.places import DistrictsPublication, NeedPublication
from coresponse.results.need import HEADS, need_cells, need_frame, need_json

CALLS, PEOPLE = [300, 30, 150, 0], [30_000.0, 40_000.0, 20_000.0, 5_000.0]
NAMES = ["A", "B", "C", "D"]


def published(calls: list[int], *, internal: bool = False, shown: str = "ABCD") -> NeedPublication:
    frame = gpd.GeoDataFrame(
        {"district_id": NAMES, "name": NAMES, "population": PEOPLE},
        geometry=[shapely.box(k, 0, k + 1, 1) for k in range(4)],
        crs=32618,
    )
    city = SimpleNamespace(
        districts=Districts(frame), living=None, calls=SimpleNamespace(assumed=None), roads=None
    )
    cells = SimpleNamespace(
        district=np.arange(4),
        calls=np.array(calls),
        weeks=2 * 365.25 / 7,  # two years
    )
    plan: Any = SimpleNamespace(case=SimpleNamespace(city=city), table=SimpleNamespace(cells=cells))
    waits = pd.DataFrame({"mean_with_fallback_s": 600.0, "share_in_time": 0.5}, index=list(shown))
    districts = DistrictsPublication(None, waits, {name: name for name in NAMES}, 0)
    found = publish_need(plan, districts, INTERNAL if internal else PUBLIC)
    assert found is not None
    return found


def test_a_district_that_has_stopped_calling_is_named_and_not_rewarded() -> None:
    found = published(CALLS)
    # 480 calls of two years over 95,000 people
    assert found.rate == pytest.approx(480 / 2 / 95, rel=0.02)
    assert found.districts["A"].low == pytest.approx(251 / 2 / 30)
    assert found.districts["A"].high == pytest.approx(500 / 2 / 30)
    assert [name for name, one in found.districts.items() if one.far_fewer] == ["B", "D"]
    assert "in B, D" in found.sentences[1]
    cells = list(need_cells(found))
    assert [row[0] for row in cells] == ["D", "B", "C", "A"]
    assert all(len(row) == len(HEADS) for row in cells)
    told = need_json(found)
    assert told is not None
    assert len(told["districts"]) == len(need_frame(found)) == 4


def test_every_count_of_a_range_gives_the_same_rate() -> None:
    one, other = (published([300, calls, 150, 0]) for calls in (26, 50))
    assert need_frame(one).drop(columns=[]).equals(need_frame(other))
    inside = published([300, 30, 150, 0], internal=True)
    assert inside.districts["B"].low == inside.districts["B"].high == pytest.approx(30 / 2 / 40)


def test_districts_that_may_not_be_shown_have_no_rate() -> None:
    assert list(published(CALLS, shown="AC").districts) == ["A", "C"]
