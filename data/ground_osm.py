"""Water, parks, rail and their names from the OpenStreetMap extract that a study's roads come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from coresponse.data.corners import nowhere
from coresponse.data.errors import unreadable
from coresponse.data.ground import FINEST_M, drawn_areas, named_areas, surroundings
from coresponse.data.ground_shore import water_beside
from coresponse.data.roads.entities import refuse_entities
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.pbf import refuse_inflated
from coresponse.data.roads.street_names import street_name
from coresponse.data.tables.extract import EXTRACT_KINDS, is_extract
from coresponse.data.tangled import refuse_tangled
from coresponse.data.unpack import unpacked

WATER = {
    "natural": frozenset({"water", "bay"}),
    "waterway": frozenset({"riverbank", "dock"}),
    "landuse": frozenset({"reservoir", "basin"}),
}
PARKS = {
    "leisure": frozenset({"park", "nature_reserve", "golf_course", "garden"}),
    "landuse": frozenset({"cemetery", "forest", "recreation_ground", "village_green"}),
    "boundary": frozenset({"national_park"}),
    "natural": frozenset({"wood"}),
}
# Above ground and in use: tunnels, and what was taken up, lead nobody anywhere.
RAIL = frozenset({"rail", "light_rail"})

# Of waters that are mapped as a line only (an assumption: two to three lanes of a road); streams are not drawn.
HALF_WIDTH_M = {"river": 9.0, "canal": 6.0}

# Rivers shorter than this have no room for a name at any first view, and rail is a siding.
SHORTEST_M = 400.0

# Names and corners of lines for one page: 4 kB and 30 kB; the largest and longest stay.
MOST_NAMED, MOST_LINE_CORNERS = 150, 6_000

_KEYS = ("natural", "waterway", "landuse", "leisure", "boundary", "railway")


@dataclass(frozen=True, eq=False)
class ExtractGround:
    """What an extract shows beneath the roads; None where it has none near them.

    Attributes
    ----------
    water, parks
        One row each, a multipolygon in the network's CRS.
    landmarks
        `name`, `kind` (``park``, ``water``: a point that stands for the area; ``river``, ``rail``: lines, rail without
        names), `size_m` (side of a square of the area, or length), in the network's CRS; largest
        first.
    """

    water: gpd.GeoDataFrame | None = None
    parks: gpd.GeoDataFrame | None = None
    landmarks: gpd.GeoDataFrame | None = None

    def with_own(self, what: str, drawn: gpd.GeoDataFrame) -> ExtractGround:
        """Return this with a file's water or parks in place of the extract's, names too if it has any.

        Parameters
        ----------
        what
            ``water`` or ``parks``.
        drawn
            What :func:`~coresponse.data.ground.read_ground` returns.
        """
        own, landmarks = drawn.attrs["named"][:MOST_NAMED], self.landmarks
        if own:
            of_old = {"water": {"water", "river"}, "parks": {"park"}}[what]
            rows = [*own]
            if landmarks is not None:
                kept = landmarks[~landmarks["kind"].isin(of_old)]
                rows += zip(kept["kind"], kept["name"], kept["size_m"], kept.geometry, strict=True)
            landmarks = _frame(rows, drawn.crs)
        return replace(self, **{what: drawn, "landmarks": landmarks})


@dataclass(eq=False)
class _Found:
    """Shapes in degrees, and ways of waters whose outline the extract does not close."""

    water: list[tuple[str, Any]] = field(default_factory=list)
    parks: list[tuple[str, Any]] = field(default_factory=list)
    lines: list[tuple[str, str, Any]] = field(default_factory=list)
    coast: list[Any] = field(default_factory=list)
    banks: list[Any] = field(default_factory=list)


def read_extract_ground(path: Path, *, network: RoadNetwork) -> ExtractGround:
    """Read water, parks, rail and names of an extract; nothing where the file is none.

    Waters that the extract cuts, the sea and rivers wider than it, are closed along the extract's
    edge (:func:`~coresponse.data.ground_shore.water_beside`).

    Parameters
    ----------
    path
        OSM XML or PBF, packed too.
    network
        The roads; shapes come out in their CRS.

    Raises
    ------
    InputError
        If the file is damaged, or its outlines are tangled.
    """
    if not is_extract(path):
        return ExtractGround()
    with unpacked(path, EXTRACT_KINDS, what="road file", usual=".osm") as plain:
        found = _read(plain.resolve(), path)
    move = Transformer.from_crs("EPSG:4326", network.crs, always_xy=True).transform

    def metric(shapes: Iterable[Any]) -> NDArray[np.object_]:
        moved: NDArray[np.object_] = np.empty(0, dtype=object)
        given = [*shapes]
        if given:
            moved = shapely.transform(np.array(given, dtype=object), move, interleaved=False)
            moved = np.delete(moved, nowhere(moved))
        return moved

    lines = [(kind, name, line) for kind, name, line in found.lines]
    rivers = metric(line for kind, _, line in lines if kind == "river")
    canals = metric(line for kind, _, line in lines if kind == "canal")
    areas = metric(shape for _, shape in found.water)
    parks = metric(shape for _, shape in found.parks)
    for shapes in (areas, parks):
        refuse_tangled(shapes, path)
    wide = water_beside(metric(found.coast), metric(found.banks), rivers, network)
    narrow = [
        shapely.buffer(shapes, HALF_WIDTH_M[kind], quad_segs=2)
        for kind, shapes in (("river", rivers), ("canal", canals))
    ]
    return ExtractGround(
        water=drawn_areas(np.concatenate([areas, wide, *narrow]), network),
        parks=drawn_areas(parks, network),
        landmarks=_landmarks(found, metric, network),
    )


def _read(plain: Path, path: Path) -> _Found:
    import osmium  # noqa: PLC0415 -- a second to load, and most studies have their roads in another form

    refuse = refuse_inflated if plain.suffix.lower() == ".pbf" else refuse_entities
    refuse(plain, path.name)
    wanted = osmium.filter.KeyFilter(*_KEYS)
    found, shapes = _Found(), osmium.geom.WKBFactory()
    outlines: dict[int, list[int]] = {}
    closed: set[int] = set()
    try:
        things: Any = osmium.FileProcessor(str(plain)).with_areas(wanted).with_filter(wanted)
        for thing in things:
            tags = {tag.k: tag.v for tag in thing.tags}
            if thing.is_area():
                _take_area(found, tags, shapes, thing)
                if not thing.from_way():
                    closed.add(thing.orig_id())
            elif thing.is_way():
                _take_way(found, tags, thing)
            elif thing.is_relation() and tags.get("type") == "multipolygon" and _is(tags, WATER):
                outlines[thing.id] = [one.ref for one in thing.members if one.type == "w"]
        cut = {way for key, ways in outlines.items() if key not in closed for way in ways}
        if cut:
            again: Any = osmium.FileProcessor(str(plain)).with_locations()
            for thing in again:
                if thing.is_way() and thing.id in cut:
                    found.banks += _runs(thing)
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        raise unreadable(path, "OpenStreetMap file", error) from error
    return found


def _is(tags: Mapping[str, str], kinds: Mapping[str, frozenset[str]]) -> bool:
    return any(tags.get(key, "") in values for key, values in kinds.items())


def _take_area(found: _Found, tags: Mapping[str, str], shapes: Any, thing: Any) -> None:
    into = found.water if _is(tags, WATER) else found.parks if _is(tags, PARKS) else None
    if into is None:
        return
    try:
        shape = shapely.from_wkb(shapes.create_multipolygon(thing))
    except RuntimeError:  # an outline that cannot be closed is none
        return
    into.append((street_name(tags.get("name")), shape))


def _take_way(found: _Found, tags: Mapping[str, str], way: Any) -> None:
    name = street_name(tags.get("name"))
    if tags.get("natural") == "coastline":
        found.coast += _runs(way)
    if "tunnel" in tags:
        return
    if tags.get("railway") in RAIL:
        found.lines += [("rail", "", line) for line in _runs(way)]
    kind = tags.get("waterway", "")
    if kind in HALF_WIDTH_M:
        found.lines += [(kind, name, line) for line in _runs(way)]


def _runs(way: Any) -> list[Any]:
    """Return a way as lines of the nodes that the extract has."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.location.lon, node.location.lat))
        elif runs[-1]:
            runs.append([])
    return [shapely.LineString(run) for run in runs if len(run) > 1]


def _landmarks(found: _Found, metric: Any, network: RoadNetwork) -> gpd.GeoDataFrame | None:
    """Return names of parks and waters at a point, and rivers and rail as lines, the largest first."""
    window = shapely.box(*surroundings(network))
    rows = [
        row
        for what, areas in (("parks", found.parks), ("water", found.water))
        for row in named_areas(
            what, ((name, one) for name, shape in areas if name for one in metric([shape])), network
        )
    ]
    rows = sorted(rows, key=lambda row: (-row[2], row[1]))[:MOST_NAMED]
    by_name: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for kind, name, line in found.lines:
        by_name["rail" if kind == "rail" else "river", name].append(line)
    lines = [
        (kind, name, float(shapely.length(line)), line)
        for (kind, name), parts in by_name.items()
        if name or kind == "rail"
        for line in _joined(metric(parts), window)
        if shapely.length(line) >= SHORTEST_M
    ]
    lines.sort(key=lambda row: (-row[2], row[1], row[3].wkb))
    corners = np.cumsum([shapely.get_num_coordinates(row[3]) for row in lines])
    rows += [row for row, many in zip(lines, corners, strict=True) if many <= MOST_LINE_CORNERS]
    if not rows:
        return None
    return _frame(rows, network.crs)


def _frame(rows: Iterable[tuple[str, str, float, Any]], crs: Any) -> gpd.GeoDataFrame:
    kinds, names, sizes, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"name": names, "kind": kinds, "size_m": sizes}, geometry=[*shapes], crs=crs
    )


def _joined(lines: NDArray[np.object_], window: Any) -> NDArray[np.object_]:
    if not len(lines):
        return lines
    merged = shapely.line_merge(shapely.union_all(shapely.intersection(lines, window)))
    parts = shapely.get_parts(shapely.simplify(merged, 2 * FINEST_M))
    out: NDArray[np.object_] = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
    return out
