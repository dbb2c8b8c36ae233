"""Frames for :class:`~coresponse.maps.content.MapContent` from what the other rooms hand over."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np

from coresponse.coverage.measures import Measures
from coresponse.coverage.suppress import band, hidden
from coresponse.data.districts import Districts
from coresponse.data.posts import Posts

NOT_SHOWN = "not shown"
_FIGURES = ("mean_s", "p90_s", "share_in_time")


def post_points(posts: Posts) -> gpd.GeoDataFrame:
    """Return the posts as points: `post_id`, `name`, `kind`."""
    frame = posts.frame
    columns = frame[["post_id", "name", "kind"]].astype(str)
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(frame["x"], frame["y"]), crs=posts.crs)


def district_areas(
    districts: Districts, measures: Mapping[str, Measures], *, internal: bool = False
) -> gpd.GeoDataFrame:
    """Return the districts with their figures, those with too few calls hidden.

    Parameters
    ----------
    measures
        By deployment: ``plan``, ``today``.
    internal
        Nothing is hidden, and `calls` is added.
    """
    frame = districts.frame[["district_id", "name", "geometry"]].copy()
    ids = frame["district_id"]
    observed = measures["plan"].by_district["calls"]
    calls = ids.map(observed).fillna(0).astype(np.int64).to_numpy()
    outside = int(observed.get("", 0))
    hide = np.zeros(len(calls), dtype=bool) if internal else hidden(np.append(calls, outside))[:-1]
    frame["calls_band"] = [NOT_SHOWN if hide[i] else band(int(count)) for i, count in enumerate(calls)]
    if internal:
        frame["calls"] = calls
    for name, figures in measures.items():
        for column in _FIGURES:
            values = ids.map(figures.by_district[column]).astype(float).to_numpy()
            frame[f"{column}_{name}"] = np.where(hide, np.nan, values)
    return gpd.GeoDataFrame(frame, crs=districts.frame.crs)
