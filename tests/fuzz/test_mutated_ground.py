"""Water and parks broken in thousands of ways.

Areas that lie where the roads are, or a refusal in words.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from coresponse.data.ground import read_ground, surroundings
from coresponse.data.roads.made import street_grid


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "share"), [(".geojson", 0.015), (".parquet", 0.015), (".gpkg", 0.005)]
)
def test_broken_water_and_parks(suffix: str, share: float, hammer: Any, tmp_path: Path) -> None:
    roads = street_grid(5, 4, seed=5)
    x, y = float(roads.node_x.mean()), float(roads.node_y.mean())
    pond = (
        shapely.Point(x, y)
        .buffer(150, quad_segs=4)
        .difference(shapely.box(x - 20, y - 20, x + 20, y + 20))
    )
    shapes = [
        pond,
        shapely.MultiPolygon(
            [shapely.box(x + 200, y, x + 300, y + 80), shapely.box(x - 300, y, x - 250, y + 60)]
        ),
    ]
    layer = gpd.GeoDataFrame({"name": ["Pond", "Pools"]}, geometry=shapes, crs=roads.crs)
    path = tmp_path / f"seed{suffix}"
    if suffix == ".parquet":
        layer.to_parquet(path)
    else:
        (layer.to_crs(4326) if suffix == ".geojson" else layer).to_file(path)
    west, south, east, north = surroundings(roads)

    def read(broken: Path) -> None:
        found = read_ground(broken, network=roads, what="water")
        assert len(found) == 1
        shape = found.geometry.iloc[0]
        assert shape.is_valid
        assert shape.area > 0
        assert np.isfinite(shape.bounds).all()
        assert shapely.box(west - 1, south - 1, east + 1, north + 1).covers(shape)

    read(path)
    hammer(f"water {suffix}", path.read_bytes(), suffix, read, share)
