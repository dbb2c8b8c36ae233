"""Where calls are: from columns of degrees or of a CRS to meters in the road network's CRS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from scipy.spatial import KDTree

from coresponse.data.addresses.match import Addresses, match_addresses
from coresponse.data.calls.coordinates import addresses_alone, coordinates_of
from coresponse.data.errors import InputError, Proposal
from coresponse.data.notes import Count, Note
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.propose_crs import SAMPLE, ProposedCrs, propose_crs
from coresponse.data.tables.cells import as_numbers, as_text
from coresponse.data.tables.table import Table

NO_PLACE = "no place"
AT_ZERO = "place at 0, 0"
NOT_A_PLACE = "place is not on Earth"
NOT_FOUND = "address is not found"

# If most places are farther than this from any crossing, another CRS is tried: zones beside each other, feet of two kinds
# and old datums put places some hundred meters to some hundred kilometers off.
BESIDE_M = 2_000.0

# If most calls, or all of a state's posts, are farther from the roads, the coordinates are wrong.
FAR_M = 100_000.0


@dataclass(frozen=True, eq=False)
class Places:
    """Places in the road network's CRS.

    Attributes
    ----------
    x, y
        (n,) meters, NaN where there is no usable place.
    reason
        (n,) why there is none; '' where there is one.
    detail
        (n,) the value that was found.
    from_addresses
        Whether addresses were looked up, for want of coordinates.
    notes
        Sentences for people: rows without coordinates in a file that has some.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    reason: NDArray[np.object_]
    detail: NDArray[np.object_]
    from_addresses: bool = False
    notes: tuple[Note, ...] = ()


def read_places(
    table: Table,
    columns: Mapping[str, str],
    *,
    crs: str | None,
    target_crs: str,
    where: str,
    addresses: Addresses | None = None,
) -> Places:
    """Bring a table's places to the network's CRS.

    The geometry of a map layer goes first; then, if a CRS is given, columns x and y; then longitude
    and latitude; then x and y if they are degrees; then both in one cell; then addresses. Rows that
    lack coordinates where others have them are looked up by their addresses.

    Raises
    ------
    InputError
        If there are no such columns, or their CRS is not known.
    """
    if addresses_alone(table, columns):
        return _addressed(table, columns, addresses, where)
    found = coordinates_of(table, columns, crs, where)
    source, x, y = found.crs, found.x, found.y
    reason = np.full(len(x), "", dtype=object)
    blank = np.isnan(x) | np.isnan(y)
    reason[blank] = NO_PLACE
    zero = ~blank & (x == 0) & (y == 0)
    reason[zero] = AT_ZERO
    if source.is_geographic:
        _refuse_if_swapped(x[~blank & ~zero], y[~blank & ~zero], target_crs, where)
        reason[~blank & ((np.abs(x) > 180) | (np.abs(y) > 90))] = NOT_A_PLACE
    usable = reason == ""
    out_x, out_y = np.full(len(x), np.nan), np.full(len(x), np.nan)
    if usable.any():
        try:
            change = Transformer.from_crs(source, target_crs, always_xy=True)
        except ProjError as error:
            raise InputError(
                f"{where}: CRS {source.name} cannot be placed on Earth -- write like EPSG:4326"
            ) from error
        out_x[usable], out_y[usable] = change.transform(x[usable], y[usable])
    lost = usable & ~(np.isfinite(out_x) & np.isfinite(out_y))
    reason[lost] = NOT_A_PLACE
    out_x[lost], out_y[lost] = np.nan, np.nan
    detail = np.full(len(x), "", dtype=object)
    wrong = reason != ""
    detail[wrong] = found.written(wrong)
    places = Places(out_x, out_y, reason, detail)
    if "address" not in columns or addresses is None:
        return places
    return _filled_in(places, as_text(table.frame[columns["address"]]), addresses, where)


def _filled_in(places: Places, text: pd.Series[str], addresses: Addresses, where: str) -> Places:
    """Look up the addresses of rows without coordinates."""
    without = np.isin(places.reason, [NO_PLACE, AT_ZERO]) & (text != "").to_numpy()
    if not without.any():
        return places
    try:
        x, y, why = match_addresses(text[without].reset_index(drop=True), addresses, where)
    except InputError:  # no book, or none of them in it: the other rows have their coordinates
        x = y = np.full(int(without.sum()), np.nan)
        why = np.full(len(x), "", dtype=object)
        told: tuple[Note, ...] = ()
    else:
        told = addresses().notes
    out_x, out_y = places.x.copy(), places.y.copy()
    reason, detail = places.reason.copy(), places.detail.copy()
    out_x[without], out_y[without] = x, y
    found = np.isfinite(x)
    reason[without] = np.where(found, "", NOT_FOUND)
    detail[without] = np.where(found, "", _explained(text[without], why))
    said = Note(
        "{file}: {of} rows have an address and no coordinates; {n} of them were found by it, the "
        "others are set aside",
        file=where,
        n=Count(found.sum()),
        of=Count(without.sum()),
    )
    return Places(out_x, out_y, reason, detail, notes=(*told, said))


def match_note(places: Places, file: str) -> list[Note]:
    """Say how many addresses were found, where places come from addresses."""
    if not places.from_addresses:
        return list(places.notes)
    found = int((places.reason == "").sum())
    written = found + int((places.reason == NOT_FOUND).sum())
    return [
        *places.notes,
        Note(
            "{file}: {n} of {of} addresses were found; the others are set aside, each listed",
            file=file,
            n=Count(found),
            of=Count(written),
        ),
    ]


def _addressed(
    table: Table, columns: Mapping[str, str], addresses: Addresses | None, where: str
) -> Places:
    text = as_text(table.frame[columns["address"]])
    x, y, why = match_addresses(text, addresses, where)
    lost = ~np.isfinite(x)
    reason = np.where(lost, NOT_FOUND, "").astype(object)
    reason[(text == "").to_numpy()] = NO_PLACE
    detail = np.where(lost, _explained(text, why), "").astype(object)
    return Places(x, y, reason, detail, True, () if addresses is None else addresses().notes)


def _explained(text: pd.Series[str], why: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.array(
        [f"{a} ({b})" if b else a for a, b in zip(text, why, strict=True)], dtype=object
    )


def place_rows(
    table: Table,
    columns: Mapping[str, str],
    *,
    crs: str | None,
    network: RoadNetwork,
    file: str,
    section: str,
    may_be_of_a_state: bool = False,
    addresses: Addresses | None = None,
) -> Places:
    """Bring a table's places to the roads, or tell which CRS would.

    Parameters
    ----------
    section
        Of ``study.toml`` in which the file's CRS is stated.
    addresses
        The city's address book, for files without coordinates.

    Raises
    ------
    InputError
        As :func:`read_places` and :func:`refuse_if_far`, with the CRS that puts the places on the
        roads, if there is one.
    """
    try:
        places = read_places(
            table, columns, crs=crs, target_crs=network.crs, where=file, addresses=addresses
        )
        refuse_if_far(places.x, places.y, network, file, may_be_of_a_state=may_be_of_a_state)
        _refuse_if_beside(places, table, columns, network, file)
    except InputError as error:
        proposed = _proposed(table, columns, network)
        if proposed is None or proposed.code == crs:
            raise
        stated = f"in place of {crs!r}" if crs else "of this file"
        line = f'under {section} write crs = "{proposed.code}", {stated}: {proposed}'
        offered = Proposal(file, "crs", proposed.code, str(proposed))
        raise InputError(f"{error}; {line}").with_proposals(*(() if crs else (offered,))) from None
    return places


def _refuse_if_beside(
    places: Places,
    table: Table,
    columns: Mapping[str, str],
    network: RoadNetwork,
    file: str,
) -> None:
    """Refuse places that are beside the roads in one CRS and on them in another.

    Calls of a whole county beside a city's roads are on them in none.
    """
    known = np.flatnonzero(np.isfinite(places.x) & np.isfinite(places.y))
    some = known[:: max(1, len(known) // SAMPLE)]
    if not len(some) or _proposable(table, columns) is None:
        return
    nodes = KDTree(np.column_stack([network.node_x, network.node_y]))
    off_m = float(np.median(nodes.query(np.column_stack([places.x[some], places.y[some]]))[0]))
    if off_m > BESIDE_M and _proposed(table, columns, network) is not None:
        raise InputError(
            f"{file}: half of the places are more than {off_m / 1000:,.1f} km from any crossing"
        )


def _proposable(table: Table, columns: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the columns of coordinates whose CRS the file does not say."""
    if table.places is not None:
        return None
    pairs = (("x", "y"), ("longitude", "latitude"))
    return next((pair for pair in pairs if set(pair) <= set(columns)), None)


def _proposed(table: Table, columns: Mapping[str, str], network: RoadNetwork) -> ProposedCrs | None:
    pair = _proposable(table, columns)
    if pair is None:
        return None
    x, y = (as_numbers(table.frame[columns[name]]) for name in pair)
    return propose_crs(x, y, network)


def _refuse_if_swapped(
    x: NDArray[np.float64], y: NDArray[np.float64], target_crs: str, where: str
) -> None:
    """Refuse a file in which longitude and latitude have changed places.

    Most fit the roads' zone the other way.
    """
    area = CRS.from_user_input(target_crs).area_of_use
    if area is None or not len(x):
        return

    def fitting(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> int:
        return int(
            (
                (lon >= area.west) & (lon <= area.east) & (lat >= area.south) & (lat <= area.north)
            ).sum()
        )

    turned = fitting(y, x)
    if turned > len(x) / 2 and turned > fitting(x, y):
        raise InputError(
            f"{where}: the middle place is at longitude {np.median(x):.4f}, latitude "
            f"{np.median(y):.4f}: they look "
            "swapped -- exchange the two columns: columns.longitude and columns.latitude"
        )


def refuse_if_far(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    network: RoadNetwork,
    where: str,
    *,
    may_be_of_a_state: bool = False,
) -> None:
    """Refuse places that are somewhere else than the roads, and say where both are.

    Parameters
    ----------
    may_be_of_a_state
        Whether a few within the city are enough, as of a state's hospitals; else most must be.

    Raises
    ------
    InputError
        If most, or all, are more than 100 km outside the roads' extent.
    """
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return
    x, y, node_x, node_y = x[known], y[known], network.node_x, network.node_y
    dx = np.maximum(np.maximum(node_x.min() - x, x - node_x.max()), 0.0)
    dy = np.maximum(np.maximum(node_y.min() - y, y - node_y.max()), 0.0)
    distance = np.hypot(dx, dy)
    near = int(distance.argmin())
    away = float(distance[near] if may_be_of_a_state else np.median(distance))
    which = "nearest" if may_be_of_a_state else "middle"
    if away > FAR_M:
        place = (x[near], y[near]) if may_be_of_a_state else (np.median(x), np.median(y))
        roads = (np.median(node_x), np.median(node_y))
        raise InputError(
            f"{where}: the {which} place is {away / 1000:,.0f} km from the roads, at "
            f"{_in_degrees(place, network.crs)}; the roads are around "
            f"{_in_degrees(roads, network.crs)} -- is the CRS right (feet taken for meters?), and are the "
            "places and the roads of the same city?"
        )


def _in_degrees(place: tuple[float, float], crs: str) -> str:
    """Write a place as people look it up on a map, to a kilometer."""
    longitude, latitude = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(*place)
    if not (np.isfinite(longitude) and np.isfinite(latitude)):
        return "no place on Earth"
    return f"latitude {latitude:.2f}, longitude {longitude:.2f}"
