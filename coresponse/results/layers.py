"""A plan's layers for other tools: posts with who is there, areas and districts with their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd

from coresponse.data.figures.dictionary import check_columns
from coresponse.data.options import Deployment
from coresponse.maps.qgis.styles import (
    Style,
    area_styles,
    crew_name,
    district_styles,
    post_styles,
)
from coresponse.publish.plan_publication import PlanPublication
from coresponse.results.layer_files import write_files
from coresponse.results.map_page import posts_frame
from coresponse.results.metrics import metrics_frame
from coresponse.results.tables import MINUTES, changes_frame


def write_layers(publication: PlanPublication, folder: Path) -> None:
    """Write posts, areas, districts and metrics for other tools.

    Layers as GeoPackage with styles, GeoParquet, and GeoJSON (in degrees, as its standard asks);
    metrics as CSV and in the package.
    """
    found, titles = layers(publication), publication.facts.responder_titles
    crews = {
        name: tuple(_crew_types(of, titles).values())
        for name, of in publication.deployments.items()
    }
    metrics = publication.disclosure.marked(metrics_frame(publication))
    publication.disclosure.write_table(metrics, folder / "metrics.csv")
    styled = styles(found, crews, titles, publication.facts.target_min)
    write_files(found, styled, folder, {"metrics": metrics})


def layers(publication: PlanPublication) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers by name, in the network's CRS."""
    drawn = publication.shown.map
    found = {"posts": _posts(publication), "areas": drawn.cells}
    if drawn.cells_by_time is not None:
        found["areas_by_time"] = drawn.cells_by_time
    if drawn.districts is not None:
        found["districts"] = _with_changes(drawn.districts, publication)
    for frame in found.values():
        check_columns(map(str, frame.columns))
    marked = publication.disclosure.marked
    return {name: marked(frame) for name, frame in found.items() if len(frame)}


def _posts(publication: PlanPublication) -> gpd.GeoDataFrame:
    """Return posts with `responders_<d>` (how many) and `crew_<d>` (of which types) for each deployment d."""
    frame, titles = posts_frame(publication.facts.posts), publication.facts.responder_titles
    ids = frame["post_id"]
    agencies = publication.shown.agencies
    if agencies is not None:
        frame["agency"] = ids.astype(str).map(agencies.of_post).fillna("")
    for name, deployment in publication.deployments.items():
        by_post: dict[str, int] = {}
        for option, count in deployment.counts:
            by_post[option.post_id] = by_post.get(option.post_id, 0) + count
        crews = _crew_types(deployment, titles)
        frame[f"responders_{name}"] = ids.map(by_post).fillna(0).astype("int64")
        frame[f"crew_{name}"] = [crew_name(crews.get(post, ()), titles) for post in ids]
    return frame


def _crew_types(deployment: Deployment, titles: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the responder types at each post, in the order of `titles`."""
    found: dict[str, set[str]] = {}
    for option, _ in deployment.counts:
        found.setdefault(option.post_id, set()).add(option.responder_type)
    return {post: tuple(name for name in titles if name in types) for post, types in found.items()}


def _with_changes(layer: gpd.GeoDataFrame, publication: PlanPublication) -> gpd.GeoDataFrame:
    """Return districts with the change of the wait, its band and what it comes to, where there are such."""
    frame = changes_frame(publication.shown.districts)
    if frame is None:
        return layer
    by_id = frame.set_index("district_id").reindex(layer["district_id"].astype(str))
    columns = [*(name for name in MINUTES if "change" in name), "wait_would_be"]
    return layer.assign(**{name: by_id[name].to_numpy() for name in columns})


def styles(
    found: Mapping[str, gpd.GeoDataFrame],
    crews: Mapping[str, Sequence[tuple[str, ...]]],
    titles: Mapping[str, str],
    target_min: float,
) -> list[Style]:
    """Return the styles of the layers that there are.

    Parameters
    ----------
    crews
        By deployment, the responder types that stand together somewhere.
    titles
        By responder type, in the order they are shown.
    """
    out: list[Style] = []
    if "posts" in found:
        out += post_styles(_columns(found["posts"]), crews, titles)
    if "areas" in found:
        out += area_styles(
            _columns(found["areas"]), found["areas"]["calls_band"].map(str), target_min
        )
    if "areas_by_time" in found:
        timed = found["areas_by_time"]
        bands = {
            str(band)
            for name in _columns(timed)
            if name.startswith("calls_band@")
            for band in timed[name]
        }
        out += area_styles(_columns(timed), bands, target_min, layer="areas_by_time")
    if "districts" in found:
        out += district_styles(_columns(found["districts"]), target_min)
    return out


def _columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in frame.columns if name != frame.geometry.name]
