"""The map page of a plan: one file that opens anywhere, without a network."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from coresponse.maps.content import MapContent
from coresponse.maps.escape import script_json
from coresponse.maps.offline import (
    asset,
    map_script,
    page_text,
    policy,
    script_text,
    templates,
    write_whole,
)
from coresponse.maps.payload import payload
from coresponse.maps.tables import (
    district_table,
    district_time_table,
    ladder_table,
    people_table,
    post_table,
    summary_table,
    sure_table,
    time_table,
    week_table,
)

LEAFLET = "leaflet-1.9.4"
# What the what-if page draws its city with, too.
INK = ("shapes.js", "looks.js", "local.js", "turn.js", "ink.js", "hatch.js")
CITY = (
    "ground.js", "names.js", "label_places.js", "landmarks.js", "graph.js", "chains.js", "streets.js",
    "response.js", "surface.js", "surface_ink.js", "reach.js", "street_names.js",
)  # fmt: skip
SCRIPTS = (
    "content.js", *INK, "words.js", "signs.js", *CITY, "city.js", "legend.js", "controls.js",
)  # fmt: skip
# Only on pages that have a film or scenes.
PRESENTING = (
    "film_ways.js",
    "film_day.js",
    "film_ink.js",
    "film.js",
    "picture.js",
    "scene_picture.js",
    "scenes.js",
)


def write_plan_map(content: MapContent, path: Path) -> None:
    """Draw a plan as one HTML page; the same content gives the same bytes.

    Parameters
    ----------
    content
        What is drawn.
    path
        The page, replaced whole; it makes no request.
    """
    write_whole(path, plan_page(content))


def plan_page(content: MapContent) -> str:
    """Return the page as text."""
    data = payload(content)
    styles = [asset(f"{LEAFLET}/leaflet.css"), page_text("looks.css"), page_text("plan_map.css")]
    presents = content.film is not None or bool(content.scenes)
    styles += [page_text("film.css"), page_text("scenes.css")] if presents else []
    styles += [page_text("hours.css")] if content.week is not None else []
    styles += [page_text("internal.css")] if content.internal else []
    names = ("plan", "today") if content.today is not None else ("plan",)
    folium_script = "".join(map_script(name) for name in names)
    more = (*(PRESENTING if presents else ()), *(("hours.js",) if content.week else ()))
    own = "\n".join(script_text(name) for name in (*SCRIPTS, *more, "start.js"))
    maps = ", ".join(f"{name}: map_{name}" for name in names)
    scripts = [
        asset(f"{LEAFLET}/leaflet.js"),
        f'(function () {{\n"use strict";\n{folium_script}\n{own}\nstart({{ {maps} }});\n}})();',
    ]
    tables = [
        summary_table(content),
        ladder_table(content),
        people_table(content),
        time_table(content),
        week_table(content),
        district_table(content),
        district_time_table(content),
        post_table(content),
        sure_table(content),
    ]
    return (
        templates()
        .get_template("plan_map.html")
        .render(
            content=content,
            tables=[table for table in tables if table is not None and table.rows],
            views=data["views"],
            periods=data["periods"],
            maps=names,
            written=[
                title
                for key, title in (
                    ("streetNames", "streets"),
                    ("rivers", "rivers"),
                    ("places", "parks"),
                )
                if data[key]
            ],
            policy=policy(scripts, styles),
            styles=[Markup(style) for style in styles],  # noqa: S704 -- our own files
            scripts=[Markup(script) for script in scripts],  # noqa: S704 -- our own files and folium's options
            data=Markup(script_json(data)),  # noqa: S704 -- cannot end its element
        )
    )
