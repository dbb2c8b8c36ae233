"""Roads from OpenStreetMap by place name, polygon or box, through OSMnx."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmnx as ox
import platformdirs
import requests
from osmnx._errors import InsufficientResponseError, ResponseStatusCodeError
from pyproj.exceptions import ProjError
from shapely import GEOSException, MultiPolygon, Polygon

from coresponse.data.errors import InputError, MissingInputError, UnsupportedInputError
from coresponse.data.roads.graph import from_graph
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.tables.layer import LAYER_KINDS, read_layer
from coresponse.data.tangled import refuse_tangled
from coresponse.data.unpack import unpacked

_SETTINGS = ("data_folder", "cache_folder", "use_cache", "log_console", "log_file")


@contextmanager
def osmnx_folders() -> Iterator[None]:
    """Keep OSMnx's downloads in the user's cache folder while the block runs, and its settings as they were after."""
    before = {name: getattr(ox.settings, name) for name in _SETTINGS}
    folder = Path(platformdirs.user_cache_dir("coresponse", appauthor=False)) / "osmnx"
    values: tuple[str | bool, ...] = (
        str(folder / "data"),
        str(folder / "cache"),
        True,
        False,
        False,
    )
    try:
        for name, value in zip(_SETTINGS, values, strict=True):
            setattr(ox.settings, name, value)
        yield
    finally:
        for name, old in before.items():
            setattr(ox.settings, name, old)


@contextmanager
def download_errors(
    what: str,
    offline: str = "give a road file: coresponse new DIR --roads FILE ...",
    *,
    nothing: str = 'try a fuller name, as in "Eugene, Oregon, USA", or ',
) -> Iterator[None]:
    """Turn the faults of a download into words for people.

    Parameters
    ----------
    what
        Is asked for.
    offline
        What to do without OpenStreetMap.
    nothing
        What to try first where it finds nothing.

    Raises
    ------
    InputError
        If OpenStreetMap cannot be reached, or knows nothing of the place.
    """
    try:
        yield
    except (requests.RequestException, ResponseStatusCodeError, OSError) as error:
        # first, for some of these are ValueErrors too
        raise InputError(
            f"{what}: OpenStreetMap cannot be reached ({type(error).__name__}) -- check the "
            f"connection, or {offline}"
        ) from error
    except (InsufficientResponseError, TypeError, ValueError) as error:
        raise InputError(
            f"{what}: OpenStreetMap finds nothing there -- {nothing}{offline}"
        ) from error


def read_polygon(path: Path) -> Polygon | MultiPolygon:
    """Read the union of a file's polygons, in degrees.

    Raises
    ------
    InputError
        If the file cannot be read or holds no polygon with a CRS.
    """
    if not path.is_file():
        raise MissingInputError(f"{path} is not there")
    with unpacked(path, LAYER_KINDS) as plain:
        if plain.suffix.lower() not in LAYER_KINDS:
            kinds = ", ".join(LAYER_KINDS)
            raise UnsupportedInputError(
                f"{path}: areas of this kind are not supported; supported are: {kinds}"
            )
        layer, _ = read_layer(plain, path)
    if not isinstance(layer, gpd.GeoDataFrame):
        raise InputError(f"{path}: holds no polygon with a CRS")
    refuse_tangled(np.asarray(layer.geometry.array), path)
    try:
        shape = layer.to_crs(4326).make_valid().union_all()
    except (ProjError, GEOSException) as error:
        raise InputError(
            f"{path}: its areas cannot be united -- mend their rings in a map program, and save it "
            "as EPSG:4326"
        ) from error
    if not isinstance(shape, Polygon | MultiPolygon):
        raise InputError(f"{path}: holds no polygon")
    return shape


def download_roads(
    *,
    place: str | None = None,
    polygon: Polygon | MultiPolygon | None = None,
    box: tuple[float, float, float, float] | None = None,
) -> RoadNetwork:
    """Bring the drivable roads of a place, a polygon, or a box.

    Parameters
    ----------
    place
        A name that Nominatim knows as an area, such as ``Eugene, Oregon, USA``.
    polygon
        In degrees (EPSG:4326).
    box
        West, south, east, north in degrees.

    Raises
    ------
    InputError
        If not just one of the three is given, or the download fails.
    """
    if sum(given is not None for given in (place, polygon, box)) != 1:
        raise InputError("give one of place, polygon, box")
    what = (
        f"roads of {place!r}"
        if place is not None
        else "roads of the polygon"
        if polygon is not None
        else f"roads of {box}"
    )
    with osmnx_folders(), download_errors(what):
        if place is not None:
            graph = ox.graph_from_place(place, network_type="drive", retain_all=True)
        elif polygon is not None:
            graph = ox.graph_from_polygon(polygon, network_type="drive", retain_all=True)
        elif box is not None:
            graph = ox.graph_from_bbox(box, network_type="drive", retain_all=True)
    return from_graph(graph, source=what)
