"""Write a plan: a folder that appears whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from coresponse.data.deployments import deployment_frame
from coresponse.data.figures.text import number
from coresponse.data.progress import Progress, silent
from coresponse.data.tables.write import write_csv
from coresponse.maps.content import MapContent
from coresponse.maps.offline import write_whole
from coresponse.maps.plan_map import write_plan_map
from coresponse.publish.certainty import CheckedPublication, SearchPublication, StandingPublication
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.facts import Facts, HistoryPublication
from coresponse.publish.measured import BootstrapPublication, HoldoutPublication
from coresponse.publish.plan_publication import FoundPublication, PlanPublication
from coresponse.publish.rungs import CostPublication, LadderPublication
from coresponse.results.layers import write_layers
from coresponse.results.need import need_frame, need_json
from coresponse.results.plan_agencies import agencies_frame, plan_agencies_json
from coresponse.results.plan_workbook import write_plan_workbook
from coresponse.results.residents import equity_frame, residents_frame, residents_json
from coresponse.results.runs import (
    Run,
    bought,
    interval_json,
    must_be,
    numbers,
    provenance,
    run_folder,
    write_assumptions,
    write_json,
)
from coresponse.results.scenes import page_content
from coresponse.results.staffing import shifts_frame, staffing_frame, staffing_json
from coresponse.results.standards import standards_frame, standards_json
from coresponse.results.tables import (
    changes_frame,
    changes_json,
    evaluations_json,
    funnel_frame,
    groups_frame,
    history_json,
    nearest_json,
    write_evaluations,
)
from coresponse.study.beside import Beside
from coresponse.study.provenance import run_name, versions
from coresponse.study.read_back import PLAN_FILE, PLAN_SCHEMA

# The ladder's figures, by their names in the data dictionary.
LADDER_FIGURES = (
    "share_in_time",
    "mean_with_fallback_s",
    "left_to_police_per_week",
    "cost_as_called_per_year",
)

READING = (
    "judgments.*.replay: allowing for busy units, with 95% bands; queueing: the same in the long "
    "run; deterministic and measures: if the nearest were always free and drives took their "
    "expected time, an upper bound on what will happen unless drives vary."
)


def plan_run_name(
    publication: PlanPublication,
    hashes: Mapping[str, str],
    what_if: Mapping[str, Any] | None = None,
) -> str:
    """Return the name that follows from a plan's inputs and settings."""
    settings: dict[str, Any] = {
        "solver": publication.facts.solver.model_dump(),
        "versions": versions(),
    }
    if publication.search.interrupted:
        # what Ctrl-C cut short never takes the place of a whole search
        settings["stopped"] = True
    if what_if is not None:
        counts = publication.deployment.counts
        settings |= {"what_if": dict(what_if), "deployment": [[*o, n] for o, n in counts]}
    kind = publication.disclosure.kind_of_run("plan" if what_if is None else "whatif")
    return run_name(dict(hashes), settings, kind=kind)


def write_plan(
    publication: PlanPublication,
    results: Path,
    hashes: Mapping[str, str],
    *,
    what_if: Mapping[str, Any] | None = None,
    ground: Any = None,
    progress: Progress = silent,
) -> Run:
    """Write a plan that was found.

    Parameters
    ----------
    results
        Folder that the run's folder is made in.
    hashes
        SHA-256 of the inputs, by name.
    what_if
        What was asked in place of ``study.toml``'s question; such a run is of the kind ``whatif``.
    ground
        As :func:`coresponse.results.map_page.map_content` takes it.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If the plan was not published.
    """
    must_be(publication, PlanPublication)
    disclosure = publication.disclosure
    name = plan_run_name(publication, hashes, what_if)
    content = page_content(publication, ground=ground)

    def report() -> tuple[str, Any]:
        return _report(publication, content, name, hashes)

    with run_folder(results / name) as folder, Beside({"report": report}) as beside:
        progress("writing results", 0, 3)
        _write_tables(publication, folder)
        progress("writing results", 1, 3)
        write_layers(publication, folder)
        asked = {} if what_if is None else {"what_if": dict(what_if)}
        write_json(plan_json(publication, name, hashes) | asked, folder / PLAN_FILE)
        write_plan_workbook(publication, name, folder / "plan.xlsx")
        inside = publication.inside.timing
        write_json(
            {"solve_seconds": inside["solve_seconds"], "steps": [*map(_step, inside["steps"])]},
            folder / "internal" / "timing.json",
        )
        progress("writing results", 2, 3)
        write_plan_map(content, folder / "map.html")
        page, saved = beside.take("report")
        write_whole(folder / "report.html", page)
        write_json(saved, folder / "internal" / "report.json")
        disclosure.rename_files(folder)
        progress("writing results", 3, 3)
    return Run(name, results / name, disclosure)


def _report(
    publication: PlanPublication, content: MapContent, name: str, hashes: Mapping[str, str]
) -> tuple[str, Any]:
    """Return the report's page, and its content to draw it again from."""
    from coresponse.maps.report.page import report_page  # noqa: PLC0415 - loads matplotlib
    from coresponse.results.report.content import SAVED, report_content  # noqa: PLC0415 - as above

    report = report_content(publication, content, name, hashes)
    return report_page(report), SAVED.dump_python(report, mode="json")


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    return {**step, "incumbent": number(step["incumbent"]), "bound": number(step["bound"])}


def plan_json(publication: PlanPublication, name: str, hashes: Mapping[str, str]) -> dict[str, Any]:
    """Return the whole result as plain data; the same inputs give the same data.

    An internal one says so first.
    """
    facts, found, search = publication.facts, publication.found, publication.search
    return {
        **publication.disclosure.mark,
        "schema": PLAN_SCHEMA,
        **facts.header(name),
        "status": model_json(publication),
        "plan": standing_json(publication.standing),
        "goal": facts.goal.model_dump(exclude_none=True),
        "floors": [floor.model_dump(exclude_none=True) for floor in facts.floors],
        "limits": facts.limits.model_dump(exclude_defaults=True),
        "deployment": _deployment_rows(publication),
        "staffing": staffing_json(publication.staffing),
        **({} if publication.phone is None else {"phone": asdict(publication.phone)}),
        "today": None if facts.today is None else bought(facts.today),
        "busy_units": rounds_json(search),
        "measures": {
            key: nearest_json(one)
            for key, one in publication.evaluations.items()
            if key in ("plan", "today")
        },
        "ladder": ladder_json(None if found is None else found.ladder),
        "costs": {} if found is None else costs_json(found.costs),
        "judgments": evaluations_json(publication.evaluations),
        "district_changes": changes_json(None if found is None else found.districts),
        "standards_by_area": standards_json(None if found is None else found.standards),
        "agencies": plan_agencies_json(None if found is None else found.agencies),
        "need": need_json(None if found is None else found.need),
        "residents": residents_json(None if found is None else found.residents),
        "unseen": _holdout_json(publication, found),
        "records": publication.records,
        "inputs": inputs_json(facts, publication.history),
        "provenance": provenance(facts, hashes),
        "reading": READING,
        "models": list(publication.model_notes),
        "unit": search.unit,
    }


def model_json(publication: PlanPublication) -> dict[str, Any]:
    """Return how the model's answer stands, and of which deployment that is."""
    return search_json(publication.search) | {
        "of": f"the model's deployment: {publication.standing.whose}",
        "model_deployment": bought(publication.standing.model),
    }


def standing_json(standing: StandingPublication) -> dict[str, Any]:
    """Return what the plan shown is, what it was chosen from, and what was confirmed."""
    return {
        "standing": standing.standing.value,
        "is_models": standing.is_models,
        "words": list(standing.sentences),
        "candidates": standing.candidates,
        "in_time": standing.in_time,
        "better_by": None if standing.better_by is None else interval_json(standing.better_by),
        "better_by_unit": standing.unit,
        "binding": list(standing.binding),
        "held_against_promise": None if standing.plan is None else checked_json(standing.plan),
        "less": None if standing.less is None else checked_json(standing.less),
        "checked": [checked_json(one) for one in standing.checked],
    }


def checked_json(one: CheckedPublication) -> dict[str, Any]:
    """Return what a deployment comes to that was held against the promise."""
    return {
        "deployment": bought(one.deployment),
        "verdict": one.verdict.value,
        "cost_as_called_per_year": number(one.dollars),
        "replications": one.replications,
        "promises": [
            {
                "name": r.name,
                "kind": r.kind,
                "promised": number(r.promised),
                "found": None if r.found is None else interval_json(r.found),
                "verdict": None if r.verdict is None else r.verdict.value,
            }
            for r in one.reached
        ],
    }


def ladder_json(ladder: LadderPublication | None) -> dict[str, Any]:
    """Return today, today's staff rearranged and the plan, by the replay, and what the last units are for."""
    if ladder is None:
        return {"rungs": [], "last_units": ""}
    figures = ("share_in_time", "wait_s", "left_to_police", "dollars")
    names = dict(zip(figures, LADDER_FIGURES, strict=True))
    rungs = [
        {"name": rung.name, "responders": rung.fleet}
        | {
            names[part]: None if (one := getattr(rung, part)) is None else interval_json(one)
            for part in figures
        }
        for rung in ladder.rungs
    ]
    return {"rungs": rungs, "last_units": ladder.last_units}


def costs_json(costs: CostPublication) -> dict[str, Any]:
    """Return what each deployment costs a year, as planned and with call-outs as found."""
    return {
        name: {
            "cost_per_year": round(costs.planned[name], 2),
            "cost_as_called_per_year": interval_json(costs.found[name]),
        }
        for name in costs.planned
    }


def search_json(search: SearchPublication) -> dict[str, Any]:
    """Return how the answer was found; of an answer to a goal, each goal in order, and figures."""
    goal = (
        {}
        if search.figures is None
        else {
            "stages": [
                asdict(s) | {"value": number(s.value), "bound": number(s.bound)}
                for s in search.stages
            ],
            "figures": [
                {"name": name, "value": number(value), "unit": unit}
                for name, value, unit in search.figures
            ],
        }
    )
    return {
        "status": search.status.value,
        "message": search.message,
        "objective": number(search.objective),
        "bound": number(search.bound),
        "gap": number(search.gap),
        "unit": search.unit,
        **goal,
        "clash": list(search.clash),
    }


def rounds_json(search: SearchPublication) -> dict[str, Any]:
    """Return how the plan took busy units into account."""
    if search.end is None:
        return {"mode": "free", "rounds": []}
    return {
        "mode": "consistent",
        "end": search.end.value,
        "chosen": search.chosen,
        "rounds": [
            {
                "planned_with": numbers(turn.planned_with),
                "measured": numbers(turn.measured),
                "queueing_cost": number(turn.queueing_cost),
                "objective": number(turn.objective),
                "bound": number(turn.bound),
                "status": turn.status,
                "deployment": bought(turn.deployment),
            }
            for turn in search.rounds
        ],
    }


def _holdout_json(publication: PlanPublication, found: FoundPublication | None) -> dict[str, Any]:
    """Return how a plan does on calls that it has not seen."""
    out: dict[str, Any] = {"verdict": "", "skipped": publication.holdout_reason}
    if found is not None and found.holdout is not None:
        out = _held_out_json(found.holdout)
    if found is not None and found.bootstrapped is not None:
        out["bootstrap"] = _bootstrap_json(found.bootstrapped)
    return out


def _held_out_json(holdout: HoldoutPublication) -> dict[str, Any]:
    less = holdout.wait_less_s
    return {
        "verdict": holdout.verdict(),
        "skipped": "",
        "plan_days": number(holdout.plan_days),
        "judge_days": number(holdout.judge_days),
        "judge_calls": holdout.judge_calls,
        "wait_less_s": None if less is None else interval_json(less),
        "seen_share_in_time": number(holdout.seen),
        "figures": [
            {
                "deployment": name,
                "judge": title,
                "share_in_time": round(one.figures[judge]["share_in_time"].mean, 4),
                "mean_with_fallback_min": round(
                    one.figures[judge]["mean_with_fallback_s"].mean / 60, 2
                ),
            }
            for name, one in holdout.evaluations.items()
            for judge, title in (
                ("deterministic", "deterministic"),
                ("replay", "replay of the real calls"),
            )
            if judge in one.figures
        ],
    }


def _bootstrap_json(again: BootstrapPublication) -> dict[str, Any]:
    return {
        "verdict": again.verdict(),
        "wait_less_s": [number(v) for v in again.wait_less_s],
        "share_in_time": [number(v) for v in again.share_in_time],
        "kept_posts": [number(v) for v in again.kept_posts],
    }


def inputs_json(facts: Facts, history: HistoryPublication) -> dict[str, Any]:
    """Return what was read and what was set aside."""
    roads = facts.roads
    return {
        "roads": asdict(roads.report)
        | {"nodes": roads.n_nodes, "edges": roads.n_edges, "crs": roads.crs},
        "calls": history_json(history),
        "posts": {"used": len(facts.posts.frame), "set_aside": len(facts.posts.set_aside)},
        "districts": 0 if facts.districts is None else len(facts.districts.frame),
        "periods": [
            {"name": p.name, "hours_a_week": p.hours.count, "speed_factor": p.speed_factor}
            for p in facts.periods
        ],
    }


def _deployment_rows(publication: PlanPublication) -> list[dict[str, Any]]:
    facts = publication.facts
    today = {} if facts.today is None else facts.today.as_dict()
    names = deployment_frame(publication.deployment, facts.posts)["post_name"]
    return [
        {**option._asdict(), "post_name": name, "count": count, "today": today.get(option, 0)}
        for (option, count), name in zip(publication.deployment.counts, names, strict=True)
    ]


def _write_tables(publication: PlanPublication, folder: Path) -> None:
    facts, disclosure, inside = publication.facts, publication.disclosure, publication.inside
    write, districts = disclosure.write_table, facts.districts is not None
    write(deployment_frame(publication.deployment, facts.posts), folder / "deployment.csv")
    staffing = publication.staffing
    write(staffing_frame(staffing), folder / "staffing.csv")
    write(shifts_frame(staffing), folder / "shifts.csv")
    parts = {
        "classes": ("by_class", "call_class"),
        "periods": ("by_period", "period"),
        "figures": ("overall", "group"),
        **({"districts": ("by_district", "district_id")} if districts else {}),
    }
    two = {n: one for n, one in publication.evaluations.items() if n in ("plan", "today")}
    for name, (part, label) in parts.items():
        write(groups_frame(two, part, label), folder / f"{name}.csv")
    write(funnel_frame(publication.history), folder / "funnel.csv")
    changes = changes_frame(publication.shown.districts)
    if changes is not None:
        write(changes, folder / "district_changes.csv")
    need = publication.shown.need
    if need is not None:
        write(need_frame(need), folder / "need.csv")
    agencies = publication.shown.agencies
    if agencies is not None:
        write(agencies_frame(agencies), folder / "agencies.csv")
    standards = publication.shown.standards
    if standards is not None:
        write(standards_frame(standards), folder / "standards.csv")
    residents = publication.shown.residents
    if residents is not None:
        write(residents_frame(residents), folder / "residents.csv")
        write(equity_frame(residents), folder / "residents_equity.csv")
    write_evaluations(publication.evaluations, folder, districts=districts, disclosure=disclosure)
    write_assumptions(facts.program, folder, disclosure)
    INTERNAL.write_table(funnel_frame(inside.funnel), folder / "internal" / "funnel.csv")
    for name, frame in (
        ("set_aside", inside.set_aside),
        ("unmapped_natures", inside.unmapped),
        ("posts_set_aside", inside.posts_set_aside),
    ):
        write_csv(frame, folder / "internal" / f"{name}.csv")
