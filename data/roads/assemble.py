"""From raw nodes and edges to a :class:`RoadNetwork`.

Metric CRS, largest strongly connected part, travel times.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from coresponse.data.date_line import side_by_side
from coresponse.data.errors import InputError
from coresponse.data.roads.network import RoadNetwork, RoadReport
from coresponse.data.roads.plausible import plausible_speeds
from coresponse.data.roads.raw import RawRoads
from coresponse.data.roads.speeds import CLASS_KPH, NOT_DRIVEN, class_kph
from coresponse.data.roads.street_names import numbered_names

# Longitudes farther apart than this strain one UTM zone; the report says so.
WIDE_DEGREES = 9.0

# A projected CRS is kept where it draws a kilometer this truly.
#
# Web Mercator is a third too long at 40 degrees.
TRUE_SCALE = 0.01

# Stated lengths whose median ratio to the drawn ones lies beyond are not meters (a foot column has 3.28).
LENGTH_RATIOS = (0.5, 2.0)

# No metric CRS has coordinates beyond the one, and no street takes longer to drive than the other.
#
# Such values are faults.
FARTHEST_M, LONGEST_S = 1e8, 1e7

# Share of crossings outside the largest part from which the report speaks of it.
#
# In sound city networks it is 1 or 2%.
MUCH_LOST = 0.05

# a small town loses a few dead ends to its border: as a share they would look like much
FEW_LOST = 20

# Edges shorter than this are drawn as this long.
#
# A time of zero would not be stored in a sparse matrix.
SHORTEST_M = 0.1


def assemble(
    raw: RawRoads, *, source: str, attribution: str, notes: tuple[str, ...] = ()
) -> RoadNetwork:
    """Clean raw roads into the network that everything else uses.

    Raises
    ------
    InputError
        If nothing drivable is left, or coordinates are not finite.
    """
    _refuse_unusable(raw, source)
    crs, (node_x, node_y), shape_xy, crs_notes = _to_metric(raw, source)
    if max(np.abs(node_x).max(), np.abs(node_y).max(), np.abs(shape_xy).max()) > FARTHEST_M:
        raise InputError(_no_fit(source, raw))
    length, length_notes = _lengths(raw.length_m, raw.shape_start, shape_xy)
    raw, speed_notes = plausible_speeds(raw, length)
    travel, assumed = _travel(raw, length)

    driven, kept_nodes, kept_edges = _kept(raw, source)
    position = np.cumsum(kept_nodes) - 1
    counts = np.diff(raw.shape_start)
    classes = _class_order(raw.road_class[kept_edges])
    code = {name: i for i, name in enumerate(classes)}
    street_name, street_names = numbered_names(raw.street_name, kept_edges)
    report = RoadReport(
        source=source,
        nodes_read=len(node_x),
        edges_read=len(raw.edge_from),
        nodes_dropped=int((~kept_nodes).sum()),
        edges_dropped=int((~kept_edges).sum()),
        assumed_speed_share=float(length[kept_edges & assumed].sum() / length[kept_edges].sum()),
        notes=(
            *crs_notes,
            *length_notes,
            *speed_notes,
            *notes,
            *_not_driven_note(raw.road_class[~driven]),
            *_lost_note(kept_nodes, raw.edge_from[driven], raw.edge_to[driven]),
        ),
    )
    return RoadNetwork(
        crs=crs,
        node_id=raw.node_id[kept_nodes].astype(np.int64),
        node_x=node_x[kept_nodes],
        node_y=node_y[kept_nodes],
        edge_from=position[raw.edge_from[kept_edges]].astype(np.int32),
        edge_to=position[raw.edge_to[kept_edges]].astype(np.int32),
        length_m=length[kept_edges].astype(np.float32),
        travel_s=travel[kept_edges].astype(np.float32),
        road_class=np.array([code[name] for name in raw.road_class[kept_edges]], dtype=np.int16),
        road_classes=classes,
        shape_start=np.r_[0, np.cumsum(counts[kept_edges])].astype(np.int64),
        shape_xy=shape_xy[np.repeat(kept_edges, counts)],
        street_name=street_name,
        street_names=street_names,
        attribution=attribution,
        report=report,
    )


def _no_fit(source: str, raw: RawRoads) -> str:
    """Say that coordinates cannot be of the CRS that the file states; a GeoJSON that states none is in degrees."""
    return (
        f"{source}: coordinates do not fit {raw.crs.name} -- is the CRS right? Export the file again in "
        "degrees (longitude, latitude), or as a GeoPackage, which states its CRS"
    )


def _refuse_unusable(raw: RawRoads, source: str) -> None:
    if not len(raw.edge_from):
        raise InputError(f"{source}: no drivable road in it")
    if not all(np.isfinite(one).all() for one in (raw.node_x, raw.node_y, raw.shape_xy)):
        raise InputError(f"{source}: some coordinates are not numbers")


def _kept(
    raw: RawRoads, source: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which edges are driven, and which nodes and edges the network keeps."""
    driven = np.array([name not in NOT_DRIVEN for name in raw.road_class], dtype=bool)
    if not driven.any():
        raise InputError(
            f"{source}: no drivable road in it, only {', '.join(sorted(set(raw.road_class)))}"
        )
    nodes = _largest_part(len(raw.node_x), raw.edge_from[driven], raw.edge_to[driven])
    if nodes.sum() < 2:
        raise InputError(
            f"{source}: no two places can be driven between in both directions -- are all roads "
            "one-way? Check the oneway column"
        )
    return driven, nodes, driven & nodes[raw.edge_from] & nodes[raw.edge_to]


def metric_crs(longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> str:
    """Return the UTM zone of the middle of some places, as an authority string.

    Raises
    ------
    InputError
        Beyond 84 degrees north or 80 south, where UTM ends.
    """
    longitude = side_by_side(longitude)
    lon = (float(longitude.min()) + float(longitude.max())) / 2
    lat = (float(latitude.min()) + float(latitude.max())) / 2
    if not -80 <= lat <= 84:
        raise InputError(f"latitude {lat:.1f} is outside the UTM zones (80 S to 84 N)")
    zone = int((lon + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def is_metric(crs: CRS) -> bool:
    """Whether a CRS is projected with meters on both axes."""
    return bool(crs.is_projected) and all(
        axis.unit_conversion_factor == 1.0 for axis in crs.axis_info[:2]
    )


def _to_metric(
    raw: RawRoads, source: str
) -> tuple[
    str, tuple[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64], tuple[str, ...]
]:
    try:
        to_degrees = Transformer.from_crs(raw.crs, "EPSG:4326", always_xy=True)
    except ProjError as error:
        raise InputError(
            f"{source}: CRS {raw.crs.name} cannot be placed on Earth -- save it as EPSG:4326"
        ) from error
    authority = raw.crs.to_authority() if is_metric(raw.crs) else None
    if authority and _draws_truly(to_degrees, raw.node_x, raw.node_y):
        return ":".join(authority), (raw.node_x, raw.node_y), raw.shape_xy, ()
    lon, lat = to_degrees.transform(raw.node_x, raw.node_y)
    if not (
        np.isfinite(lon).all()
        and np.isfinite(lat).all()
        and np.abs(lat).max() <= 90
        and np.abs(lon).max() <= 180
    ):
        raise InputError(_no_fit(source, raw))
    crs = metric_crs(lon, lat)
    change = Transformer.from_crs(raw.crs, crs, always_xy=True)
    x, y = change.transform(raw.node_x, raw.node_y)
    shape = np.column_stack(change.transform(raw.shape_xy[:, 0], raw.shape_xy[:, 1]))
    if not (np.isfinite(x).all() and np.isfinite(y).all() and np.isfinite(shape).all()):
        raise InputError(f"{source}: too far apart for one UTM zone -- cut the roads to the city")
    east = side_by_side(lon)
    width = float(east.max() - east.min())
    notes = (
        (f"spans {width:.0f} degrees of longitude, more than one UTM zone",)
        if width > WIDE_DEGREES
        else ()
    )
    return crs, (np.asarray(x, dtype=float), np.asarray(y, dtype=float)), shape, notes


def _draws_truly(to_degrees: Transformer, x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    """Whether a kilometer east and one north of the middle are a kilometer on the ground."""
    middle_x, middle_y = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    lon, lat = to_degrees.transform(
        middle_x + np.array([0, 1000, 0]), middle_y + np.array([0, 0, 1000])
    )
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return False
    _, _, ground_m = Geod(ellps="WGS84").inv(lon[[0, 0]], lat[[0, 0]], lon[1:], lat[1:])
    return bool((np.abs(ground_m / 1000 - 1) <= TRUE_SCALE).all())


def _lengths(
    given: NDArray[np.float64], start: NDArray[np.int64], shape_xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    step = np.r_[0.0, np.cumsum(np.hypot(*np.diff(shape_xy, axis=0).T))]
    measured = step[start[1:] - 1] - step[start[:-1]]
    stated = (given > 0) & (given < FARTHEST_M)
    telling = stated & (measured > 1.0)
    ratio = float(np.median(given[telling] / measured[telling])) if telling.any() else 1.0
    notes: tuple[str, ...] = ()
    if not LENGTH_RATIOS[0] <= ratio <= LENGTH_RATIOS[1]:
        stated[:] = False
        notes = (
            (
                f"the stated lengths are not meters ({ratio:.3g} times the drawn ones): measured "
                "from the shapes"
            ),
        )
    return np.maximum(np.where(stated, given, measured), SHORTEST_M), notes


def _lost_note(
    kept: NDArray[np.bool_], edge_from: NDArray[np.int64], edge_to: NDArray[np.int64]
) -> tuple[str, ...]:
    """Say so if more than a scrap of the driven roads is an island, or a trap of one-way streets."""
    driven = np.zeros(len(kept), dtype=bool)
    driven[edge_from] = driven[edge_to] = True
    lost, of = int((driven & ~kept).sum()), int(driven.sum())
    if lost <= max(FEW_LOST, MUCH_LOST * of):
        return ()
    said = f"{lost:,} of {of:,} crossings ({lost / of:.0%}) cannot be driven to and back from the rest and were left out"
    return (f"{said}: look for a missing bridge, or a wrong oneway column",)


def _not_driven_note(classes: NDArray[np.object_]) -> tuple[str, ...]:
    if not len(classes):
        return ()
    return (
        (
            f"{len(classes)} edges are not for driving and were left out: "
            f"{', '.join(sorted(set(classes)))}"
        ),
    )


def _travel(
    raw: RawRoads, length: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Seconds per edge, and where they rest on the class table."""
    from_class = length / (class_kph(list(raw.road_class)) / 3.6)
    from_limit = length / (raw.maxspeed_kph / 3.6)
    stated = (raw.source_travel_s > 0) & (raw.source_travel_s < LONGEST_S)
    limited = ~stated & np.isfinite(from_limit)
    travel = np.where(stated, raw.source_travel_s, np.where(limited, from_limit, from_class))
    return np.maximum(travel, 0.01), ~stated & ~limited


def _largest_part(
    n_nodes: int, edge_from: NDArray[np.int64], edge_to: NDArray[np.int64]
) -> NDArray[np.bool_]:
    matrix = coo_matrix(
        (np.ones(len(edge_from), dtype=np.int8), (edge_from, edge_to)), shape=(n_nodes, n_nodes)
    )
    _, part = connected_components(matrix.tocsr(), directed=True, connection="strong")
    return np.asarray(part == np.bincount(part).argmax())


def _class_order(used: NDArray[np.object_]) -> tuple[str, ...]:
    names = set(used)
    ranked = [name for name in CLASS_KPH if name in names]
    return (*ranked, *sorted(names - set(ranked)))
