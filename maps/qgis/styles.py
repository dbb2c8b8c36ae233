"""The styles of each layer.

What the map page can show, under the same titles, in the same classes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from xml.etree.ElementTree import Element

from coresponse.data.figures.dictionary import UnknownFigureError, figure_of_column
from coresponse.data.figures.text import TOO_CLOSE
from coresponse.maps.glyphs import Glyph, glyphs
from coresponse.maps.qgis.qml import (
    UNTOLD,
    Category,
    Label,
    categorized,
    document,
    graduated,
    single,
)
from coresponse.maps.qgis.symbols import dot, fill, shown_text, signs
from coresponse.maps.scales import (
    Scale,
    band_order,
    demand_scale,
    depth_change_scale,
    depth_scale,
    late_change_scale,
    late_scale,
    response_scale,
    wait_change_scale,
    wait_scale,
)
from coresponse.maps.views import IF_FREE

WAIT = "mean_with_fallback_s"

# QGIS keeps this much of a style's name.
MAX_NAME = 30

# below any change that there can be: the first class is open
LOWEST_CHANGE = -1e6


@dataclass(frozen=True)
class Style:
    """One style of one layer; the first of a layer is the one that it opens with."""

    layer: str
    name: str
    qml: str
    description: str


def area_styles(
    columns: Sequence[str], bands: Iterable[str], target_min: float, *, layer: str = "areas"
) -> list[Style]:
    """Return styles of the areas.

    Mean wait, not in time and backup depth of each deployment and period; changes; demand; last
    what supposes that the nearest is always free.

    Parameters
    ----------
    columns
        Of the layer.
    bands
        Bands of calls that occur.
    target_min
        The response-time standard.
    layer
        Its name; with times, columns end in ``@`` and the time's key.
    """
    about = (
        "A square, or several; INTERNAL."
        if "calls" in columns
        else "A square with at least 11 calls, or several."
    )
    maker = _Layer(layer, columns, "cell_id", about)
    out = _wait_styles(maker, target_min)
    for key in maker.deployments("share_in_time"):
        out.append(maker.graduated("Not reached in time", key, _late(key), late_scale()))
    for key in maker.deployments("depth"):
        out.append(maker.graduated("Backup depth", key, _depth(key), depth_scale()))
    out += maker.changes(
        "Not in time, change",
        "share_in_time",
        _late,
        late_change_scale(),
        said="in_time_would_be",
    )
    out += maker.changes("Backup depth, change", "depth", _depth, depth_change_scale())
    named = sorted(set(bands), key=band_order)
    demand = [
        Category(band, shade.label, fill(shade.color))
        for band, shade in zip(named, demand_scale(named).bands, strict=True)
    ]
    for column in (name for name in columns if name.startswith("calls_band")):
        _, _, period = column.partition("@")
        title = ", ".join(part for part in ("Expected demand", shown_text(period)) if part)
        out.append(
            maker.style(title, categorized(column, "fill", demand), demand_scale(named).title)
        )
    # last, so that no layer opens with it
    for key in maker.deployments("mean_s_if_free"):
        scale = replace(response_scale(target_min), title=IF_FREE)
        out.append(maker.graduated("If nearest always free", key, _if_free(key), scale))
    return out


def district_styles(columns: Sequence[str], target_min: float) -> list[Style]:
    """Return styles of the districts.

    Outlines with names, then mean wait of each deployment, and its change.
    """
    maker = _Layer(
        "districts",
        columns,
        "name",
        "Districts; those with too few calls have no figures.",
        _DISTRICT_LABEL,
    )
    outline = single("fill", fill("", outline="#2b3640", outline_mm=0.5))
    return [
        maker.style("Outlines and names", outline, "Outlines and names."),
        *_wait_styles(maker, target_min),
    ]


def post_styles(
    columns: Sequence[str],
    crews: Mapping[str, Iterable[tuple[str, ...]]],
    titles: Mapping[str, str],
) -> list[Style]:
    """Return styles of the posts: signs of who is there, by deployment.

    Parameters
    ----------
    columns
        Of the layer.
    crews
        By deployment, the responder types at each post; the attribute ``crew_<deployment>`` holds
        :func:`crew_name` of them.
    titles
        By responder type, in the order that they are shown.
    """
    sign = {glyph.responder_type: glyph for glyph in glyphs(titles)}
    out = []
    for deployment, found in crews.items():
        named = f"\"name\" || ' (' || \"responders_{deployment}\" || ')'"
        label = Label(f'CASE WHEN "responders_{deployment}" > 0 THEN {named} END')
        maker = _Layer(
            "posts",
            columns,
            "name",
            "Posts; the figure at a name is how many responders are there.",
            label,
        )
        categories = [
            *_crew_categories(found, titles, sign),
            Category("", "nobody in place", dot()),
        ]
        renderer = categorized(
            f"crew_{deployment}", "marker", categories, last=f"responders_{deployment}"
        )
        out.append(maker.style(f"Crews, {deployment}", renderer, "Posts and shifts."))
    return out


def crew_name(types: Sequence[str], titles: Mapping[str, str]) -> str:
    """Return what the responder types at a post are called together; '' for none."""
    return " + ".join(shown_text(titles[name]) or shown_text(name) for name in types)


_DISTRICT_LABEL = Label('coalesce(nullif("name", \'\'), "district_id")', size_pt=9.0, inside=True)


def _crew_categories(
    crews: Iterable[tuple[str, ...]], titles: Mapping[str, str], sign: Mapping[str, Glyph]
) -> list[Category]:
    order = list(titles)
    found: dict[str, tuple[str, ...]] = {}
    for types in sorted(
        {crew for crew in crews if crew},
        key=lambda crew: (len(crew), [order.index(t) for t in crew]),
    ):
        found.setdefault(crew_name(types, titles), types)
    return [Category(name, name, signs([sign[t] for t in types])) for name, types in found.items()]


def _wait_styles(maker: _Layer, target_min: float) -> list[Style]:
    out = [
        maker.graduated("Mean wait", key, _minutes(key), wait_scale(target_min))
        for key in maker.deployments(WAIT)
    ]
    return out + maker.changes(
        "Mean wait, change", WAIT, _minutes, wait_change_scale(), said="wait_would_be"
    )


def _minutes(key: str) -> str:
    return f"round({quoted(f'{WAIT}_{key}')} / 60, 1)"


def _if_free(key: str) -> str:
    return f"round({quoted(f'mean_s_if_free_{key}')} / 60, 1)"


def _late(key: str) -> str:
    return f"round(100 - 100 * {quoted(f'share_in_time_{key}')}, 1)"


def _depth(key: str) -> str:
    return f"round({quoted(f'depth_{key}')}, 1)"


def quoted(column: str) -> str:
    """Return an attribute's name as QGIS expressions hold it."""
    return '"' + column.replace('"', '""') + '"'


class _Layer:
    """Makes styles of one layer.

    Rounds as the map page does, so that both put a figure into the same class.
    """

    def __init__(
        self,
        layer: str,
        columns: Sequence[str],
        named_by: str,
        about: str,
        label: Label | None = None,
    ) -> None:
        self.layer, self.columns, self.named_by, self.about, self.label = (
            layer,
            tuple(columns),
            named_by,
            about,
            label,
        )
        self._taken: set[str] = set()

    def deployments(self, figure: str) -> list[str]:
        """Return what the columns of a figure end in, ``plan`` first.

        ``plan``, ``today``, ``plan@night``.
        """
        ends = [
            column.removeprefix(f"{figure}_")
            for column in self.columns
            if column.startswith(f"{figure}_")
        ]
        keys = [end for end in ends if re.match(r"(plan|today)(@|$)", end)]
        return sorted(keys, key=lambda key: ("@" in key, key.partition("@")[2], key))

    def graduated(
        self, title: str, key: str, expression: str, scale: Scale, *, lowest: float = 0.0
    ) -> Style:
        """Return a style of classes."""
        deployment, _, period = key.partition("@")
        parts = [title, *(part for part in (deployment, shown_text(period)) if part)]
        return self.style(
            ", ".join(parts), graduated(expression, scale, lowest=lowest), scale.title + "."
        )

    def changes(
        self,
        title: str,
        figure: str,
        expression: Callable[[str], str],
        scale: Scale,
        *,
        said: str = "",
    ) -> list[Style]:
        """Return styles of the difference, plan minus today, for the whole week and each period that has both.

        `said` is the attribute that tells whether chance could have made it.
        """
        keys = self.deployments(figure)
        out = []
        for key in keys:
            today = key.replace("plan", "today", 1)
            if key.startswith("plan") and today in keys:
                change = f"round({expression(key)} - {expression(today)}, 1)"
                column = said + key.removeprefix("plan")
                if column in self.columns:
                    close = f"{quoted(column)} = '{TOO_CLOSE}' AND ({change} < -1 OR {change} >= 1)"
                    change = f"CASE WHEN {close} THEN {UNTOLD:.0f} ELSE {change} END"
                out.append(
                    self.graduated(
                        title, key.removeprefix("plan"), change, scale, lowest=LOWEST_CHANGE
                    )
                )
        return out

    def style(self, name: str, renderer: Element, description: str) -> Style:
        """Return a style under a name that no other of this layer has."""
        name, n = name[:MAX_NAME], 1
        while name in self._taken:
            n += 1
            name = f"{name[: MAX_NAME - 4]} {n}"
        self._taken.add(name)
        geometry = 0 if self.layer == "posts" else 2
        text = document(
            renderer,
            label=self.label,
            named_by=self.named_by,
            columns=self._titles,
            geometry=geometry,
        )
        return Style(self.layer, name, text, f"{description} {self.about}")

    @cached_property
    def _titles(self) -> dict[str, str]:
        return {
            column: title for column in self.columns if (title := column_title(column)) is not None
        }


def column_title(column: str) -> str | None:
    """Return what a column is called, from the dictionary of figures; None for one of the user's own."""
    try:
        known = figure_of_column(column)
    except UnknownFigureError:
        return None
    title = known.title[:1].lower() + known.title[1:]
    title += {"s": ", s", "share": " (0 to 1)"}.get(known.unit, "")
    of = column.removeprefix(known.key).removeprefix("_")
    return f"{title} ({shown_text(of.replace('@', ', '))})" if of else title
