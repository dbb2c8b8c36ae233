"""The command line: ``coresponse demo | new | check | plan``.

Heavy packages are imported inside the commands, so that help answers at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from coresponse import __version__
from coresponse.data.errors import CoresponseError, SolverError
from coresponse.terminal import ProgressLine, console

app = typer.Typer(
    name="coresponse",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Where to post crisis responders, when to staff them, and what each further dollar buys.

Start with [bold]coresponse demo[/bold], which plans the bundled sample city offline. For your own city:
[bold]new[/bold] makes a study folder from your files, [bold]check[/bold] says what is wrong with them,
[bold]plan[/bold] finds the best deployment and draws its map.

Exit codes: 0 done; 2 wrong use of the command; 3 something is wrong with an input; 4 the limits cannot all be kept;
5 no deployment was found in the time given; 6 the solver failed; 130 stopped with Ctrl-C.""",
)


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    INPUT = 3
    INFEASIBLE = 4
    NOTHING_FOUND = 5
    SOLVER = 6
    INTERRUPTED = 130


JsonFlag = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on standard output, and nothing else.")
]
QuietFlag = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
StudyArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The study folder; it holds study.toml.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"coresponse {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    del version


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where to put the sample study and its results.")] = Path("coresponse-demo"),
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Plan the bundled sample city, offline, in under a minute.

    The roads are Manhattan's, from OpenStreetMap; the calls are SYNTHETIC. The folder is an ordinary study: change its
    study.toml and run [bold]coresponse plan[/bold] on it to try things out.
    """
    from coresponse.data.sample_city import sample_folder
    from coresponse.new import copy_study

    copy_study(sample_folder(), out)
    plan(out, json=json, quiet=quiet)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The study folder to make.")],
    program: Annotated[
        str,
        typer.Option(
            help="A preset (ride-along, on-call, mixed, star, cahoots, b-heard) or a program.toml of your own.",
        ),
    ],
    calls: Annotated[
        list[Path], typer.Option(help="Past calls: CSV (also .gz), Parquet, GeoPackage or Excel. May be repeated.")
    ],
    roads: Annotated[
        Path | None,
        typer.Option(
            help="Roads: GraphML, OSM XML (also zipped), .osm.pbf, node-link JSON, or edges as GeoPackage or Parquet."
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(help="In place of --roads: a place name, looked up at OpenStreetMap (needs the internet)."),
    ] = None,
    box: Annotated[
        str | None, typer.Option(help="In place of --roads: WEST,SOUTH,EAST,NORTH in degrees (needs the internet).")
    ] = None,
    area: Annotated[
        Path | None, typer.Option(help="In place of --roads: a file with a polygon (needs the internet).")
    ] = None,
    posts: Annotated[
        list[str] | None,
        typer.Option(help="Places where responders may wait; KIND=FILE says their kind. May be repeated."),
    ] = None,
    propose: Annotated[
        int, typer.Option(min=0, help="Propose this many further posts, well spread over the roads.")
    ] = 0,
    osm_posts: Annotated[
        bool, typer.Option("--osm-posts", help="Bring stations, hospitals and clinics from OpenStreetMap as posts.")
    ] = False,
    districts: Annotated[Path | None, typer.Option(help="Polygons whose service is compared.")] = None,
    today: Annotated[
        Path | None, typer.Option(help="Today's deployment: CSV with responder_type, post_id, shift_pattern, count.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the study; default: the folder's.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone of the calls, such as America/New_York.")] = None,
    crs: Annotated[
        str | None, typer.Option(help="CRS of the calls' coordinates if not degrees, such as EPSG:2263.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="OUR_NAME=THEIR_NAME where a column of the calls is not found by itself. May be repeated."),
    ] = None,
) -> None:
    """Start a study from your files.

    Copies the files into DIR and writes a study.toml that explains itself. Example:

        coresponse new mytown --program b-heard --roads roads.osm.pbf --calls cad.csv --posts stations.csv
    """
    from coresponse.new import NewStudy, new_study

    start = NewStudy(
        program=program,
        calls=tuple(calls),
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
    with ProgressLine() as progress:
        new_study(folder, start, progress=progress)
    console().print(Text(f"Made {folder}. Look over {folder}/study.toml, then: coresponse check {folder}"))


@app.command()
def check(folder: StudyArgument, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Read a study's inputs and say what is in them and what is wrong with them.

    Shows what became of every row of the calls, the natures that no call class takes, posts that were set aside, and
    what the roads' speeds rest on. Changes nothing.
    """
    from coresponse.inputs import read_inputs
    from coresponse.results import inputs_json
    from coresponse.show import print_json, show_inputs
    from coresponse.study import open_study

    with ProgressLine(quiet=quiet or json) as progress:
        inputs = read_inputs(open_study(folder), progress=progress)
    if json:
        print_json(inputs_json(inputs))
    else:
        show_inputs(inputs, console())


@app.command()
def plan(
    folder: StudyArgument,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    time_limit: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds for the search; default: as in study.toml.")
    ] = None,
    gap: Annotated[float | None, typer.Option(min=0, help="Relative gap that counts as proven.")] = None,
    solver: Annotated[str | None, typer.Option(help="A PuLP solver by name: HiGHS, CBC, GUROBI, ...")] = None,
) -> None:
    """Find the best deployment within the limits of study.toml, and draw it.

    Writes results/RUN with plan.json, plan.gpkg, tables as CSV, and map.html, which opens in any browser without a
    network. The same inputs give the same run.
    """
    from coresponse.optimize.solution import Status
    from coresponse.planning import plan_study
    from coresponse.results import write_run
    from coresponse.show import plan_summary, print_json, show_plan
    from coresponse.study import open_study

    opened = open_study(folder).with_solver(time_limit_s=time_limit, gap=gap, name=solver)
    with ProgressLine(quiet=quiet or json) as progress:
        planned = plan_study(opened, progress=progress)
        run = write_run(planned, progress=progress) if planned.found else None
    if json:
        print_json(plan_summary(planned, run))
    else:
        show_plan(planned, run, console())
    codes = {Status.INFEASIBLE: Exit.INFEASIBLE, Status.NOTHING_FOUND: Exit.NOTHING_FOUND}
    raise typer.Exit(codes.get(planned.solution.status, Exit.DONE))


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{text!r}: write WEST,SOUTH,EAST,NORTH in degrees", param_hint="--box") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise typer.BadParameter(f"{text!r}: west must be below east, south below north", param_hint="--box")
    return west, south, east, north


def _columns(pairs: list[str]) -> dict[str, str]:
    out: dict[str, str] = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours or not theirs:
            raise typer.BadParameter(f"{pair!r}: write OUR_NAME=THEIR_NAME", param_hint="--column")
        out[ours.strip()] = theirs.strip()
    return out


@contextmanager
def errors_for_people() -> Iterator[None]:
    """Turn our errors into one message and an exit code."""
    try:
        yield
    except SolverError as error:
        _say(error, Exit.SOLVER)
    except CoresponseError as error:
        _say(error, Exit.INPUT)
    except KeyboardInterrupt:
        console(stderr=True).print("Stopped.")
        raise SystemExit(Exit.INTERRUPTED) from None


def _say(error: Exception, code: Exit) -> None:
    console(stderr=True).print(Text.assemble(("Error: ", "bold red"), str(error)), soft_wrap=True)
    raise SystemExit(code) from error


def main(run: Callable[..., object] = app) -> None:
    """Run the command line."""
    with errors_for_people():
        run(standalone_mode=True)
