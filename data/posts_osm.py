"""Posts asked of OpenStreetMap: stations, hospitals, clinics and town halls of an area, through OSMnx."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import osmnx as ox
import pandas as pd
from shapely import MultiPolygon, Polygon

from coresponse.data.errors import InputError
from coresponse.data.roads.download import download_errors, osmnx_folders
from coresponse.data.roads.frames import nodes_frame
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.tables.osm_posts import AMBULANCES, AMENITIES
from coresponse.data.words import natural_order

# The roads may be a file that has no posts in it.
OFFLINE = (
    "give the posts as a file (--posts FILE) or an OpenStreetMap extract as --roads, or let the tool "
    "propose them (--propose 40)"
)


def download_posts(area: Polygon | MultiPolygon) -> gpd.GeoDataFrame:
    """Bring stations, hospitals, clinics and town halls inside an area.

    Parameters
    ----------
    area
        In degrees (EPSG:4326).

    Returns
    -------
    geopandas.GeoDataFrame
        `post_id`, `name`, `kind`, point geometry in EPSG:4326, sorted by post_id.

    Raises
    ------
    InputError
        If OpenStreetMap cannot be reached or has none there.
    """
    tags: dict[str, bool | str | list[str]] = {
        "amenity": sorted(AMENITIES),
        "emergency": [AMBULANCES],
    }
    with osmnx_folders(), download_errors("posts", OFFLINE, nothing=""):
        found = ox.features_from_polygon(area, tags)
    found = found.reset_index()
    amenity = (
        found["amenity"].astype(object) if "amenity" in found else pd.Series([None] * len(found))
    )
    names = found["name"] if "name" in found else pd.Series([None] * len(found))
    posts = gpd.GeoDataFrame(
        {
            # nodes, ways and relations are numbered apart
            "post_id": "osm-" + found["element"].astype(str).str[0] + found["id"].astype(str),
            "name": names.where(names.notna(), "unnamed").astype(str),
            "kind": amenity.map(AMENITIES).fillna("station").astype(str),
        },
        geometry=found.geometry.representative_point(),
        crs=found.crs,
    )
    if posts.empty:
        raise InputError("OpenStreetMap has no station, hospital, clinic or town hall there")
    return (
        posts.drop_duplicates("post_id")
        .sort_values("post_id", key=natural_order)
        .reset_index(drop=True)
    )


def area_of(network: RoadNetwork) -> Polygon | MultiPolygon:
    """Return the hull of a road network in degrees."""
    hull = nodes_frame(network).union_all().convex_hull
    shape = gpd.GeoSeries([hull], crs=network.crs).to_crs(4326).iloc[0]
    if not isinstance(shape, Polygon | MultiPolygon):
        raise InputError("the roads lie on one line: they have no area")
    return shape


def save_posts(posts: gpd.GeoDataFrame, path: Path) -> None:
    """Write posts as GeoPackage."""
    posts.to_file(path, layer="posts", driver="GPKG")
