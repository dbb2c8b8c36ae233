"""Check a run again.

Inputs by their hashes, figures by recounting, the plan by solving again, files by their bytes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coresponse.data.errors import DamagedResultError, Fault, InputError
from coresponse.data.figures.text import plain_number
from coresponse.data.progress import Progress, silent
from coresponse.data.toml import check_model
from coresponse.data.words import counted
from coresponse.optimize.settings import SolverSettings
from coresponse.optimize.solution import Status
from coresponse.publish.disclosure import of_run
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.questions.answer import Plan
from coresponse.questions.plan import plan as find_plan
from coresponse.results.plan import model_json, plan_json, write_plan
from coresponse.results.recount import SAME, recounted, solved_again
from coresponse.results.reported import publish_reported, read_answer, with_standing, with_unseen
from coresponse.results.run_files import (
    Versions,
    compare_files,
    plain,
    same_bytes,
    unlike_bytes,
    unlike_json,
)
from coresponse.results.runs import numbers, write_json
from coresponse.study.folder import StudyFolder
from coresponse.study.provenance import input_hashes, run_name, versions
from coresponse.study.read import read_study
from coresponse.study.read_back import PLAN_FILE, read_plan_file

# Packages whose other version may draw other calls from the same seed.
DRAWN_BY = frozenset({"coresponse", "numpy"})

TIME_LIMIT = "a time limit ended the search"

# Parts of ``plan.json`` that tell of a search in the replay, which may end elsewhere.
IN_REPLAY = ("plan", "ladder")

# Parts of ``plan.json`` that follow from the inputs alone, whatever the search finds.
STATED = ("study", "notice", "clock", "target_min", "goal", "floors", "limits", "inputs", "records")


@dataclass(frozen=True)
class Verified:
    """What came out of checking a run.

    Attributes
    ----------
    run
        Its name.
    faults
        What is wrong; empty if nothing is.
    checked
        What was checked, in sentences.
    notes
        What a reader should know: other versions, a search that a time limit ended.
    unchecked
        What was not checked, and so is not said to be right.
    """

    run: str
    faults: tuple[Fault, ...]
    checked: tuple[str, ...]
    notes: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

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
            "not_checked": list(self.unchecked),
        }

    def lines(self) -> list[str]:
        """Say it to people."""
        count = len(self.faults)
        what = (
            f"verified{', as far as it was checked' if self.unchecked else ''}."
            if self.stands
            else f"verification FAILED: {counted(count, 'fault')}."
        )
        return [
            f"{self.run}: {what}",
            *(f"  {fault}" for fault in self.faults),
            *self.checked,
            *(f"Note: {note}" for note in self.notes),
            *(f"Not checked: {part}" for part in self.unchecked),
        ]


def verify_run(folder: StudyFolder, run: Path, *, progress: Progress = silent) -> Verified:
    """Check a run against its study's inputs as they are now.

    Input hashes first; if they agree, everything is worked out again: the reported deployment is
    recounted without the solver (its limits, its objective, its figures), the study is solved
    again, and every file of the run is compared byte by byte with the file that comes out. Where a
    time limit ended the search, or the run was made with other versions, the plan may be another
    one: then the objectives have to agree with each other's bounds, the reported deployment is
    judged again, and every file is compared with what follows from it.

    Parameters
    ----------
    folder
        The study.
    run
        Folder of the run; see :func:`coresponse.results.runs.find_run`.

    Raises
    ------
    InputError
        If ``plan.json`` cannot be read, is of another schema, or of a question of the what-if page.
        One that is damaged is a fault that is found.
    """
    try:
        told = read_plan_file(run)
    except DamagedResultError as error:
        what, _, cure = str(error).partition(" -- ")
        fault = Fault(PLAN_FILE, f"is {what.partition(f'{PLAN_FILE}: ')[2]}", cure)
        return Verified(run.resolve().name, (fault,), ())
    if "what_if" in told:
        raise InputError(
            f"{run.name} answers a question of the what-if page or of flags, not that of "
            "study.toml -- ask it again there, or write it into study.toml and plan"
        )
    name, names = str(told["run"]), _names(told)
    faults = list(_changed_inputs(folder, told))
    checked = [f"Inputs: {len(told['provenance']['inputs_sha256'])} files compared by SHA-256."]
    if name != run.resolve().name:
        faults.append(
            Fault(
                PLAN_FILE,
                f"is of run {name}, in the folder of {run.resolve().name}",
                f"call the folder {name} again, or look for the right file",
            )
        )
    elif run.is_symlink():
        faults.append(Fault(run.name, "is a link, not a folder", "put the folder itself there"))
    elif not faults and name not in names:
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
            ("Figures were not recounted: the run was made from other inputs, or was changed.",),
        )
    study = read_study(_as_then(folder, told), progress=progress)
    planned = find_plan(study.case, progress=progress)
    progress("comparing", 0, 1)
    check = _Check(planned, told, run, study.hashes, names[name])
    faults = _first_at_each_place(check.faults())
    progress("comparing", 1, 1)
    return Verified(
        name,
        tuple(faults),
        (*checked, *check.checked),
        tuple(check.notes),
        tuple(dict.fromkeys(check.unchecked)),
    )


def _first_at_each_place(faults: Iterable[Fault]) -> list[Fault]:
    places: dict[str, Fault] = {}
    for fault in faults:
        places.setdefault(fault.where, fault)
    return list(places.values())


def _names(told: Mapping[str, Any]) -> dict[str, bool]:
    """Return the names that a run of the stated inputs, versions and settings has.

    Of a whole search (False), and of a stopped one (True).
    """
    about = told["provenance"]
    settings = {key: about[key] for key in ("solver", "versions") if key in about}
    kind = of_run(told).kind_of_run("plan")
    return {
        run_name(about["inputs_sha256"], settings | more, kind=kind): bool(more)
        for more in ({}, {"stopped": True})
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
                "was an input of the run and is not in the study now",
                "put it back, or plan again",
            )
        elif name not in then:
            yield Fault(name, "is an input now and was not in the run", "plan again")
        elif then[name] != now[name]:
            short = f"SHA-256 {now[name][:12]}..., the run had {str(then[name])[:12]}..."
            yield Fault(
                name, f"has changed since the run ({short})", "put the old file back, or plan again"
            )


def _other_versions(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the packages whose version is another one now, and both versions."""
    then, now = told["provenance"]["versions"], versions()
    names = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    return {name: f"{then.get(name, 'none')!s:.30}, now {now.get(name, 'none')}" for name in names}


class _Check:
    """Holds a run against what its inputs give now.

    Where both searches are proven, by the same versions, every byte follows from the inputs. Else
    the run's own answer is taken as it is told, recounted and judged again, and every file is held
    against what follows from that answer: the search alone is excused.
    """

    def __init__(
        self,
        planned: Plan,
        told: Mapping[str, Any],
        run: Path,
        hashes: Mapping[str, str],
        interrupted: bool,
    ) -> None:
        self.planned, self.told, self.run, self.hashes = planned, told, run, hashes
        self.others = _other_versions(told)
        proven = Status.PROVEN.value
        self.proven = planned.found and (
            planned.solution.status.value, told["status"].get("status")
        ) == (proven, proven)  # fmt: skip
        self.again = publish_plan(planned, of_run(told))
        self.answer, self.unreadable = read_answer(
            told, planned.table.options, interrupted=interrupted
        )
        self.checked: list[str] = []
        self.notes: list[str] = []
        self.unchecked: list[str] = []

    @property
    def draws(self) -> bool:
        """Whether other versions may draw other calls."""
        return bool(self.others.keys() & DRAWN_BY)

    @property
    def same_shares(self) -> bool:
        """Whether both searches were told the same busy shares, so that their objectives are of one kind."""
        if self.answer is None:
            return True
        shares = [
            numbers(search.rounds[search.chosen].planned_with) if search.rounds else None
            for search in (self.answer[1], self.again.search)
        ]
        return shares[0] == shares[1]

    def faults(self) -> Iterator[Fault]:
        """Check all; more than one fault may be told of a place."""
        yield from self.unreadable
        broken = self.answer is None
        if self.answer is not None:
            turns = self.again.search.rounds
            counted = list(
                recounted(
                    self.planned,
                    self.told,
                    *self.answer,
                    same_shares=self.same_shares,
                    begins_with=turns[0].planned_with if turns else None,
                )
            )
            broken = any(fault.where == f"{PLAN_FILE}, deployment" for fault in counted)
            yield from counted
        self.checked.append(
            "Plan: limits, objective and figures of the reported deployment recounted without the "
            "solver."
        )
        yield from solved_again(self.planned, self.told, same_shares=self.same_shares)
        search = self.again.search
        self.checked.append(
            f"Search: solved again to {plain_number(search.objective)} {search.unit}."
        )
        if not self.same_shares:
            self.unchecked.append("the objective: it is of other busy shares than are found now")
        if self.planned.found:
            yield from self._settled() if self.proven and not self.others else self._open(broken)

    def _settled(self) -> Iterator[Fault]:
        wanted = _plain_plan(self.again, self.told, self.hashes)
        yield from self._files(self.again, wanted)
        self.checked.append("Files: each compared byte by byte with what comes out now.")

    def _open(self, broken: bool) -> Iterator[Fault]:
        if self.others:
            said = "; ".join(f"{name} {both}" for name, both in self.others.items())
            self.notes.append(f"files were not compared byte by byte, for versions differ: {said}")
        if not self.proven:
            self.notes.append(f"{TIME_LIMIT}, or it was stopped: how far it comes differs")
            self.unchecked.append(
                "status.message, bound and rounds of the search, beyond that they agree with the "
                "search made now"
            )
        if broken or self.answer is None:
            self.unchecked.append(
                "all files but plan.json: no deployment that they would follow from"
            )
            return
        deployment, search, model = self.answer
        published = publish_reported(self.planned, self.again, deployment, search)
        wanted = _plain_plan(published, self.told, self.hashes)
        parts = {key: self.told.get(key) for key in IN_REPLAY}
        parts["status"] = self.told["status"]
        if parts != {key: wanted[key] for key in parts}:
            try:
                published = with_standing(published, self.told, model)
            except InputError as error:
                yield Fault(f"{PLAN_FILE}, plan and ladder", str(error), "plan again")
                return
            wanted |= {key: parts[key] for key in IN_REPLAY}
            wanted["status"] = plain(model_json(published))
            self.unchecked.append("plan and ladder: what the run's search in the replay came to")
        unseen, same = self.told.get("unseen"), SAME if self.others else 0.0
        if any(unlike_json(unseen, wanted["unseen"], "unseen", same=same)):
            try:
                published = with_unseen(published, unseen)
            except InputError as error:
                yield Fault(f"{PLAN_FILE}, unseen", str(error), "plan again")
                return
            wanted["unseen"] = unseen
            self.unchecked.append(
                "unseen: the plan made on a part of the days is of another search"
            )
        yield from self._files(published, wanted)
        self.checked.append(
            "Judges: the reported deployment judged again by queueing; replays of other versions "
            "draw other calls."
            if self.draws
            else "Judges: the reported deployment judged again by queueing and replay."
        )
        self.checked.append(
            "Files: which there are, and tables and layers in text as far as versions allow."
            if self.others
            else "Files: each compared byte by byte with what follows from the reported answer."
        )

    def _files(self, published: PlanPublication, wanted: dict[str, Any]) -> Iterator[Fault]:
        """Compare ``plan.json`` part by part, and all files by their bytes."""
        parts = list(unlike_json(*self._comparable(wanted), "", same=SAME if self.others else 0.0))
        yield from parts
        with tempfile.TemporaryDirectory(prefix="coresponse-verify-") as name:
            again = write_plan(published, Path(name), self.hashes)
            then = self.told["provenance"]["versions"]
            words = {f"{n} {v}": f"{n} {then.get(n, 'none')}" for n, v in versions().items()}
            known = Versions(
                words | {again.name: str(self.told["run"])}, frozenset(self.others), self.draws
            )
            differ: list[str] = []
            yield from compare_files(self.run, again.folder, known, differ)
            if not self.others and not parts:
                path = Path(name) / PLAN_FILE
                write_json(wanted, path)
                if not same_bytes(path, self.run / PLAN_FILE):
                    where = f"{self.run.name}/{PLAN_FILE}"
                    yield Fault(where, unlike_bytes(path, self.run / PLAN_FILE), "plan again")
        if differ:
            self.unchecked.append(
                f"{', '.join(differ)}: not what these versions write, and other versions may"
            )

    def _comparable(self, wanted: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what both files have to say alike, as told and as worked out."""
        both = (dict(self.told), dict(wanted))
        if not self.others:
            return both
        if self.draws:
            self.unchecked.append("judgments.*.replay, district_changes and unseen of plan.json")
            told, found = ({key: one.get(key) for key in STATED} for one in both)
            for part, one in ((told, both[0]), (found, both[1])):
                part["judgments"] = _without_replay(one.get("judgments"))
            return told, found
        for one in both:
            del one["run"]
            one["provenance"] = {k: v for k, v in one["provenance"].items() if k != "versions"}
        return both


def _plain_plan(
    published: PlanPublication, told: Mapping[str, Any], hashes: Mapping[str, str]
) -> dict[str, Any]:
    return plain(plan_json(published, str(told["run"]), hashes))


def _without_replay(judgments: object) -> object:
    if not isinstance(judgments, dict):
        return judgments
    return {
        name: {k: v for k, v in one.items() if k != "replay"} if isinstance(one, dict) else one
        for name, one in judgments.items()
    }
