"""The budget explorer of a study: the plans of a sweep, on a map of its city."""

from __future__ import annotations

from pathlib import Path

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.frames import drawn_edges
from coresponse.maps.explorer.content import ExplorerContent, Point, Slider
from coresponse.maps.explorer.page import write_explorer
from coresponse.publish.areas import map_cells
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.facts import Facts, publish_history
from coresponse.results.map_page import posts_frame
from coresponse.results.read_sweep import SweepResult, SweptAxis, SweptPoint, read_sweep
from coresponse.results.report.again import newest_sweep
from coresponse.results.report.frontier import unbeaten
from coresponse.results.runs import run_folder
from coresponse.study.provenance import run_name
from coresponse.study.read import LoadedStudy

MOST_ROADS = 60_000
"""Directed edges that the page draws; beyond it the main roads only."""


def explorer_content(
    study: LoadedStudy,
    sweep: SweepResult,
    *,
    disclosure: Disclosure = PUBLIC,
    progress: Progress = silent,
) -> ExplorerContent:
    """Gather what the explorer shows from a sweep's result.

    Raises
    ------
    InputError
        If the sweep is of another study, or of inputs that have changed.
    """
    case, city = study.case, study.city
    facts = Facts.of(case)
    told = sweep.provenance.inputs_sha256
    now = study.hashes
    changed = sorted(name for name in told if now.get(name) != told[name] and name != "study.toml")
    if sweep.study != city.name or changed:
        what = f"{', '.join(changed)} changed since" if changed else f"it is of {sweep.study!r}"
        raise InputError(f"the sweep does not fit the study: {what} -- run coresponse sweep again")
    table = case.work_out_table(progress)
    sliders = tuple(_slider(axis) for axis in sweep.axes)
    rows = sweep.re_optimized
    if not sliders or not rows:
        raise InputError("the sweep varied nothing -- run coresponse sweep with --vary")
    standby = any(_budgeted(row) is not None for row in rows)
    best = unbeaten([(row.cost, row.share_in_time) for row in rows])
    points = tuple(
        _point(row, sweep.place(row), is_best, standby=standby)
        for row, is_best in zip(rows, best, strict=True)
    )
    unknown = {option for point in points for option, _ in point.deployment.counts} - set(
        table.options
    )
    if unknown:
        raise InputError(
            f"the sweep buys {' / '.join(min(unknown))}, which the study does not offer -- sweep "
            "again"
        )
    progress("areas of each plan", 0, 1)
    cells = map_cells(
        table,
        city.roads,
        {f"p{i}": point.deployment for i, point in enumerate(points)},
        target_s=case.target_s,
        disclosure=disclosure,
    )
    roads, all_drawn = drawn_edges(city.roads, at_most=MOST_ROADS)
    few_days = publish_history(city, disclosure).few_days
    notices = [city.notice, few_days, "" if all_drawn else "Only main roads are drawn"]
    return ExplorerContent(
        title=city.name,
        clock=case.program.standards.clock,
        target_min=facts.target_min,
        sliders=sliders,
        points=points,
        cells=cells,
        roads=roads,
        posts=posts_frame(city.posts),
        responder_titles=facts.responder_titles,
        notices=tuple(text for text in notices if text),
        internal=disclosure.internal,
        attribution=facts.attributions,
        water=city.water,
        parks=city.parks,
        beside_roads_m=150.0 if all_drawn else 750.0,
        provenance=(f"Sweep {sweep.run}: {sweep.reading}",),
    )


def _slider(axis: SweptAxis) -> Slider:
    kind = (
        "dollars"
        if axis.name.startswith("budget")
        else "share"
        if axis.name.startswith("busy")
        else "number"
    )
    title = (
        axis.title.removesuffix(", dollars a year") + " a year" if kind == "dollars" else axis.title
    )
    return Slider(axis.name, title[:1].upper() + title[1:], tuple(sorted(axis.values)), kind)


def _budgeted(row: SweptPoint) -> float | None:
    """Return what the budget counts, where call-outs as found cost a dollar more or less."""
    if row.cost is None or row.cost_per_year is None or abs(row.cost - row.cost_per_year) < 1:
        return None
    return row.cost_per_year


def _point(row: SweptPoint, at: tuple[int, ...], is_best: bool, *, standby: bool) -> Point:
    return Point(
        at=at,
        deployment=row.bought,
        # a search proves what holds in the model, not of the figures beside it
        status=f"In the model, {row.message}",
        cost_per_year=row.cost,
        share_in_time=row.share_in_time,
        mean_wait_min=row.mean_with_fallback_min,
        p90_min=row.p90_min,
        left_to_police_per_week=row.left_to_police_per_week,
        efficient=is_best,
        budgeted_per_year=row.cost_per_year if standby else None,
    )


def write_study_explorer(
    study: LoadedStudy,
    *,
    sweep: Path | None = None,
    disclosure: Disclosure = PUBLIC,
    progress: Progress = silent,
) -> Path:
    """Write the explorer of a sweep under the study's ``results``.

    Parameters
    ----------
    sweep
        Folder; default: the newest.

    Raises
    ------
    InputError
        If there is no sweep, or it does not fit the study.
    """
    sweep = sweep or newest_sweep(study.folder)
    if sweep is None:
        raise MissingInputError(
            f"{study.folder.results} holds no sweep -- make one with: coresponse sweep "
            f"{study.folder.path} --vary ..."
        )
    found = read_sweep(sweep)
    content = explorer_content(study, found, disclosure=disclosure, progress=progress)
    name = run_name(study.hashes, {"sweep": found.run}, kind=disclosure.kind_of_run("explorer"))
    page = disclosure.file_name("explorer.html")
    target = study.folder.results / name
    with run_folder(target) as folder:
        write_explorer(content, folder / page)
    return target / page
