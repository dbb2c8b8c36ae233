"""Residents: where people live, as a census or a planning office has it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from coresponse.data.calls.coordinates import layer_place
from coresponse.data.calls.places import place_rows
from coresponse.data.corners import nowhere
from coresponse.data.errors import InputError
from coresponse.data.notes import Note
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.snap import snap_to_crossing
from coresponse.data.tables.areas import SHAPE_KINDS, read_areas
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.header import known_names
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import POPULATION
from coresponse.data.unpack import PACKED

# Classes of roads along which no houses stand, or, as alleys and parking lots, none that are counted.
NOT_LIVED_ON = frozenset({
    "motorway", "motorway_link", "trunk", "trunk_link", "primary_link", "secondary_link", "service",
})  # fmt: skip

# Of one row: no block, tract or county has more.
MOST_RESIDENTS = 50_000_000


@dataclass(frozen=True, eq=False)
class PlacedRows:
    """Rows of a file of residents, and the crossings along whose roads their people live.

    Attributes
    ----------
    file
        Its name.
    frame
        All columns, one row an area or point.
    column, people
        Of the residents: its name, and (rows,) how many.
    row, node, weight
        (m,) a row, a crossing, and the part of the row's people who live nearest to it.
    notes
        Which sheet or layer was read.
    """

    file: str
    frame: pd.DataFrame
    column: str
    people: NDArray[np.float64]
    row: NDArray[np.int64]
    node: NDArray[np.int64]
    weight: NDArray[np.float64]
    notes: tuple[Note, ...] = ()

    def at_nodes(self, people: NDArray[np.float64], n_nodes: int) -> NDArray[np.float64]:
        """Return (nodes,) of (rows,) people how many live nearest to each crossing."""
        found = np.bincount(self.node, weights=people[self.row] * self.weight, minlength=n_nodes)
        return np.asarray(found, dtype=np.float64)

    @property
    def outside(self) -> NDArray[np.bool_]:
        """(rows,) bool: with people, and off the map."""
        used = np.zeros(len(self.people), dtype=bool)
        used[self.row] = True
        return (self.people > 0) & ~used


@dataclass(frozen=True, eq=False)
class Population:
    """Residents on the road network.

    Attributes
    ----------
    residents
        (nodes,) float64: residents who live nearest to each crossing.
    rows, outside
        Rows with residents, and those of them that are off the map.
    residents_outside
        Of these.
    column
        Column that the residents were read from.
    notes
        Sentences for people.
    """

    residents: NDArray[np.float64]
    rows: int
    outside: int
    residents_outside: float
    column: str
    notes: tuple[Note, ...] = ()

    @property
    def total(self) -> float:
        """Residents on the network."""
        return float(self.residents.sum())


def read_population(
    path: Path,
    *,
    network: RoadNetwork,
    column: str | None = None,
    crs: str | None = None,
    snap_max_m: float = 500.0,
) -> Population:
    """Read residents and put them on the crossings of the roads.

    Residents of an area live along the roads in it: each crossing takes part by the length of its
    roads along which houses stand. An area without a crossing, and a point, go to the nearer end of
    the nearest road.

    Parameters
    ----------
    path
        Areas (GeoJSON, GeoPackage, Shapefile, GeoParquet), or points (these, or a table with
        coordinates), with a column of residents; also packed.
    column
        Of the residents, where it is not found by its name.
    crs
        Of coordinates in a table, if they are not degrees.
    snap_max_m
        Areas and points farther than this from every road are off the map.

    Raises
    ------
    InputError
        If the file is not readable, has no such column, or nobody in it lives near the roads.
    """
    placed = place_residents(path, network=network, column=column, crs=crs, snap_max_m=snap_max_m)
    outside = placed.outside
    return Population(
        placed.at_nodes(placed.people, network.n_nodes),
        rows=int((placed.people > 0).sum()),
        outside=int(outside.sum()),
        residents_outside=float(placed.people[outside].sum()),
        column=placed.column,
        notes=placed.notes,
    )


def place_residents(
    path: Path,
    *,
    network: RoadNetwork,
    column: str | None = None,
    crs: str | None = None,
    snap_max_m: float = 500.0,
    section: str = "[population]",
) -> PlacedRows:
    """Read a file of residents and say along which roads the people of each row live.

    Parameters
    ----------
    path, network, column, crs, snap_max_m
        As for :func:`read_population`, with the same errors.
    section
        Of ``study.toml``, for what a fault says.
    """
    given = {"residents": column} if column else {}
    shapes = _areas(path, network)
    if shapes is None:
        placed = _of_points(path, given, network, crs, snap_max_m, section)
    else:
        placed = _of_areas(path, given, network, *shapes, snap_max_m, section)
    if not (placed.people[placed.row] * placed.weight).sum() > 0:
        raise InputError(
            f"{path.name}: nobody lives near the roads: of {int((placed.people > 0).sum()):,} rows "
            f"with residents ({placed.column}) none is within {snap_max_m:g} m of a road -- is "
            "it of this city, and is its CRS right?"
        )
    return placed


def _of_points(
    path: Path,
    given: dict[str, str],
    network: RoadNetwork,
    crs: str | None,
    snap_max_m: float,
    section: str,
) -> PlacedRows:
    table = read_table(path, POPULATION)
    found = match_columns(
        POPULATION,
        list(table.frame.columns),
        given,
        where=path.name,
        given=layer_place(table),
        frame=table.frame,
    )
    name = found["residents"]
    people = numbers_of_people(table.frame[name], path.name, name, section)
    places = place_rows(
        table,
        found,
        crs=crs,
        network=network,
        file=path.name,
        section=section,
        may_be_of_a_state=True,
    )
    node = snap_to_crossing(network, places.x, places.y, snap_max_m)
    near = np.flatnonzero(node >= 0)
    weight = np.ones(len(near))
    return PlacedRows(
        path.name,
        table.frame,
        name,
        people,
        near,
        node[near].astype(np.int64),
        weight,
        table.notes,
    )


def _of_areas(
    path: Path,
    given: dict[str, str],
    network: RoadNetwork,
    rows: pd.DataFrame,
    areas: NDArray[np.object_],
    notes: tuple[Note, ...],
    snap_max_m: float,
    section: str,
) -> PlacedRows:
    columns = [str(name) for name in rows.columns]
    place = ("longitude", "latitude")
    name = match_columns(POPULATION, columns, given, where=path.name, given=place, frame=rows)[
        "residents"
    ]
    people = numbers_of_people(rows[name], path.name, name, section)
    return PlacedRows(
        path.name, rows, name, people, *_in_areas(areas, people, network, snap_max_m), notes
    )


def _areas(
    path: Path, network: RoadNetwork
) -> tuple[pd.DataFrame, NDArray[np.object_], tuple[Note, ...]] | None:
    """Return rows, their areas in the network's CRS, and what is told of them; None if the file has no areas."""
    if not path.is_file() or path.suffix.lower() not in {*SHAPE_KINDS, *PACKED}:
        return None  # told by the reader of tables, or read by it
    tables = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
    layer, notes = read_areas(path, known=known_names(POPULATION), others=tables)
    if layer is None:
        return None
    shapes = np.asarray(layer.geometry.array)
    layer = layer.loc[(shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes)]
    try:
        moved = np.asarray(
            layer.geometry.set_crs(layer.crs).force_2d().make_valid().to_crs(network.crs).array
        )
    except ProjError as error:
        raise InputError(
            f"{path}: its CRS cannot be placed on Earth -- save it as EPSG:4326"
        ) from error
    if len(nowhere(moved)):
        raise InputError(f"{path}: an area has a corner that is not on Earth -- is the CRS right?")
    rows = pd.DataFrame(layer.drop(columns=layer.geometry.name)).reset_index(drop=True)
    return rows, moved, notes


def numbers_of_people(
    values: pd.Series, file: str, column: str, section: str
) -> NDArray[np.float64]:
    """Return a column of how many people; what is no number of 0 or more is 0.

    Raises
    ------
    InputError
        If most of it is none, or a row has more people than any place on Earth.
    """
    text = as_text(values).str.replace(",", "", regex=False)
    numbers = np.asarray(pd.to_numeric(text.where(text != "", "0"), errors="coerce"), dtype=float)
    # statistical offices write what they do not tell as a negative number, such as -666666666
    known = np.isfinite(numbers) & (numbers >= 0)
    if known.mean() < 0.5:
        raise InputError(
            f"{file}: column {column!r} does not hold residents: most of it is not a number of 0 "
            f"or more -- name the column: {section} column"
        )
    wrong = np.flatnonzero(known & (numbers > MOST_RESIDENTS))
    if len(wrong):
        raise InputError(
            f"{file}: column {column!r} has {numbers[wrong[0]]:,.0f} residents in a row -- name "
            f"the column of residents: {section} column"
        )
    return np.where(known, numbers, 0.0)


def _in_areas(
    areas: NDArray[np.object_], people: NDArray[np.float64], network: RoadNetwork, snap_max_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return areas, the crossings in each, and the part of its people who live nearest to each."""
    lived_on = _lived_on_m(network)
    nodes = shapely.points(network.node_x, network.node_y)
    area, node = shapely.STRtree(nodes).query(areas, predicate="intersects")
    length = lived_on[node]
    whole = np.bincount(area, weights=length, minlength=len(areas))
    count = np.bincount(area, minlength=len(areas))
    # where houses stand along none of an area's roads, they stand somewhere on them
    weight = np.where(whole[area] > 0, length / np.maximum(whole[area], 1e-9), 1 / count[area])
    without = np.flatnonzero((count == 0) & (people > 0))
    if len(without):
        middle = shapely.point_on_surface(areas[without])
        near = snap_to_crossing(network, shapely.get_x(middle), shapely.get_y(middle), snap_max_m)
        used = near >= 0
        area = np.concatenate([area, without[used]])
        node = np.concatenate([node, near[used]])
        weight = np.concatenate([weight, np.ones(int(used.sum()))])
    return area.astype(np.int64), node.astype(np.int64), weight


def _lived_on_m(network: RoadNetwork) -> NDArray[np.float64]:
    """Return (nodes,) meters of roads with houses that begin or end at each crossing."""
    houses = np.array([name not in NOT_LIVED_ON for name in network.road_classes], dtype=bool)
    length = np.where(houses[network.road_class], network.length_m.astype(np.float64), 0.0)
    n = network.n_nodes
    return np.asarray(
        np.bincount(network.edge_from, weights=length, minlength=n)
        + np.bincount(network.edge_to, weights=length, minlength=n)
    )
