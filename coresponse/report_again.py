"""Draw a finished plan's report again, with what a sweep found about each budget."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coresponse.data.errors import InputError, MissingInputError
from coresponse.maps.report.charts import Bought, frontier_chart
from coresponse.maps.report.content import Part, Picture, ReportContent, ReportTable
from coresponse.maps.report.page import write_report
from coresponse.replaying import newest_run
from coresponse.reporting import SAVED
from coresponse.study import StudyFolder
from coresponse.whole import whole_folder

MOST_ROWS = 15


def newest_sweep(folder: StudyFolder) -> Path | None:
    """Return the sweep written last under the study's results; None if there is none."""
    runs = [path.parent for path in folder.results.glob("sweep-*/sweep.json")]
    return max(runs, key=lambda run: ((run / "sweep.json").stat().st_mtime_ns, run.name), default=None)


def report_again(folder: StudyFolder, *, run: Path | None = None, sweep: Path | None = None) -> Path:
    """Write the report of a finished run, with the frontier of a sweep if there is one.

    Parameters
    ----------
    run, sweep
        Folders; default: the newest of the study.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    InputError
        If there is no such run, or its files cannot be read.
    """
    run = run or newest_run(folder)
    if run is None:
        raise MissingInputError(f"{folder.results} holds no plan -- make one with: coresponse plan {folder.path}")
    saved = run / "internal" / "report.json"
    content = _read_content(saved)
    sweep = sweep or newest_sweep(folder)
    digest = hashlib.sha256(saved.read_bytes())
    if sweep is not None:
        path = sweep / "sweep.json"
        digest.update(path.read_bytes())
        found = _read_json(path)
        _same_inputs(run, found, path)
        content = with_frontier(content, found)
    target = folder.results / f"report-{digest.hexdigest()[:10]}"
    try:
        with whole_folder(target) as building:
            write_report(content, building / "report.html")
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error} -- free some space") from error
    return target / "report.html"


def _same_inputs(run: Path, sweep: Mapping[str, Any], path: Path) -> None:
    """Refuse a sweep of other inputs: calls, roads or posts that have changed; what study.toml asks may differ."""
    plan = _read_json(run / "plan.json")
    told = [found.get("provenance", {}).get("inputs_sha256", {}) for found in (plan, sweep)]
    names = (set(told[0]) | set(told[1])) - {"study.toml"}
    changed = sorted(name for name in names if told[0].get(name) != told[1].get(name))
    if changed:
        raise InputError(
            f"{path} is of other inputs than {run.name} ({', '.join(changed[:5])}) -- run coresponse sweep again"
        )


def _read_content(path: Path) -> ReportContent:
    try:
        return SAVED.validate_json(path.read_bytes())
    except FileNotFoundError:
        raise MissingInputError(f"{path} is not there -- plan again with this version") from None
    except ValidationError as error:
        raise InputError(
            f"{path} is of another version, or was changed -- plan again ({error.error_count()} faults)"
        ) from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingInputError(f"{path} is not there -- name a sweep's folder, or run coresponse sweep") from None
    except ValueError as error:
        raise InputError(f"{path} cannot be read: {error} -- run it again") from error
    if not isinstance(found, dict):
        raise InputError(f"{path} holds no result -- run it again")
    return found


def cost_of(point: Mapping[str, Any]) -> float | None:
    """Return a sweep point's dollars a year, call-outs as found where they were counted."""
    found = point.get("cost_as_called_per_year")
    return found if found is not None else point.get("cost_per_year")


def efficient(points: Sequence[tuple[float | None, float | None]]) -> list[bool]:
    """Say of each (cost, share) whether no other costs as little and is as good, and is better in one of the two."""
    out = [False] * len(points)
    best = -1.0
    known = [(cost, -share, i) for i, (cost, share) in enumerate(points) if cost is not None and share is not None]
    for _, less, i in sorted(known):
        if -less > best:
            out[i], best = True, -less
    return out


def with_frontier(content: ReportContent, sweep: dict[str, Any]) -> ReportContent:
    """Return the content with a section on what each budget buys, after the costs."""
    if sweep.get("study") != content.title:
        raise InputError(f"the sweep is of {sweep.get('study')!r}, the plan of {content.title!r} -- sweep this study")
    points = [
        p
        for p in sweep.get("points", ())
        if p.get("share_in_time") is not None and cost_of(p) is not None and p.get("mode") == "re-optimized"
    ]
    marks = efficient([(cost_of(p), p["share_in_time"]) for p in points])
    bought = [Bought(cost_of(p) or 0.0, p["share_in_time"] * 100, mark) for p, mark in zip(points, marks, strict=True)]
    if not bought:
        return content
    best = sorted((p for p, mark in zip(points, marks, strict=True) if mark), key=lambda p: cost_of(p) or 0.0)
    step = max(1, -(-len(best) // MOST_ROWS))
    rows = tuple(
        (
            f"${cost_of(p) or 0.0:,.0f}",
            f"{p['share_in_time']:.1%}",
            f"{p['mean_with_fallback_min']:.1f}",
            f"{p['left_to_police_per_week']:,.0f}",
            "unknown" if p.get("gap") is None else f"{p['gap']:.2%}",
        )
        for p in best[::step]
    )
    heads = ("Cost a year", "In time", "Mean wait, min", "Left to police, a week", "Gap of the search")
    axes = ", ".join(axis["title"] for axis in sweep["axes"])
    table = ReportTable("Efficient plans: none is as cheap and as good", heads, rows, (1, 2, 3, 4))
    low, high = best[0], best[-1]
    alternative = (
        f"Calls in time against cost a year for {len(bought)} plans; efficient ones go from {low['share_in_time']:.0%} at "
        f"${(cost_of(low) or 0.0) / 1e6:,.2f} million to {high['share_in_time']:.0%} at "
        f"${(cost_of(high) or 0.0) / 1e6:,.2f} million."
    )
    said = f"{len(bought)} plans were made over {axes}, each the best within its limits. Figures are queueing's, with busy units."
    part = Part(
        "frontier", "What each budget buys", (said,), (), (Picture(frontier_chart(bought), alternative),), (table,)
    )
    kept = [one for one in content.parts if one.key != "frontier"]
    at = next((i + 1 for i, one in enumerate(kept) if one.key == "costs"), len(kept))
    return replace(content, parts=(*kept[:at], part, *kept[at:]))
