"""The budget explorer of a study: the plans of a sweep, on a map of its city."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.options import Deployment, Option
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.frames import drawn_edges
from coresponse.maps.explorer.content import (
    ExplorerContent,
    ExplorerPoint,
    Frontier,
    GroupShown,
    Slider,
)
from coresponse.maps.explorer.page import write_explorer
from coresponse.optimize.case import Case
from coresponse.publish.areas import map_cells
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.ground import on_known_ground
from coresponse.publish.history import facts_of, publish_history
from coresponse.publish.residents import publish_point_groups
from coresponse.publish.rungs import TITLES
from coresponse.publish.standards import publish_point_areas
from coresponse.questions.sweep.grid import value_text
from coresponse.questions.sweep.points_met import Asked, PointMet, points_met
from coresponse.results.map_page import posts_frame
from coresponse.results.plan import LADDER_FIGURES
from coresponse.results.read_sweep import SweepResult, SweptAxis, SweptPoint, SweptToday, read_sweep
from coresponse.results.replay import newest_run
from coresponse.results.report.again import newest_sweep
from coresponse.results.runs import run_folder
from coresponse.study.provenance import run_name
from coresponse.study.read import LoadedStudy
from coresponse.study.read_back import read_plan_file

# Directed edges that the page draws; beyond it the main roads only.
MOST_ROADS = 60_000


def explorer_content(
    study: LoadedStudy,
    sweep: SweepResult,
    *,
    ladder: Mapping[str, ExplorerPoint] | None = None,
    disclosure: Disclosure = PUBLIC,
    progress: Progress = silent,
) -> ExplorerContent:
    """Gather what the explorer shows from a sweep's result.

    Parameters
    ----------
    ladder
        Rungs of the study's own plan by name, as :func:`ladder_of_plan` returns them.

    Raises
    ------
    InputError
        If the sweep is of another study, or of inputs that have changed.
    """
    case, city = study.case, study.city
    facts = facts_of(case)
    _refuse_other_inputs(study, sweep)
    table = case.work_out_table(progress)
    _refuse_other_options(sweep, table.options)
    asked = {f"p{i}": (sweep.setting(row), row.bought) for i, row in enumerate(sweep.re_optimized)}
    met = points_met(case, asked | _as_it_is(case, sweep), progress=progress)
    frontier = _frontier(sweep, ladder or {})
    points = {f"p{i}": _point(row, sweep.place(row)) for i, row in enumerate(sweep.re_optimized)}
    if frontier.today is not None:
        points["today"] = frontier.today
    groups = _groups(met, disclosure)
    groups |= _areas(case, met, points, disclosure, alone=not groups)
    points = {n: replace(one, by_group=_of_groups(groups, n)) for n, one in points.items()}
    frontier = replace(frontier, today=points.pop("today", None))
    cells = map_cells(
        table,
        city.roads,
        {name: deployment for name, (_, deployment) in asked.items()},
        target_s=case.standard,
        replayed={name: one.calls for name, one in met.items() if name in asked},
        disclosure=disclosure,
    )
    cells = on_known_ground(cells, city, table.cells, disclosure)
    roads, all_drawn = drawn_edges(city.roads, at_most=MOST_ROADS)
    few_days = publish_history(city, disclosure).few_days
    notices = [case.notice, few_days, "" if all_drawn else "Only main roads are drawn"]
    return ExplorerContent(
        title=city.name,
        clock=case.program.standards.clock,
        target_min=facts.target_min,
        sliders=tuple(_slider(axis) for axis in sweep.axes),
        points=tuple(points.values()),
        cells=cells,
        groups=tuple(groups),
        roads=roads,
        posts=posts_frame(city.posts),
        responder_titles=facts.responder_titles,
        frontier=frontier,
        notices=tuple(text for text in notices if text),
        internal=disclosure.internal,
        attribution=facts.attributions,
        water=city.water,
        parks=city.parks,
        landmarks=city.landmarks,
        districts=None if city.districts is None else city.districts.frame[["name", "geometry"]],
        beside_roads_m=150.0 if all_drawn else 750.0,
        provenance=(f"Sweep {sweep.run}. All points of a city meet the same drawn calls.",),
    )


def _refuse_other_inputs(study: LoadedStudy, sweep: SweepResult) -> None:
    told, now = sweep.provenance.inputs_sha256, study.hashes
    changed = sorted(name for name in told if now.get(name) != told[name] and name != "study.toml")
    if sweep.study == study.city.name and not changed:
        return
    what = f"{', '.join(changed)} changed since" if changed else f"it belongs to {sweep.study!r}"
    raise InputError(f"the sweep does not fit the study: {what} -- run coresponse sweep again")


def _refuse_other_options(sweep: SweepResult, options: Sequence[Option]) -> None:
    """Refuse a sweep without plans to choose from, or of options that the study does not have."""
    if not sweep.axes or not sweep.re_optimized:
        raise InputError("the sweep varied nothing -- run coresponse sweep with --vary")
    bought = {option for row in sweep.re_optimized for option, _ in row.bought.counts}
    unknown = bought - set(options)
    if unknown:
        raise InputError(
            f"the sweep buys {' / '.join(min(unknown))}, which the study does not offer -- sweep "
            "again"
        )


def _as_it_is(case: Case, sweep: SweepResult) -> dict[str, Asked]:
    """Return today, to be replayed where groups or areas are told apart."""
    city = case.city
    told_apart = city.living is not None or case.standards is not None
    if not told_apart or city.today is None or sweep.frontier.today is None:
        return {}
    return {"today": ({}, city.today)}


# What can be chosen, by title: its figures by plan.
Groups = dict[str, dict[str, GroupShown]]


def _groups(met: Mapping[str, PointMet], disclosure: Disclosure) -> Groups:
    """Return groups of residents that may be shown, all residents first; none where there is no group to choose."""
    found = {name: one.by_group for name, one in met.items() if one.by_group is not None}
    rows = tuple(row for row in publish_point_groups(found, disclosure) if row.figures)
    if len(rows) < 2:
        return {}
    return {
        row.title: {
            plan: GroupShown(one.wait_s.mean / 60, one.share.mean)
            for plan, one in row.figures.items()
        }
        for row in rows
    }


def _areas(
    case: Case,
    met: Mapping[str, PointMet],
    points: Mapping[str, ExplorerPoint],
    disclosure: Disclosure,
    *,
    alone: bool,
) -> Groups:
    """Return areas with standards of their own that may be shown; where nothing else can be chosen, all calls first."""
    found = {name: one.by_area for name, one in met.items() if one.by_area is not None}
    if case.standards is None or not found or len(found) < len(met):
        return {}
    told = publish_point_areas(case.standards, case.table.cells, found, disclosure)
    out: Groups = {
        f"{name} (area)": {
            plan: GroupShown(wait_s / 60, share) for plan, (wait_s, share) in of.items()
        }
        for name, of in told.items()
    }
    if not out or not alone:
        return out
    whole = {
        name: GroupShown(one.mean_wait_min, one.share_in_time)
        for name, one in points.items()
        if name in found and one.mean_wait_min is not None and one.share_in_time is not None
    }
    return {"All calls": whole, **out}


def _of_groups(groups: Groups, point: str) -> tuple[GroupShown, ...]:
    """Return the figures of each that can be chosen, under the plan of a point or today; none where nobody is in place."""
    found = tuple(of[point] for of in groups.values() if point in of)
    return found if len(found) == len(groups) else ()


def _slider(axis: SweptAxis) -> Slider:
    title = re.sub(r", dollars a year$", " a year", axis.title)
    values = tuple(sorted(axis.values))
    texts = tuple(value_text(axis.name, value) for value in values)
    return Slider(axis.name, title[:1].upper() + title[1:], values, texts)


# Figures that a frontier is drawn by, as the page names them.
_FIGURES = {
    "share_in_time": "share",
    "mean_with_fallback_min": "wait",
    "worst_district_mean_min": "worst",
    "share_without_officer": "noOfficerShare",
}


def _frontier(sweep: SweepResult, ladder: Mapping[str, ExplorerPoint]) -> Frontier:
    told = sweep.frontier
    knee, own = (sweep.among_re_optimized(k) for k in (told.knee, told.own))
    today = None if told.today is None else _today(told.today)
    return Frontier(
        _FIGURES[told.figure],
        knee,
        own,
        today,
        tuple(told.sentences),
        ladder.get("rearranged"),
        ladder.get("plan"),
    )


def _today(now: SweptToday) -> ExplorerPoint:
    return ExplorerPoint(
        at=(),
        deployment=Deployment.of("today", {}),
        status="Today",
        cost_per_year=now.cost_as_called_per_year,
        share_in_time=now.share_in_time,
        mean_wait_min=now.mean_with_fallback_min,
        p90_min=now.p90_min,
        left_to_police_per_week=now.left_to_police_per_week,
        without_officer_per_week=now.without_officer_per_week,
        share_without_officer=now.share_without_officer,
        worst_district_min=now.worst_district_mean_min,
        fleet=now.fleet,
    )


def ladder_of_plan(run: Path | None, hashes: Mapping[str, str]) -> dict[str, ExplorerPoint]:
    """Return the rungs of a finished plan's ladder by name.

    None where it was made from other inputs or by another version, or was damaged since: the
    explorer is the sweep's, and does without.
    """
    if run is None:
        return {}
    try:
        told = read_plan_file(run)
        if told["provenance"]["inputs_sha256"] != dict(hashes):
            return {}
        rungs = {rung["name"]: rung for rung in told["ladder"]["rungs"]}
        return {name: _rung(rung) for name, rung in rungs.items() if name in TITLES}
    except (InputError, KeyError, TypeError, ValueError):
        return {}


def _rung(rung: Mapping[str, Any]) -> ExplorerPoint:
    share, wait_s, left, dollars = (
        None if (one := rung.get(name)) is None else float(one["mean"]) for name in LADDER_FIGURES
    )
    return ExplorerPoint(
        at=(),
        deployment=Deployment.of(str(rung["name"]), {}),
        status=TITLES[rung["name"]],
        cost_per_year=dollars,
        share_in_time=share,
        mean_wait_min=None if wait_s is None else wait_s / 60,
        p90_min=None,
        left_to_police_per_week=left,
        fleet=str(rung["responders"]),
    )


def _point(row: SweptPoint, at: tuple[int, ...]) -> ExplorerPoint:
    return ExplorerPoint(
        at=at,
        deployment=row.bought,
        # a search proves what holds in the model, not of the figures beside it
        status=row.standing.told(row.message),
        cost_per_year=row.cost,
        share_in_time=row.share_in_time,
        mean_wait_min=row.mean_with_fallback_min,
        p90_min=row.p90_min,
        left_to_police_per_week=row.left_to_police_per_week,
        without_officer_per_week=row.without_officer_per_week,
        share_without_officer=row.share_without_officer,
        worst_district_min=row.worst_district_mean_min,
        fleet=row.fleet,
        efficient=row.efficient,
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
    run = newest_run(study.folder)
    ladder = ladder_of_plan(run, study.hashes)
    content = explorer_content(
        study, found, ladder=ladder, disclosure=disclosure, progress=progress
    )
    made_of = {"sweep": found.run} | ({"plan": run.name} if run is not None and ladder else {})
    name = run_name(study.hashes, made_of, kind=disclosure.kind_of_run("explorer"))
    page = disclosure.file_name("explorer.html")
    target = study.folder.results / name
    with run_folder(target) as folder:
        write_explorer(content, folder / page)
    return target / page
