"""The presenter's scenes, from a plan's publication: today, the problem, the plan, who gains, what it costs, how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from coresponse.data.figures.rows import SummaryRow
from coresponse.data.figures.text import dollars, figure_text
from coresponse.data.programs.fleet import fleet_words
from coresponse.maps.content import MapContent
from coresponse.maps.scenes import Scene
from coresponse.publish.plan_publication import PlanPublication
from coresponse.results.map_page import map_content
from coresponse.results.report.decision import moved
from coresponse.results.report.districts import gain_words

Figure = tuple[str, str, str]

MEAN_WAIT = "mean_with_fallback_s"


def page_content(publication: PlanPublication, *, ground: Any = None) -> MapContent:
    """Gather what the map page of a plan draws, with the presenter's scenes."""
    return replace(map_content(publication, ground=ground), scenes=scenes(publication))


def scenes(publication: PlanPublication) -> tuple[Scene, ...]:
    """Return the scenes; those of today and of who gains only where today is known, none where nobody is in place."""
    if not publication.deployment.size:
        return ()
    return tuple(_scenes(publication))


def _scenes(publication: PlanPublication) -> Iterator[Scene]:
    headlines = [row for row in publication.shown.summary if row.headline]
    today = publication.facts.today
    if today is not None and today.size:
        yield _today(publication, headlines)
    yield _problem(publication)
    yield _plan(publication, headlines)
    if publication.shown.districts is not None and publication.shown.districts.compared:
        yield _gains(publication)
    yield _cost(publication)
    yield _sure(publication)


def _fleet(publication: PlanPublication, name: str) -> str:
    return fleet_words(publication.facts.program, publication.deployments[name])


def _share(publication: PlanPublication, name: str) -> str:
    share = publication.evaluations[name].best_known("share_in_time").mean
    return figure_text(share, "share")


def _today(publication: PlanPublication, rows: list[SummaryRow]) -> Scene:
    share = _share(publication, "today")
    return Scene(
        "Today",
        f"Today {share} of calls are reached within {publication.facts.standard}.",
        tuple((row.label, figure_text(row.today, row.unit), "") for row in rows[1:]),
        (f"On duty in the week: {_fleet(publication, 'today')}.",),
        mode="today",
    )


def _problem(publication: PlanPublication) -> Scene:
    """Say where people wait longest now, and at what time of the week."""
    name = "plan" if publication.facts.today is None else "today"
    said = "The longest waits are where the map is darkest."
    districts = publication.shown.map.districts
    if districts is not None and districts[f"{MEAN_WAIT}_{name}"].notna().any():
        worst = districts.loc[districts[f"{MEAN_WAIT}_{name}"].idxmax()]
        said = f"The longest wait is in {worst['name']}: {worst[f'{MEAN_WAIT}_{name}'] / 60:.0f} minutes on average."
    figures: list[Figure] = []
    by_time = publication.shown.map.by_time
    for period in publication.shown.map.periods if by_time is not None else ():
        share = float(by_time.loc[period.key, f"share_in_time_{name}"])  # type: ignore[union-attr, arg-type]
        figures.append(
            (f"In time, {period.title.lower()}", figure_text(share, "share"), period.hours)
        )
    lines = []
    busy = next((row for row in publication.shown.summary if "all units busy" in row.label), None)
    if busy is not None:
        count = busy.today if name == "today" else busy.plan
        lines.append(
            f"{figure_text(count, busy.unit)} calls a year are left to police because all units "
            "are busy."
        )
    return Scene("The problem", said, tuple(figures[:4]), tuple(lines), view="late", mode=name)


def _plan(publication: PlanPublication, rows: list[SummaryRow]) -> Scene:
    has_today = publication.facts.today is not None
    return Scene(
        "The plan",
        f"{_fleet(publication, 'plan')}: {_share(publication, 'plan')} of calls within "
        f"{publication.facts.standard}.",
        tuple(
            (
                row.label,
                figure_text(row.plan, row.unit),
                f"today {figure_text(row.today, row.unit)}" if has_today else "",
            )
            for row in rows
        ),
        moved(publication),
    )


def _gains(publication: PlanPublication) -> Scene:
    found = publication.shown.districts
    rows = sorted((found.compared or {}).values() if found else (), key=lambda row: row.change)
    said, *rest = gain_words(rows)
    most = tuple(
        (f"Mean wait, {row.name}", f"{row.plan:.1f} min", f"today {row.today:.1f} min")
        for row in rows[:4]
        if row.verdict > 0
    )
    return Scene("Who gains", said.split(". ")[0] + ".", most, tuple(rest[:2]), mode="change")


def _cost(publication: PlanPublication) -> Scene:
    found = publication.shown.costs.found
    said = f"The plan costs {dollars(found['plan'].mean)} a year."
    if "today" in found:
        more = found["plan"].mean - found["today"].mean
        less = "more" if more >= 0 else "less"
        said = f"{said.removesuffix('.')}, {dollars(abs(more))} {less} than today."
    ladder = publication.shown.ladder
    figures: tuple[Figure, ...] = ()
    if ladder is not None:
        figures = tuple((row[0], row[5], f"{row[1]} in time") for row in ladder.rows)
    lines = (*publication.staffing.sentences[:1], *((ladder.last_units,) if ladder else ()))
    return Scene("What it costs", said, figures, tuple(line for line in lines if line))


def _sure(publication: PlanPublication) -> Scene:
    row = publication.shown.summary[0]
    unseen = publication.shown.holdout
    said = f"{figure_text(row.plan, row.unit)} of calls in time."
    if row.plan_band is not None:
        low, high = (figure_text(end, row.unit) for end in row.plan_band)
        said = f"In 95 of 100 cases between {low} and {high} of calls are in time."
    lines = (
        *publication.standing.sentences[:1],
        *(() if unseen is None else (unseen.verdict(),)),
        publication.records_in_short,
    )
    mode = "plan" if publication.facts.today is None else "change"
    return Scene("How sure we are", said, (), tuple(line for line in lines if line), mode=mode)
