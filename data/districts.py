"""Districts: areas whose residents' service is compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio.errors
from numpy.typing import NDArray
from pyarrow import ArrowException
from shapely import box

from coresponse.data.errors import InputError
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.specs import DISTRICTS


@dataclass(frozen=True, eq=False)
class Districts:
    """Districts in the road network's CRS.

    Attributes
    ----------
    frame
        One row a district, sorted by district_id, RangeIndex: `district_id`, `name` str, `population` float (NaN
        where unknown), `geometry` polygons in the road network's CRS.
    """

    frame: gpd.GeoDataFrame

    def locate(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the position of the district that holds each point, -1 outside all; on a shared border the first."""
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=self.frame.crs))
        hits = points.sindex.query(self.frame.geometry, predicate="intersects")
        out = np.full(len(points), -1, dtype=np.int32)
        district, point = hits[0][::-1], hits[1][::-1]
        out[point] = district
        return out


def read_districts(
    path: Path, *, network: RoadNetwork, id_column: str | None = None, name_column: str | None = None
) -> Districts:
    """Read district polygons.

    Broken rings are repaired, polygons of one district united, districts that do not touch the roads' extent left out.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile (also zipped), GeoParquet.
    network
        The roads; districts come out in their CRS.
    id_column, name_column
        Where they are not found by themselves.

    Raises
    ------
    InputError
        If the file holds no polygon with a CRS near the roads, or a column is not there.
    """
    layer = _read_layer(path)
    given = {ours: theirs for ours, theirs in (("district_id", id_column), ("name", name_column)) if theirs}
    found = match_columns(DISTRICTS, list(layer.columns.drop(layer.geometry.name)), given, where=path.name)
    geometry = layer.geometry.make_valid()
    geometry = geometry[geometry.geom_type.isin(["Polygon", "MultiPolygon", "GeometryCollection"])]
    if geometry.empty:
        raise InputError(f"{path}: holds no polygon -- districts are areas")
    layer = layer.loc[geometry.index]
    number = pd.Series(np.arange(1, len(layer) + 1).astype(str), index=layer.index)
    ids = _words(layer[found["district_id"]]) if "district_id" in found else number
    frame = gpd.GeoDataFrame(
        {
            "district_id": ids,
            "name": _words(layer[found["name"]]) if "name" in found else "District " + ids,
            "population": pd.to_numeric(layer[found["population"]], errors="coerce")
            if "population" in found
            else np.nan,
        },
        geometry=geometry,
        crs=layer.crs,
    ).to_crs(network.crs)
    frame = frame.dissolve("district_id", aggfunc={"name": "first", "population": "sum"}).reset_index()
    frame["population"] = frame["population"].where(frame["population"] > 0)
    extent = box(network.node_x.min(), network.node_y.min(), network.node_x.max(), network.node_y.max())
    frame = frame[frame.intersects(extent)]
    if frame.empty:
        raise InputError(f"{path}: no district touches the roads -- is the CRS right?")
    frame = frame[["district_id", "name", "population", "geometry"]].sort_values("district_id", ignore_index=True)
    return Districts(gpd.GeoDataFrame(frame, crs=network.crs))


def _read_layer(path: Path) -> gpd.GeoDataFrame:
    try:
        layer = gpd.read_parquet(path) if path.suffix.lower() in {".parquet", ".geoparquet"} else gpd.read_file(path)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        ArrowException,
        ValueError,
        OSError,
    ) as error:
        raise InputError(f"{path}: not a readable map layer ({error})") from error
    if "geometry" not in layer.columns or layer.empty:
        raise InputError(f"{path}: holds no areas")
    if layer.crs is None:
        raise InputError(f"{path}: has no CRS -- save it with one, such as EPSG:4326")
    layer = gpd.GeoDataFrame(layer)
    return layer.loc[np.asarray(layer.geometry.notna() & ~layer.geometry.is_empty)]


def _words(values: pd.Series) -> pd.Series[str]:
    return values.astype("str").str.strip().str.removesuffix(".0")
