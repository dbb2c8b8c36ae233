"""The plan's map as a picture for print.

Areas by mean wait, main roads, lines of minutes by travel, districts, posts with their crews.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from coresponse.maps.charts import INK, SOFT, drawing, svg_text
from coresponse.maps.content import MapContent
from coresponse.maps.geometry import MAJOR, MIDDLE, to_meters
from coresponse.maps.land import cut, dry
from coresponse.maps.report.contours import travel_surface
from coresponse.maps.report.names import placed_names
from coresponse.maps.scales import ColorClass, Scale, surface_scale, wait_scale

HATCH = {"lines": "////", "dense": "//////", "cross": "xxxx", "": ""}
# what margins, a legend and a heading leave of a sheet, Letter or A4
WIDTH_IN, LEGEND_IN, TALLEST_IN = 7.6, 2.3, 8.2
POST_PT, NAME_PT = 15.0, 8.0
# closer signs would cover each other on any sheet
SAME_PLACE_M = 25.0
# the longest show where the city is; all of a large one would make a file of many megabytes
MOST_LINES = 6_000
# a ring around a block or two says nothing in print
SHORTEST_LINE_M = 600.0
UNTOLD = ColorClass(None, "no calls replayed", "#d7dadd")
RING = int(shapely.GeometryType.LINEARRING)
USED: Any = {"marker": "o", "color": "#111111", "markeredgecolor": "white", "markeredgewidth": 1.4}
PARK, WATER = "#dbe6cf", "#b9c9d6"
UNUSED: Any = {
    "marker": "o",
    "markerfacecolor": "white",
    "markeredgecolor": SOFT,
    "markeredgewidth": 0.7,
}


def plan_picture(content: MapContent) -> str:
    """Return the picture as SVG; the same content gives the same bytes."""
    roads = to_meters(content.roads)
    crs = roads.crs
    posts = content.posts.to_crs(crs)
    land = dry(content.beside, content.water, crs)
    cells = cut(content.cells.to_crs(crs), land)
    scale = wait_scale(content.target_min)
    with drawing():
        west, south, east, north = _frame(cells, posts)
        # a tall city makes a narrow picture: beside it there would only be white
        tall = (north - south) / (east - west)
        width = min(WIDTH_IN - LEGEND_IN, max(2.0, TALLEST_IN / tall))
        figure = Figure(
            figsize=(width + LEGEND_IN, min(TALLEST_IN, max(3.6, width * tall))),
            layout="constrained",
        )
        axes = figure.add_subplot()
        axes.set_aspect("equal")
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        axes.set_axis_off()
        seen = (west, south, east, north)
        _ground(axes, content.parks, PARK, crs, seen)
        _ground(axes, content.water, WATER, crs, seen)
        _cells(axes, cells, scale)
        _roads(axes, roads)
        lines = _contours(axes, roads, posts, content, land)
        point_m = (east - west) / (72 * width)
        crews = _crews(posts, content)
        if content.districts is not None:
            districts = content.districts.to_crs(crs)
            _outlines(axes, districts)
            _names(axes, districts, [(x, y) for x, y, _ in crews], point_m, seen)
        _posts(axes, posts, content, crews)
        _scale_bar(axes, west, south, east - west)
        _legend(axes, scale, lines)
        return svg_text(figure)


def _frame(cells: gpd.GeoDataFrame, posts: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    bounds = np.array([frame.total_bounds for frame in (cells, posts) if len(frame)])
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    margin = 0.03 * max(east - west, north - south, 100.0)
    return west - margin, south - margin, east + margin, north + margin


def _cells(axes: Axes, cells: gpd.GeoDataFrame, scale: Scale) -> None:
    if not len(cells):
        return
    minutes = cells["mean_with_fallback_s_plan"].to_numpy(dtype=float) / 60
    band_of = [UNTOLD if np.isnan(value) else scale.band(value) for value in minutes]
    shapes = np.asarray(cells.geometry.array)
    for band in (*scale.bands, UNTOLD):
        mine = shapes[[other is band for other in band_of]]
        if len(mine):
            edge = "#00000000" if not band.hatch else "#3c1400a0"
            axes.add_patch(
                PathPatch(
                    _outline(shapely.union_all(mine)),
                    facecolor=band.color,
                    edgecolor=edge,
                    hatch=HATCH[band.hatch],
                    linewidth=0.0,
                )
            )


def _ground(
    axes: Axes,
    shapes: gpd.GeoDataFrame | None,
    color: str,
    crs: Any,
    frame: tuple[float, float, float, float],
) -> None:
    """Draw parks or water as far as the picture goes, without bends too small to be seen in print."""
    if shapes is None:
        return
    seen = shapely.clip_by_rect(shapely.union_all(shapes.to_crs(crs).geometry.array), *frame)
    drawn = shapely.simplify(seen, 15.0)
    if not drawn.is_empty:
        axes.add_patch(PathPatch(_outline(drawn), facecolor=color, edgecolor="none", linewidth=0.0))


def _outline(shape: shapely.Geometry) -> Outline:
    """Return all lines or rings of a shape as one path.

    A picture of a few large paths is small, and quick to draw.
    """
    parts = shapely.get_parts(shape)
    rings = shapely.get_rings(parts[shapely.get_dimensions(parts) == 2])
    lines = [*rings, *parts[shapely.get_dimensions(parts) == 1]]
    drawn = [Outline(_xy(line), closed=bool(shapely.get_type_id(line) == RING)) for line in lines]
    return Outline.make_compound_path(*drawn)


def _roads(axes: Axes, roads: gpd.GeoDataFrame) -> None:
    for classes, width in ((MIDDLE, 0.35), (MAJOR, 0.8)):
        lines = roads[roads["road_class"].isin(classes)].geometry
        lines = lines[lines.length.rank(method="first", ascending=False) <= MOST_LINES]
        if len(lines):
            style: Any = {
                "linewidth": width,
                "alpha": 0.95,
                "joinstyle": "round",
                "capstyle": "round",
            }
            axes.add_patch(
                PathPatch(_outline(_streets(lines)), facecolor="none", edgecolor="#ffffff", **style)
            )


def _contours(
    axes: Axes, roads: gpd.GeoDataFrame, posts: gpd.GeoDataFrame, content: MapContent, land: Any
) -> list[Line2D]:
    """Draw lines of minutes by travel alone, the standard's wide; return the legend's entries."""
    if content.travel is None or "node" not in posts:
        return []
    surface = travel_surface(roads, posts, content.plan, content.travel)
    ends = (band.below for band in surface_scale(content.target_min).bands)
    found = []
    for level in sorted(end for end in ends if end is not None and end <= content.target_min):
        if not np.nanmin(surface.minutes) < level < np.nanmax(surface.minutes):
            continue
        lines = axes.contour(surface.x, surface.y, surface.minutes, [level])
        drawn = [shapely.LineString(line) for line in lines.allsegs[0] if len(line) > 1]
        lines.remove()
        long = shapely.MultiLineString([one for one in drawn if one.length >= SHORTEST_LINE_M])
        shown = shapely.simplify(shapely.intersection(long, land), 15.0)
        if shown.is_empty:
            continue
        width = 1.6 if level == content.target_min else 0.8
        # white beneath, so that the line stands out from any color
        for color, wide in (("white", width + 1.6), (INK, width)):
            style: Any = {"edgecolor": color, "linewidth": wide, "joinstyle": "round"}
            axes.add_patch(PathPatch(_outline(shown), facecolor="none", **style))
        label = f"{level:g} min to arrive, if\nthe nearest is free"
        found.append(Line2D([], [], color=INK, linewidth=width, label=label))
    return found


def _streets(lines: gpd.GeoSeries) -> shapely.Geometry:
    """Return lines end to end joined, the two directions of a street once, without bends too small to be seen in print."""
    found = shapely.normalize(
        shapely.get_parts(np.asarray(shapely.set_precision(lines.array, 0.1, mode="pointwise")))
    )
    once = shapely.from_wkb(sorted(set(shapely.to_wkb(found).tolist())))
    return shapely.simplify(shapely.line_merge(shapely.multilinestrings(once)), 15.0)


def _xy(line: shapely.Geometry) -> NDArray[np.float64]:
    return np.asarray(np.round(shapely.get_coordinates(line), 1), dtype=np.float64)


def _outlines(axes: Axes, districts: gpd.GeoDataFrame) -> None:
    rings = [
        _xy(ring)
        for shape in districts.geometry.simplify(15.0)
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon"
        for ring in (part.exterior,)
    ]
    axes.add_collection(LineCollection(rings, colors=INK, linewidths=0.5, linestyles=(0, (4, 3))))


def _crews(posts: gpd.GeoDataFrame, content: MapContent) -> list[tuple[float, float, int]]:
    """Return the places of crews and how many responders wait there.

    Posts in one building, which hide each other, as one.
    """
    crews: dict[str, int] = {}
    for option, count in content.plan.counts:
        crews[option.post_id] = crews.get(option.post_id, 0) + count
    places: list[tuple[float, float, int]] = []
    for post_id, point in zip(posts["post_id"], posts.geometry, strict=True):
        if count := crews.get(post_id, 0):
            near = (
                i
                for i, (x, y, _) in enumerate(places)
                if np.hypot(point.x - x, point.y - y) < SAME_PLACE_M
            )
            if (i := next(near, None)) is None:
                places.append((point.x, point.y, count))
            else:
                x, y, there = places[i]
                places[i] = (x, y, there + count)
    return places


def _posts(
    axes: Axes, posts: gpd.GeoDataFrame, content: MapContent, crews: list[tuple[float, float, int]]
) -> None:
    used = {option.post_id for option, _ in content.plan.counts}
    for point in posts.geometry[~posts["post_id"].isin(used)]:
        axes.plot(point.x, point.y, markersize=3, **UNUSED)
    for x, y, count in crews:
        axes.plot(x, y, markersize=POST_PT, **USED)
        style: Any = {
            "color": "white",
            "fontsize": 9.5,
            "fontweight": "bold",
            "ha": "center",
            "va": "center_baseline",
        }
        axes.text(x, y, str(count), **style)


def _names(
    axes: Axes,
    districts: gpd.GeoDataFrame,
    crews: list[tuple[float, float]],
    point_m: float,
    frame: tuple[float, float, float, float],
) -> None:
    """Write districts' names where they find room.

    `point_m` is the size of a printer's point in meters of the city.
    """
    half = (POST_PT / 2 + 1) * point_m
    taken = [(x - half, y - half, x + half, y + half) for x, y in crews]
    # of the scale
    taken.append(
        (frame[0], frame[1], frame[0] + 0.3 * (frame[2] - frame[0]), frame[1] + 14 * point_m)
    )
    ground = {
        "facecolor": "white",
        "alpha": 0.72,
        "edgecolor": "none",
        "boxstyle": "round,pad=0.12,rounding_size=0.3",
    }
    for name in placed_names(districts, taken, size_m=NAME_PT * point_m, frame=frame):
        style: Any = {
            "fontsize": NAME_PT,
            "fontweight": "bold",
            "ha": "center",
            "va": "center",
            "bbox": ground,
        }
        axes.text(name.x, name.y, name.text, **style)


def _scale_bar(axes: Axes, west: float, south: float, width: float) -> None:
    length = next(
        step
        for step in (50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 1)
        if step <= width / 4
    )
    x, y = west + 0.03 * width, south + 0.03 * width
    axes.plot([x, x + length], [y, y], color=INK, linewidth=2.5, solid_capstyle="butt")
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length} m"
    axes.text(x + length / 2, y + 0.012 * width, label, ha="center", va="bottom", fontsize=8)


def _legend(axes: Axes, scale: Scale, lines: list[Line2D]) -> None:
    handles: list[Patch | Line2D] = []
    for b in scale.bands:
        edge = "#3c1400" if b.hatch else INK
        handles.append(
            Patch(
                facecolor=b.color,
                hatch=HATCH[b.hatch],
                edgecolor=edge,
                linewidth=0.4,
                label=b.label,
            )
        )
    handles.append(
        Line2D([], [], linestyle="none", markersize=11, label="post, responders", **USED)
    )
    handles.append(Line2D([], [], linestyle="none", markersize=4, label="post not used", **UNUSED))
    handles += lines
    axes.legend(
        handles=handles, title="Mean wait by the replay", loc="upper left", bbox_to_anchor=(1.0, 1.0),
        frameon=False, fontsize=8.5, title_fontsize=9, alignment="left", handlelength=1.8, handleheight=1.1,
    )  # fmt: skip
