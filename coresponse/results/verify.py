"""Check a run again.

Inputs by their hashes, figures by recounting, the plan by solving again, files by their bytes.
"""

from __future__ import annotations

import json
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from coresponse.coverage.measures import measure
from coresponse.data.errors import Fault, InputError, MissingInputError
from coresponse.data.options import Deployment, Option
from coresponse.data.progress import Progress, silent
from coresponse.data.toml import check_model
from coresponse.optimize.settings import SolverSettings
from coresponse.optimize.solution import Status
from coresponse.optimize.solve_case import evaluate
from coresponse.publish.disclosure import of_run
from coresponse.publish.evaluation import publish_evaluation
from coresponse.publish.plan import PlanPublication, publish_plan
from coresponse.questions.plan import Plan
from coresponse.questions.plan import plan as find_plan
from coresponse.results.plan import plan_json, write_plan
from coresponse.results.tables import evaluation_json
from coresponse.study.folder import StudyFolder
from coresponse.study.provenance import input_hashes, run_name, versions
from coresponse.study.read import read_study
from coresponse.study.read_back import PLAN_FILE, read_plan_file

UNLIKE_FROM_RUN_TO_RUN = ("internal/timing.json",)
"""Files that say how long the work took.

The only ones that differ between two runs of the same inputs.
"""

DRAWN_BY = frozenset({"coresponse", "numpy"})
"""Packages whose other version may draw other calls from the same seed."""

TIME_LIMIT = "a time limit ended the search"

STATED = ("study", "notice", "clock", "target_min", "goal", "floors", "limits", "inputs")
"""Parts of ``plan.json`` that follow from the inputs alone, whatever the search finds."""

SAME = 1e-6
"""Relative difference up to which two figures are the same where versions differ, and for the recount always."""


@dataclass(frozen=True)
class Verified:
    """What came out of checking a run.

    Attributes
    ----------
    run
        Its name.
    faults
        What does not stand up; empty if all does.
    checked
        What was checked, in sentences.
    notes
        What a reader should know: other versions, a search that a time limit ended.
    """

    run: str
    faults: tuple[Fault, ...]
    checked: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether nothing was found to be wrong."""
        return not self.faults

    def summary(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "run": self.run,
            "stands": self.stands,
            "faults": [{"where": f.where, "what": f.what, "cure": f.cure} for f in self.faults],
            "checked": list(self.checked),
            "notes": list(self.notes),
        }

    def lines(self) -> list[str]:
        """Say it to people."""
        count = len(self.faults)
        what = (
            "stands up."
            if self.stands
            else f"does NOT stand up: {count} fault{'s' if count > 1 else ''}."
        )
        return [
            f"{self.run} {what}",
            *(f"  {fault}" for fault in self.faults),
            *self.checked,
            *(f"Note: {note}" for note in self.notes),
        ]


def find_run(folder: StudyFolder, run: str | Path) -> Path:
    """Return the folder of a run, given by its name or its path.

    Raises
    ------
    MissingInputError
        If there is no such run.
    """
    for path in (Path(run), folder.results / run):
        if (path / PLAN_FILE).is_file():
            return path
    there = sorted(path.name for path in folder.results.glob("*") if (path / PLAN_FILE).is_file())
    raise MissingInputError(
        f"{run} is no run of {folder.path} -- there are: {', '.join(there) or 'none'}"
    )


def study_of_run(run: Path) -> Path:
    """Return the study folder that a run lies in: ``STUDY/results/RUN``."""
    return run.resolve().parents[1]


def verify_run(folder: StudyFolder, run: Path, *, progress: Progress = silent) -> Verified:
    """Check a run against its study's inputs as they are now.

    Input hashes first; if they agree, everything is worked out again: the reported deployment is
    recounted without the solver (its limits, its objective, its figures), the study is solved
    again, and every file of the run is compared byte by byte with the file that comes out. Where a
    time limit ended the search, or the run was made with other versions, the plan may be another
    one: then the objectives have to agree with each other's bounds, and the reported deployment is
    judged again.

    Parameters
    ----------
    folder
        The study.
    run
        Folder of the run; see :func:`find_run`.

    Raises
    ------
    InputError
        If ``plan.json`` cannot be read, is of another schema, or of a question of the what-if page.
    """
    told = read_plan_file(run)
    if "what_if" in told:
        raise InputError(
            f"{run.name} answers a question of the what-if page, not that of study.toml -- ask it "
            "again there ('Ask again'), or "
            "write it into study.toml and plan"
        )
    name = str(told["run"])
    faults = list(_changed_inputs(folder, told))
    checked = [f"Inputs: {len(told['provenance']['inputs_sha256'])} files compared by SHA-256."]
    if name != run.resolve().name:
        faults.append(
            Fault(
                PLAN_FILE,
                f"is of run {name}, in the folder of {run.resolve().name}",
                "look for the right file",
            )
        )
    elif not faults and name not in _names(told):
        faults.append(
            Fault(
                f"{PLAN_FILE}, provenance",
                f"gives another name than {name}: it was changed",
                "plan again",
            )
        )
    if faults:
        return Verified(
            name,
            tuple(faults),
            tuple(checked),
            ("Figures were not recounted: the run is of other inputs, or not as it was written.",),
        )
    study = read_study(_as_then(folder, told), progress=progress)
    planned = find_plan(study.case, progress=progress)
    again = publish_plan(planned, of_run(told))
    progress("comparing", 0, 1)
    faults += _recounted(planned, told)
    checked.append(
        "Plan: limits, objective and figures of the reported deployment recounted without the "
        "solver."
    )
    faults += _solved_again(planned, told)
    checked.append(f"Search: solved again to {again.search.objective:.6g} {again.search.unit}.")
    others = _other_versions(told)
    notes = list(_notes(planned, told, others))
    more: Iterator[Fault] = iter(())
    if planned.found and notes:
        more = _judged_again(planned, again, told, progress, replayed=not others.keys() & DRAWN_BY)
        checked.append("Judges: the reported deployment judged again by queueing and replay.")
        if others.keys() & DRAWN_BY:
            checked[-1] = (
                "Judges: the reported deployment judged again by queueing; replays of other "
                "versions draw other calls."
            )
    elif planned.found:
        more = _other_files(again, study.hashes, run)
        checked.append("Files: each compared byte by byte with what comes out now.")
    told_before = {fault.where for fault in faults}
    faults += [fault for fault in more if fault.where not in told_before]
    progress("comparing", 1, 1)
    return Verified(name, tuple(faults), tuple(checked), tuple(notes))


def _names(told: Mapping[str, Any]) -> set[str]:
    """Return the names that a run of the stated inputs, versions and settings has.

    Of a whole search, and of a stopped one.
    """
    about = told["provenance"]
    settings = {key: about[key] for key in ("solver", "versions") if key in about}
    kind = of_run(told).kind_of_run("plan")
    return {
        run_name(about["inputs_sha256"], known, kind=kind)
        for known in (settings, settings | {"stopped": True})
    }


def _as_then(folder: StudyFolder, told: Mapping[str, Any]) -> StudyFolder:
    """Return the study with the run's settings of the solver, which the command line may have changed."""
    solver = check_model(
        told["provenance"]["solver"], SolverSettings, subject=f"{PLAN_FILE}, provenance.solver"
    )
    return replace(folder, study=folder.study.model_copy(update={"solver": solver}))


def _changed_inputs(folder: StudyFolder, told: Mapping[str, Any]) -> Iterator[Fault]:
    then: dict[str, str] = told["provenance"]["inputs_sha256"]
    now = input_hashes(folder)
    for name in sorted(then.keys() | now.keys()):
        if name not in now:
            yield Fault(
                name,
                "was an input of the run and is none of the study now",
                "put it back, or plan again",
            )
        elif name not in then:
            yield Fault(name, "is an input now and was none of the run", "plan again")
        elif then[name] != now[name]:
            short = f"SHA-256 {now[name][:12]}..., the run had {str(then[name])[:12]}..."
            yield Fault(
                name, f"has changed since the run ({short})", "put the old file back, or plan again"
            )


def _recounted(planned: Plan, told: Mapping[str, Any]) -> Iterator[Fault]:
    """Recount what the file claims of its own deployment."""
    position = {option: i for i, option in enumerate(planned.table.options)}
    counts = np.zeros(len(position), dtype=np.int64)
    for k, row in enumerate(told["deployment"]):
        option = Option(*(str(row.get(key)) for key in Option._fields))
        count = row.get("count")
        if option not in position or not isinstance(count, int) or not 0 < count < 10**6:
            yield Fault(
                f"{PLAN_FILE}, deployment[{k}]",
                f"{' / '.join(option)} x {count!r:.20} cannot be bought",
                "plan again",
            )
            return
        counts[position[option]] += count
    for limit in planned.problem.broken_limits(counts) if len(told["deployment"]) else []:
        yield Fault(f"{PLAN_FILE}, deployment", f"breaks the limit {limit}", "plan again")
    if not planned.found:
        return
    objective = planned.case.value(planned.problem, counts)
    if not planned.case.is_plain:
        for floor in planned.case.statement(planned.problem).broken_floors(counts):
            yield Fault(f"{PLAN_FILE}, deployment", f"breaks the floor {floor}", "plan again")
    whole = of_run(told).city(planned.table.cells)
    objective = whole.cost(objective, planned.solution.unit)
    yield from _unlike("status.objective", told["status"].get("objective"), objective)
    bought = Deployment.of("plan", {option: int(counts[i]) for option, i in position.items()})
    yield from _unlike_measures(planned, bought, told)


def _unlike_measures(planned: Plan, bought: Deployment, told: Mapping[str, Any]) -> Iterator[Fault]:
    """Measure the reported deployment and today's again."""
    whole, today = of_run(told).city(planned.table.cells), planned.case.city.today
    for name, deployment in {"plan": bought, **({} if today is None else {"today": today})}.items():
        claimed = told["measures"].get(name)
        if not isinstance(claimed, dict):
            yield Fault(f"{PLAN_FILE}, measures.{name}", "is missing", "plan again")
            continue
        case = planned.case
        found = measure(
            planned.table, deployment, target_s=case.target_s, districts=case.city.districts
        )
        for key, value in found.overall.iloc[0].items():
            counted = whole.figure(str(key), float(value))
            yield from _unlike(f"measures.{name}.{key}", claimed.get(str(key)), counted)


def _unlike(key: str, claimed: object, counted: float) -> Iterator[Fault]:
    if claimed is None and not np.isfinite(counted):
        return
    told = (
        float(claimed)
        if isinstance(claimed, int | float) and not isinstance(claimed, bool)
        else float("nan")
    )
    if not abs(told - counted) <= SAME * max(1.0, abs(counted)):
        yield Fault(
            f"{PLAN_FILE}, {key}", f"says {claimed!r:.30}, recounted {counted:.10g}", "plan again"
        )


def _solved_again(planned: Plan, told: Mapping[str, Any]) -> Iterator[Fault]:
    """Compare two searches: each one's bound holds for the other's answer."""
    status, again = told["status"], planned.solution
    if status.get("status") not in [known.value for known in Status]:
        yield Fault(
            f"{PLAN_FILE}, status.status",
            f"{status.get('status')!r:.40} is no status",
            "plan again",
        )
    if not planned.found:
        if status.get("status") != again.status.value:
            yield Fault(
                f"{PLAN_FILE}, status",
                f"says {status.get('status')!r:.40}, now {again.status.value}",
                "plan again",
            )
        return
    objective, bound = (_number(status.get(key)) for key in ("objective", "bound"))
    # what is published is rounded: neither an objective nor a bound is known closer than to half a
    # step
    step = of_run(told).city(planned.table.cells).cost_step(again.unit)
    slack = SAME * max(1.0, abs(again.objective)) + step / 2
    if objective < again.bound - slack:
        what = f"says {objective:.10g}, but no plan is below {again.bound:.10g}"
        yield Fault(f"{PLAN_FILE}, status.objective", what, "plan again")
    if bound > again.objective + slack:
        what = f"says {bound:.10g}, but a plan has {again.objective:.10g}"
        yield Fault(f"{PLAN_FILE}, status.bound", what, "plan again")
    size = max(abs(objective), 1e-12)
    if (
        np.isfinite(objective - bound)
        and not abs(_number(status.get("gap")) - max(0.0, objective - bound) / size)
        <= SAME + step / size
    ):
        yield Fault(
            f"{PLAN_FILE}, status.gap",
            f"says {status.get('gap')!r:.30}, but objective and bound are another way apart",
            "plan again",
        )
    proven = status.get("status") == Status.PROVEN.value
    solver = planned.case.solver
    gap = max(solver.gap, solver.busy_gap)
    if proven and not objective - bound <= (gap + SAME) * max(abs(objective), 1e-12) + step:
        yield Fault(f"{PLAN_FILE}, status", "says proven, but its bound is no proof", "plan again")


def _number(value: object) -> float:
    return (
        float(value)
        if isinstance(value, int | float) and not isinstance(value, bool)
        else float("nan")
    )


def _other_versions(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the packages whose version is another one now, and both versions."""
    then, now = told["provenance"]["versions"], versions()
    names = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    return {name: f"{then.get(name, 'none')!s:.30}, now {now.get(name, 'none')}" for name in names}


def _notes(planned: Plan, told: Mapping[str, Any], others: Mapping[str, str]) -> Iterator[str]:
    """Say why files cannot be compared byte by byte."""
    if others:
        said = "; ".join(f"{name} {both}" for name, both in others.items())
        yield f"files were not compared byte by byte, for versions differ: {said}"
    proven = Status.PROVEN.value
    if planned.found and (planned.solution.status.value, told["status"].get("status")) != (
        proven,
        proven,
    ):
        yield f"files were not compared byte by byte: {TIME_LIMIT}, and how far it comes differs"


def _judged_again(
    planned: Plan,
    again: PlanPublication,
    told: Mapping[str, Any],
    progress: Progress,
    *,
    replayed: bool,
) -> Iterator[Fault]:
    """Judge the reported deployment, and hold what the file says of it and of the inputs against what comes out."""
    known = set(planned.table.options)
    rows = [
        (Option(*(str(row.get(key)) for key in Option._fields)), row.get("count"))
        for row in told["deployment"]
    ]
    if any(option not in known or not isinstance(count, int) for option, count in rows):
        return  # told already
    bought = Deployment.of("plan", rows)
    found = evaluate(planned.case, bought, progress=progress)
    published = {"plan": publish_evaluation(found, again.disclosure)}
    published |= {name: one for name, one in again.evaluations.items() if name == "today"}
    for name, one in published.items():
        worked_out = _plain(evaluation_json(one))
        claimed = told.get("judgments")
        claimed = claimed.get(name) if isinstance(claimed, dict) else None
        if not replayed and isinstance(claimed, dict):
            claimed, worked_out = (
                {k: v for k, v in part.items() if k != "replay"} for part in (claimed, worked_out)
            )
        yield from _unlike_json(claimed, worked_out, f"judgments.{name}", same=SAME)
    hashes = told["provenance"]["inputs_sha256"]
    stated = _plain(plan_json(again, str(told["run"]), hashes))
    for key in STATED:
        yield from _unlike_json(told.get(key), stated[key], key, same=SAME)


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = json.loads(json.dumps(content, default=str))
    return out


def _other_files(
    publication: PlanPublication, hashes: Mapping[str, str], run: Path
) -> Iterator[Fault]:
    with tempfile.TemporaryDirectory(prefix="coresponse-verify-") as name:
        again = write_plan(publication, Path(name), hashes).folder
        wanted, there = _files(again), _files(run)
        for inner in sorted(wanted - there):
            yield Fault(inner, "is missing from the run", "plan again")
        for inner in sorted(there - wanted):
            yield Fault(inner, "does not belong to the run", "remove it")
        for inner in sorted(wanted & there):
            if not stat.S_ISREG((run / inner).lstat().st_mode):
                yield Fault(f"{run.name}/{inner}", "is a link or a pipe, no file", "plan again")
            elif inner not in UNLIKE_FROM_RUN_TO_RUN and not _same_bytes(
                again / inner, run / inner
            ):
                where = f"{run.name}/{inner}"
                places = (
                    list(_unlike_json(_json(run / inner), _json(again / inner), ""))
                    if inner == PLAN_FILE
                    else []
                )
                yield from places or [
                    Fault(where, "is not the file that these inputs give", "plan again")
                ]


def _same_bytes(wanted: Path, there: Path) -> bool:
    return (
        wanted.stat().st_size == there.stat().st_size and wanted.read_bytes() == there.read_bytes()
    )


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() or path.is_symlink()
    }


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _unlike_json(told: Any, found: Any, key: str, *, same: float = 0.0) -> Iterator[Fault]:
    """Name every place where two files of plain data differ.

    Numbers by more than `same` of their size.
    """
    if isinstance(told, dict) and isinstance(found, dict) and told.keys() == found.keys():
        for name, value in found.items():
            yield from _unlike_json(told[name], value, f"{key}.{name}" if key else name, same=same)
    elif isinstance(told, list) and isinstance(found, list) and len(told) == len(found):
        for i, value in enumerate(found):
            yield from _unlike_json(told[i], value, f"{key}[{i}]", same=same)
    elif (
        same
        and isinstance(told, float)
        and isinstance(found, float)
        and abs(told - found) <= same * max(1.0, abs(found))
    ):
        return
    elif told != found or type(told) is not type(found):
        yield Fault(
            f"{PLAN_FILE}, {key or 'the file'}",
            f"says {told!r:.60}, worked out {found!r:.60}",
            "plan again",
        )
