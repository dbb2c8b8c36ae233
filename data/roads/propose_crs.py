"""Which CRS puts places on the roads, where nobody says in which their coordinates are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Proj, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import CRSError, ProjError
from scipy.spatial import KDTree

from coresponse.data.date_line import side_by_side
from coresponse.data.roads.network import RoadNetwork

# Places that are tried.
SAMPLE = 300

# Calls are within this of a road in the middle; those of another CRS are a street or a city
# off.
NEAR_M = 150.0

# What a file is in whose planner states a projected CRS though its columns hold degrees.
DEGREES = ("EPSG:4326", "degrees of WGS 84")

# a county may reach a little beyond the zone that most of it lies in
MARGIN_DEGREES = 0.3
# Datums of one zone differ by about a meter: which of them it is does not matter.
ALIKE_M = 1.5


@dataclass(frozen=True)
class ProposedCrs:
    """A CRS that puts places on the roads.

    Attributes
    ----------
    code, name
        Such as ``EPSG:2263``, and what it is called.
    median_m
        From the places to the nearest road, in the middle.
    """

    code: str
    name: str
    median_m: float

    def __str__(self) -> str:
        """Say it to people."""
        return f"{self.code} ({self.name}) puts the places {self.median_m:,.0f} m from a road in the middle"


def propose_crs(
    x: NDArray[np.float64], y: NDArray[np.float64], network: RoadNetwork
) -> ProposedCrs | None:
    """Find the projected CRS of the roads' area, or degrees, in which places lie on the roads.

    All of the area in EPSG's list are tried: state plane zones, UTM, national grids; of those that
    do equally well, the one with the shortest name.

    Parameters
    ----------
    x, y
        (n,) as the file has them; not-a-number counts as no place.

    Returns
    -------
    ProposedCrs or None
        None if none does.
    """
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & ((x != 0) | (y != 0)))
    if not len(known):
        return None
    some = known[:: max(1, len(known) // SAMPLE)][:SAMPLE]
    px, py = x[some], y[some]
    tree = KDTree(network.shape_xy)
    found: list[ProposedCrs] = []
    small = (np.abs(px) <= 180) & (np.abs(py) <= 90)
    degrees = [DEGREES] if small.mean() > 0.5 else []
    for code, name in (*degrees, *_candidates(network, px[:5], py[:5])):
        moved = _moved(code, network.crs, px, py)
        if moved is not None and np.isfinite(moved).all(axis=1).mean() > 0.5:
            distance, _ = tree.query(moved[np.isfinite(moved).all(axis=1)])
            found.append(ProposedCrs(code, name, float(np.median(distance))))
    if not found:
        return None
    best = min(one.median_m for one in found)
    alike = [one for one in found if one.median_m <= best + ALIKE_M]
    chosen = min(alike, key=lambda one: (len(one.name), one.code))
    return chosen if chosen.median_m <= NEAR_M else None


def _candidates(
    network: RoadNetwork, x: NDArray[np.float64], y: NDArray[np.float64]
) -> list[tuple[str, str]]:
    """Return the CRS of the area in which some of a few places are near it.

    By the projections alone, without shifts between datums, which take twenty times as long; of
    those that are the same projection, the one with the shortest name.
    """
    to_degrees = Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(network.node_x, network.node_y)
    lon = side_by_side(lon)
    west, east = float(lon.min()), float(lon.max())
    south, north = float(lat.min()), float(lat.max())
    # EPSG's areas that touch the date line end there: none contains a city on both sides
    crosses = east > 180
    known = query_crs_info(
        "EPSG",
        pj_types=PJType.PROJECTED_CRS,
        area_of_interest=AreaOfInterest(west, south, east - 360 * crosses, north),
        contains=not crosses,
    )
    west, south = west - MARGIN_DEGREES, south - MARGIN_DEGREES
    east, north = east + MARGIN_DEGREES, north + MARGIN_DEGREES
    out: dict[bytes, tuple[str, str]] = {}
    for info in sorted(known, key=lambda info: (len(info.name), info.code)):
        code = f"{info.auth_name}:{info.code}"
        if info.deprecated:
            continue
        try:
            lon, lat = Proj(code)(x, y, inverse=True)
        except (ProjError, CRSError):
            continue
        lon = np.where(crosses & (lon < 0), lon + 360, lon)
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        if inside.any():
            # WGS 84 and NAD 83 differ by less than a meter here, NAD 27 by a hundred
            out.setdefault(np.round([lon, lat], 6).tobytes(), (code, info.name))
    return list(out.values())


def _moved(
    code: str, target: str, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    try:
        change = Transformer.from_crs(code, target, always_xy=True)
        return np.column_stack(change.transform(x, y))
    except ProjError:
        return None
