"""Districts from a file of areas."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj.exceptions import ProjError
from shapely import box
from shapely.geometry.base import BaseGeometry

from coresponse.data.corners import nowhere
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.faults import Faults
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.tables.areas import read_areas, refuse_no_areas
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.dictionary import match_columns, plain
from coresponse.data.tables.header import known_names
from coresponse.data.tables.ids import none_ids
from coresponse.data.tables.specs import DISTRICTS, ROW_IDS
from coresponse.data.tangled import refuse_tangled
from coresponse.data.words import natural_order

# An id with a word, such as Ward 3 or Centro, is a name of its own; 12, A4 and NW are not.
_WORD = r"[^\W\d_]{3}"

# Districts left out that a note has room for.
MOST_NAMED = 6


def read_districts(
    path: Path,
    *,
    network: RoadNetwork,
    id_column: str | None = None,
    name_column: str | None = None,
    area_column: str | None = None,
    agency_column: str | None = None,
) -> Districts:
    """Read district polygons.

    Broken rings are repaired, polygons of one district united (their residents added up, unless all
    state the same number), districts that do not touch the roads' extent left out.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile (also zipped), GeoParquet.
    network
        The roads; districts come out in their CRS.
    id_column, name_column
        Where they are not found by themselves.
    area_column
        Says whether a district is urban, rural or the like; of polygons that are joined, the first
        one's.
    agency_column
        Says which agency a district is of; likewise.

    Raises
    ------
    InputError
        If the file holds no polygon with a CRS near the roads, or a column is not there.
    """
    layer, notes = _read_layer(path)
    stated = {"district_id": id_column, "name": name_column}
    given = {ours: theirs for ours, theirs in stated.items() if theirs}
    found = match_columns(
        DISTRICTS, list(layer.columns.drop(layer.geometry.name)), given, where=path.name
    )
    _check_columns(layer, path, areas=area_column, agencies=agency_column)
    layer = gpd.GeoDataFrame(layer.set_geometry(layer.geometry.make_valid().map(_areas)))
    layer = layer[~layer.geometry.is_empty].reset_index(drop=True)
    if layer.empty:
        raise InputError(f"{path}: holds no polygon -- districts are areas")
    if id_column is None:
        found, more = _finest(layer, found)
        notes += more
    ids, names = _ids_and_names(layer, found)
    frame = gpd.GeoDataFrame(
        {
            "district_id": ids,
            "name": names,
            "population": pd.to_numeric(layer[found["population"]], errors="coerce")
            if "population" in found
            else np.nan,
            "area": "" if area_column is None else as_text(layer[area_column]),
            "agency": "" if agency_column is None else as_text(layer[agency_column]),
        },
        geometry=layer.geometry,
        crs=layer.crs,
    )
    frame = _united(_projected(frame, network.crs, path))
    extent = box(
        network.node_x.min(), network.node_y.min(), network.node_x.max(), network.node_y.max()
    )
    near = frame.intersects(extent)
    notes += _left_out(
        frame.loc[~near, "name"].astype(str).sort_values(key=natural_order).tolist(), len(frame)
    )
    frame = frame[near]
    if frame.empty:
        raise InputError(f"{path}: no district touches the roads -- is the CRS right?")
    frame = frame.sort_values("district_id", key=natural_order, ignore_index=True)
    area = () if area_column is None else tuple(frame["area"].astype(str))
    agency = () if agency_column is None else tuple(frame["agency"].astype(str))
    frame = frame[["district_id", "name", "population", "geometry"]]
    return Districts(gpd.GeoDataFrame(frame, crs=network.crs), notes, area, agency)


def _ids_and_names(
    layer: gpd.GeoDataFrame, found: dict[str, str]
) -> tuple[pd.Series[str], pd.Series[str]]:
    """Return each polygon's id, made from its row where it has none, and its district's name."""
    number = pd.Series(np.arange(1, len(layer) + 1).astype(str))
    ids = as_text(layer[found["district_id"]]) if "district_id" in found else number
    none = none_ids(ids, zeros=False) & ids.duplicated(keep=False).to_numpy()
    ids = ids.where((ids != "") & ~none, "row-" + number)
    named = ids.str.contains(_WORD) & ~ids.str.startswith("row-")
    called = ids.where(named, "District " + ids)
    names = as_text(layer[found["name"]]) if "name" in found else called
    return ids, names.where(names != "", called)


def _united(polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Unite the polygons of one district."""
    frame = polygons.dissolve(
        "district_id",
        aggfunc={"name": "first", "population": _residents, "area": "first", "agency": "first"},
    ).reset_index()
    frame["population"] = frame["population"].where(frame["population"] > 0)
    return frame


def _check_columns(layer: gpd.GeoDataFrame, path: Path, **asked: str | None) -> None:
    """Refuse columns that the study names and the file lacks."""
    sections = {"areas": "[standards]", "agencies": "[agencies]"}
    for what, column in asked.items():
        if column is not None and column not in layer.columns:
            there = ", ".join(map(str, layer.columns.drop(layer.geometry.name)))
            raise InputError(
                f"{path.name}: there is no column {column!r} of {what} -- {sections[what]} "
                f"district_column; there are: {there}"
            )


def _finest(
    layer: gpd.GeoDataFrame, found: dict[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Of several columns of ids take the one that joins fewest polygons, and say what is joined.

    Numbers of rows are no ids where there is another column.
    """
    known = {plain(name): name for name in map(str, layer.columns.drop(layer.geometry.name))}
    spec = next(column for column in DISTRICTS.columns if column.name == "district_id")
    rows = {plain(name) for name in (*ROW_IDS, "id")}
    names = dict.fromkeys(
        known[plain(name)]
        for name in (spec.name, *spec.aliases)
        if plain(name) in known and plain(name) not in rows
    )
    counts = {name: len(set(as_text(layer[name])) - {""}) for name in names}
    counts = {name: count for name, count in counts.items() if count > 1} or counts
    if not counts:
        return found, ()
    best = max(counts, key=lambda name: counts[name])  # of several alike the most telling
    out = {**found, "district_id": best}
    if out.get("name") == best:
        del out["name"]
    others = ", ".join(f"{name!r} ({n})" for name, n in counts.items() if n < counts[best])
    notes = []
    if others:
        notes.append(
            f"districts are by column {best!r} ({counts[best]}), the finest; there is also "
            f"{others}: to use it, state id_column under [districts]"
        )
    if counts[best] < len(layer):
        notes.append(
            f"{len(layer):,} polygons are joined into {counts[best]:,} districts, by {best!r} -- "
            "state another id_column under [districts] to tell them apart"
        )
    return out, tuple(notes)


def _left_out(names: list[str], n: int) -> tuple[str, ...]:
    """Say which districts are off the map: a map that is cut too small would lose them unseen."""
    if not names:
        return ()
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    which = f"{', '.join(names[:MOST_NAMED])}{more}"
    return (f"{len(names):,} of {n:,} districts lie outside the roads' extent, left out: {which}",)


def _read_layer(path: Path) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    refuse_no_areas(path, "districts")
    layer, notes = read_areas(path, known=known_names(DISTRICTS))
    if layer is None or layer.empty:
        raise InputError(f"{path}: holds no polygon -- districts are areas")
    refuse_tangled(np.asarray(layer.geometry.array), path)
    return layer.loc[np.asarray(layer.geometry.notna() & ~layer.geometry.is_empty)], notes


def _projected(frame: gpd.GeoDataFrame, crs: str, path: Path) -> gpd.GeoDataFrame:
    """Bring areas to the roads' CRS.

    Corners that are nowhere on Earth would give areas without end.
    """
    try:
        frame = frame.set_geometry(shapely.force_2d(frame.geometry.array)).to_crs(crs)
    except ProjError as error:
        raise InputError(
            f"{path}: its CRS cannot be placed on Earth -- save it as EPSG:4326"
        ) from error
    wrong = nowhere(np.asarray(frame.geometry.array))
    if len(wrong):
        faults = Faults(str(path))
        for row in wrong:
            faults.add(
                f"district {frame['district_id'].iloc[row]}",
                "has a corner that is not on Earth",
                "is the CRS right?",
            )
        faults.raise_if_any()
    broken = ~frame.geometry.is_valid  # a ring may come to touch itself where it is drawn anew
    if broken.any():
        frame.loc[broken, "geometry"] = frame.geometry[broken].make_valid().map(_areas)
    return gpd.GeoDataFrame(frame.loc[np.asarray(~frame.geometry.is_empty)])


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape's polygons, without the lines and points that repairing a ring leaves."""
    parts = shapely.get_parts(shape)
    nested = [_areas(part) if part.geom_type == "GeometryCollection" else part for part in parts]
    return shapely.union_all(
        [part for part in nested if part.geom_type in {"Polygon", "MultiPolygon"}]
    )


def _residents(values: pd.Series) -> float:
    """Add up residents.

    Several polygons with one and the same number are pieces of one district.
    """
    known = values.dropna()
    if known.empty:
        return float("nan")
    return float(known.iloc[0] if (known == known.iloc[0]).all() else known.sum())
