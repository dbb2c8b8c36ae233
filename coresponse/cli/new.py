"""``coresponse new``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from coresponse.cli.terminal import ProgressLine, console
from coresponse.data.errors import Proposal


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The study folder to make.")],
    program: Annotated[
        str,
        typer.Option(
            help="A preset (ride-along, on-call, mixed, rural, tele, star, cahoots, b-heard) or a program.toml of your own.",
        ),
    ],
    calls: Annotated[
        list[Path] | None,
        typer.Option(
            help="Past calls: CSV (also .gz), Parquet, GeoPackage or Excel. May be repeated."
        ),
    ] = None,
    population: Annotated[
        Path | None,
        typer.Option(
            help="Residents: areas or points with their number, such as a census's block groups. Without --calls, "
            "demand is assumed from them, and every page says so."
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(
            help='Calls that residents are assumed to make, such as "883 (400 to 2300) per 100k a year", which is the default.'
        ),
    ] = None,
    assembly: Annotated[
        float,
        typer.Option(
            min=0,
            max=0.9,
            help="Share of the assumed calls that come from places of assembly in the extract (stations, bars, shelters, "
            "libraries, malls), not from homes.",
        ),
    ] = 0.0,
    addresses: Annotated[
        Path | None,
        typer.Option(
            help="Address points or street centerlines, to find calls and posts without coordinates; else those that "
            "the roads' file has."
        ),
    ] = None,
    roads: Annotated[
        Path | None,
        typer.Option(
            help="Roads: GraphML, OSM XML (also zipped), .osm.pbf, node-link JSON, or edges as GeoPackage or Parquet."
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(
            help="In place of --roads: a place name, looked up at OpenStreetMap (needs the internet)."
        ),
    ] = None,
    box: Annotated[
        str | None,
        typer.Option(
            help="In place of --roads: WEST,SOUTH,EAST,NORTH in degrees (needs the internet)."
        ),
    ] = None,
    area: Annotated[
        Path | None,
        typer.Option(help="In place of --roads: a file with a polygon (needs the internet)."),
    ] = None,
    posts: Annotated[
        list[str] | None,
        typer.Option(
            help="Places where responders may wait; KIND=FILE says their kind. May be repeated."
        ),
    ] = None,
    propose: Annotated[
        int,
        typer.Option(min=0, help="Propose this many further posts, at crossings near the calls."),
    ] = 0,
    osm_posts: Annotated[
        bool,
        typer.Option(
            "--osm-posts",
            help="Stations, hospitals, clinics and town halls of OpenStreetMap as posts: those in the extract that "
            "--roads names; with other roads, asked for (needs the internet).",
        ),
    ] = False,
    districts: Annotated[
        Path | None, typer.Option(help="Polygons whose service is compared.")
    ] = None,
    today: Annotated[
        Path | None,
        typer.Option(
            help="Today's deployment: CSV with responder_type, post_id, shift_pattern, count."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the study; default: the folder's.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Time zone of the calls, such as America/New_York.")
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(help="CRS of the calls' coordinates if not degrees, such as EPSG:2263."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="OUR_NAME=THEIR_NAME where a column of the calls is not found by itself. May be repeated."
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Start over in a study folder that already exists; its results stay."
        ),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", help="Ask nothing: decide by evidence, and say what was decided."
        ),
    ] = False,
) -> None:
    """Start a study from your files, and say what was made of each.

    Copies the files into DIR, reads them, and writes a study.toml that explains itself. If something is
    wrong with them, it says all of it at once and makes nothing. Example:

        coresponse new mytown --program b-heard --roads roads.osm.pbf --calls cad.csv --posts
        stations.csv
    """
    from coresponse.cli.show_inputs import show_inputs
    from coresponse.coverage.validation.recorded import why_not
    from coresponse.data.calls.rate import parse_rate
    from coresponse.publish.validation import before_validation
    from coresponse.study.new import NewStudy, agree, new_study

    start = NewStudy(
        program=program,
        calls=tuple(calls or ()),
        population=population,
        addresses=addresses,
        rate=None if rate is None else parse_rate(rate),
        assembly=assembly,
        posts=tuple(posts or ()),
        propose=propose,
        roads=roads,
        place=place,
        box=_box(box),
        area=area,
        osm_posts=osm_posts,
        districts=districts,
        today=today,
        name=name,
        timezone=timezone,
        crs=crs,
        columns=_columns(column or []),
    )
    ask = agree if yes or not sys.stdin.isatty() else _ask
    with ProgressLine() as progress:
        made = new_study(folder, start, force=force, ask=ask, progress=progress)
    show_inputs(made.city, made.city.notice, console(), details=True)
    reasons = why_not(made.city)
    if reasons and made.city.calls.assumed is None:
        console().print(Text(before_validation(reasons)))
    for line in made.decided:
        said = f"Decided by evidence, and written into study.toml: {line.line} of {line.file}: {line.why}."
        console().print(Text(said, style="bold"))
    console().print(
        Text(f"Made {folder}. Look over {folder}/study.toml, then: coresponse check {folder}")
    )


def _ask(proposal: Proposal) -> bool:
    return typer.confirm(f"{proposal.file}: {proposal.why}. Write {proposal.line}?", default=True)


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{text!r}: write WEST,SOUTH,EAST,NORTH in degrees", param_hint="--box"
        ) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise typer.BadParameter(
            f"{text!r}: west must be below east, south below north", param_hint="--box"
        )
    return west, south, east, north


def _columns(pairs: list[str]) -> dict[str, str]:
    out: dict[str, str] = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours or not theirs:
            raise typer.BadParameter(f"{pair!r}: write OUR_NAME=THEIR_NAME", param_hint="--column")
        out[ours.strip()] = theirs.strip()
    return out
