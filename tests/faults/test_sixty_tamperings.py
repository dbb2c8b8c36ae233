"""Sixty ways to tamper with a run: each is found, whether its search was proven or ended early."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coresponse.data.errors import CoresponseError
from coresponse.optimize.solution import Status
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.questions.answer import Plan
from coresponse.questions.plan import plan
from coresponse.results import verify
from coresponse.results.plan import plan_json, write_plan
from coresponse.results.runs import Run
from coresponse.results.verify import Verified, verify_run
from coresponse.study.folder import StudyFolder, open_study
from coresponse.study.read import LoadedStudy, read_study

Tamper = Callable[[Path], object]
"""Takes the folder of a run, in a study of its own, and spoils it."""

TODAY = "responder_type,post_id,shift_pattern,count\nco_responder_unit,P1,day_10h,2\n"

SQUARES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"district_id": name, "name": f"Ward {name}"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[x, 40.6], [x + 0.02, 40.6], [x + 0.02, 40.7], [x, 40.7], [x, 40.6]]
                ],
            },
        }
        for name, x in (("W", -75.0129), ("E", -74.9929))
    ],
}


def ended_early(found: Plan) -> Plan:
    """The same plan, as a search that its time limit ended leaves it."""
    solution = found.solution
    message = "best found, gap 10.00%: the time limit ended the search"
    ended = replace(
        solution, status=Status.BEST_FOUND, bound=solution.objective * 0.9, message=message
    )
    return replace(found, solved=replace(found.solved, best=replace(found.best, solution=ended)))


class Town:
    """A study that is planned once; a run of a whole search, and of one that ended early."""

    def __init__(self, folder: Path) -> None:
        self.study: LoadedStudy = read_study(folder)
        self.planned: Plan = plan(self.study.case)
        self.published: PlanPublication = publish_plan(self.planned)
        self.written: dict[str, Run] = {}
        self.base = folder.parent / "written"
        self.runs = {
            name: self.write(publish_plan(found), self.base, self.study.hashes)
            for name, found in (("proven", self.planned), ("ended", ended_early(self.planned)))
        }

    def write(self, published: PlanPublication, _: Path, hashes: Mapping[str, str]) -> Run:
        """Write a publication; the same one is written once."""
        told = [plan_json(published, "", hashes), dict(published.search.busy_share)]
        key = json.dumps(told, default=str)
        if key not in self.written:
            folder = self.base / str(len(self.written))
            self.written[key] = write_plan(published, folder, hashes)
        return self.written[key]

    def copy(self, kind: str, to: Path) -> Path:
        """Copy the study with one of its runs."""
        run = self.runs[kind]
        shutil.copytree(self.study.folder.path, to)
        return Path(shutil.copytree(run.folder, to / "results" / run.name, symlinks=True))

    def verify(self, run: Path) -> Verified:
        """Verify a copy; that the same inputs give the same files is tested elsewhere."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(verify, "read_study", self._read)
            patch.setattr(verify, "find_plan", lambda *_, **__: self.planned)
            patch.setattr(verify, "write_plan", self.write)
            patch.setattr(verify, "publish_plan", self._publish)
            return verify_run(open_study(run.parents[1]), run)

    def _publish(self, planned: Plan, disclosure: Disclosure) -> PlanPublication:
        assert planned is self.planned
        return self.published if disclosure is PUBLIC else publish_plan(planned, disclosure)

    def _read(self, folder: StudyFolder, **_: Any) -> LoadedStudy:
        assert folder.path.name == "town"
        return self.study


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, make_study: Callable[[Path], Path]) -> Town:
    folder = make_study(tmp_path_factory.mktemp("sixty") / "town")
    (folder / "today.csv").write_text(TODAY, encoding="utf-8")
    (folder / "wards.geojson").write_text(json.dumps(SQUARES), encoding="utf-8")
    path = folder / "study.toml"
    more = '[today]\nfile = "today.csv"\n[districts]\nfile = "wards.geojson"\n[roads]'
    text = path.read_text(encoding="utf-8").replace("[roads]", more)
    text = text.replace("holdout_share = 0.0", "holdout_share = 0.3")
    path.write_text(text, encoding="utf-8")
    return Town(folder)


def told(*keys: str | int, to: Any) -> Tamper:
    """Change one figure or word of ``plan.json``; `to` may work it out."""

    def spoil(run: Path) -> None:
        path = run / "plan.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        inner = content
        for key in keys[:-1]:
            inner = inner[key]
        before = inner.get(keys[-1]) if isinstance(inner, dict) else inner[keys[-1]]
        inner[keys[-1]] = to(before) if callable(to) else to
        assert inner[keys[-1]] != before
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    return spoil


def words(name: str, old: str, new: str) -> Tamper:
    """Replace a word of a file."""

    def spoil(run: Path) -> None:
        text = (run / name).read_text(encoding="utf-8")
        assert old in text
        (run / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def digit(name: str) -> Tamper:
    """Change the last digit of a file."""

    def spoil(run: Path) -> None:
        text = (run / name).read_text(encoding="utf-8")
        k = max(i for i, letter in enumerate(text) if letter.isdigit())
        (run / name).write_text(f"{text[:k]}{(int(text[k]) + 1) % 10}{text[k + 1 :]}", "utf-8")

    return spoil


def one_byte(name: str) -> Tamper:
    """Flip a bit in the middle of a file."""

    def spoil(run: Path) -> None:
        content = bytearray((run / name).read_bytes())
        content[len(content) // 2] ^= 1
        (run / name).write_bytes(content)

    return spoil


def same_size(name: str) -> Tamper:
    """Put another page of the same size there, with the same time."""

    def spoil(run: Path) -> None:
        path = run / name
        was = path.stat()
        path.write_bytes(b"<p>All is well</p>".ljust(was.st_size))
        os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))

    return spoil


def swapped(one: str, other: str) -> Tamper:
    def spoil(run: Path) -> None:
        (run / one).rename(run / "between")
        (run / other).rename(run / one)
        (run / "between").rename(run / other)

    return spoil


def linked(name: str) -> Tamper:
    """Move a file or folder out of the run and leave a link."""

    def spoil(run: Path) -> None:
        outside = run.parents[1] / f"outside-{Path(name).name}"
        (run / name).rename(outside)
        (run / name).symlink_to(outside)

    return spoil


def layer(run: Path) -> None:
    """Change an attribute of a layer with SQL, as a GIS does."""
    database = sqlite3.connect(run / "plan.gpkg")
    with database:
        (table,) = database.execute(
            "SELECT table_name FROM gpkg_contents WHERE data_type = 'features' LIMIT 1"
        ).fetchone()
        column = next(
            row[1]
            for row in database.execute(f"PRAGMA table_info({table})")
            if row[1] not in ("fid", "geom")
        )
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(f"UPDATE {table} SET {column} = 7")
    database.close()


def added(name: str, text: str = "put here by hand") -> Tamper:
    return lambda run: (run / name).write_text(text, encoding="utf-8")


def renamed(run: Path) -> None:
    """Give the run the name of another, in its folder and in its file."""
    told("run", to="plan-0123456789")(run)
    run.rename(run.with_name("plan-0123456789"))


def pipe(run: Path) -> None:
    (run / "figures.csv").unlink()
    os.mkfifo(run / "figures.csv")


def count(run: Path) -> None:
    """Another count, where plan.json and table agree."""
    told("deployment", 0, "count", to=lambda n: n + 1)(run)
    text = (run / "deployment.csv").read_text(encoding="utf-8")
    (run / "deployment.csv").write_text(text.replace(",1", ",2", 1), encoding="utf-8")


def both_pages(run: Path) -> None:
    for name in ("map.html", "report.html"):
        (run / name).write_text("<p>Adopted</p>", encoding="utf-8")


def times(factor: float) -> Callable[[float], float]:
    return lambda value: value * factor


SIXTY: dict[str, Tamper] = {
    # what plan.json says of the plan
    "a share": told("measures", "plan", "share_in_time", to=0.99),
    "a mean by a hundred-thousandth": told("measures", "plan", "mean_s", to=times(1.00001)),
    "a figure of today": told("measures", "today", "share_in_time", to=0.01),
    "a figure by queueing": told("judgments", "plan", "queueing", "share_in_time", to=0.97),
    "a figure of the replay": told("judgments", "plan", "replay", "share_in_time", "mean", to=0.97),
    "a band made narrow": told(
        "judgments", "plan", "replay", "mean_with_fallback_s", "low", to=times(1.01)
    ),
    "today judged worse": told("judgments", "today", "replay", "share_in_time", "mean", to=0.0),
    "a judge taken away": told("judgments", "plan", to=lambda j: {"queueing": j["queueing"]}),
    "districts' changes": told("district_changes", to=[]),
    "a count": told("deployment", 0, "count", to=2),
    "a count in the table too": count,
    "another post": told("deployment", 0, "post_id", to="P0"),
    "a post that is not there": told("deployment", 0, "post_id", to="P99"),
    "another post's name": told("deployment", 0, "post_name", to="City hall"),
    "nobody": told("deployment", to=[]),
    "today's count beside it": told("deployment", 0, "today", to=5),
    # what it says of the search
    "status raised or lowered": told(
        "status",
        "status",
        to=lambda s: "best found" if s == "proven optimal" else "proven optimal",
    ),
    "a status that is none": told("status", "status", to="certified"),
    "infeasible": told("status", "status", to="infeasible"),
    "its message": told("status", "message", to="proven optimal within 0.00%"),
    "objective": told("status", "objective", to=times(0.9)),
    "bound": told("status", "bound", to=times(2.0)),
    "gap": told("status", "gap", to=0.2),
    "unit of the objective": told("status", "unit", to="minutes a call"),
    "unit": told("unit", to="minutes a call"),
    "busy shares": told("busy_units", "rounds", 1, "planned_with", to={"co_responder_unit": 0.5}),
    "why the rounds ended": told("busy_units", "end", to="the most rounds were made"),
    # what it says of the question
    "study": told("study", to="Large town"),
    "notice": told("notice", to=""),
    "clock": told("clock", to="from the dispatch"),
    "standard": told("target_min", to=20.0),
    "goal": told("goal", "goal", to="share_in_time"),
    "floors": told("floors", to=[{"kind": "share"}]),
    "limits": told("limits", "units", "co_responder_unit", to=4),
    "rows set aside": told("inputs", "calls", "set_aside", to=7),
    "edges of roads": told("inputs", "roads", "edges", to=lambda n: n + 1),
    "a sentence on models": told("models", to=lambda notes: notes[1:]),
    "how to read it": told("reading", to="proven"),
    # where it comes from
    "seed": told("provenance", "seed", to=lambda n: n + 1),
    "a version": told("provenance", "versions", "scipy", to="0.0.1"),
    "versions taken away": told("provenance", "versions", to={}),
    "a hash": told("provenance", "inputs_sha256", "calls.csv", to="0" * 64),
    "solver's gap": told("provenance", "solver", "gap", to=0.5),
    "program": told("provenance", "program", to="civilian"),
    "a what-if": told("what_if", to={"limits": {}}),
    "mark of internal runs": told("disclosure", to="INTERNAL"),
    "another run's name": renamed,
    # files
    "a figure in one table only": digit("figures.csv"),
    "a layer's attribute": layer,
    "a byte of the GeoPackage": one_byte("plan.gpkg"),
    "a word of the report": words("report.html", "minutes", "seconds"),
    "pages of the same size": same_size("map.html"),
    "both pages replaced": both_pages,
    "two files swapped": swapped("classes.csv", "periods.csv"),
    "a hidden file": added(".note"),
    "an empty folder": lambda run: (run / "extra").mkdir(),
    "a pipe": pipe,
    "internal/ taken away": lambda run: shutil.rmtree(run / "internal"),
    "internal/ as a link": linked("internal"),
    "timing.json as a link": linked("internal/timing.json"),
    "calls hidden in timing.json": words(
        "internal/timing.json", "{", '{"calls": ["at home, 1 Main Street"],'
    ),
}


def test_there_are_sixty() -> None:
    assert len(SIXTY) >= 60


@pytest.mark.parametrize("kind", ["proven", "ended"])
def test_an_untouched_run_stands_up(kind: str, town: Town, tmp_path: Path) -> None:
    found = town.verify(town.copy(kind, tmp_path / "town"))
    assert found.stands, found.faults
    assert bool(found.unchecked) == (kind == "ended")


@pytest.mark.parametrize("kind", ["proven", "ended"])
@pytest.mark.parametrize("name", SIXTY)
def test_a_tampering_is_found(name: str, kind: str, town: Town, tmp_path: Path) -> None:
    """In a run of a whole search, and in one that says in all of its files that it ended early."""
    run = town.copy(kind, tmp_path / "town")
    SIXTY[name](run)
    (run,) = (tmp_path / "town" / "results").glob("plan-*")
    try:
        found = town.verify(run)
    except CoresponseError:
        return  # refused before anything is compared
    assert not found.stands
    assert "verification FAILED" in found.lines()[0]


def test_a_run_that_ended_early_with_another_deployment_stands_up(
    town: Town, tmp_path: Path
) -> None:
    """Its own answer is recounted, judged again, and all files follow from it; a page that does not is found."""
    ended = ended_early(elsewhere(town.planned))
    run = town.write(publish_plan(ended), tmp_path, town.study.hashes)
    shutil.copytree(town.study.folder.path, tmp_path / "town")
    copy = Path(shutil.copytree(run.folder, tmp_path / "town" / "results" / run.name))
    found = town.verify(copy)
    assert found.stands, found.faults
    both_pages(copy)
    assert {fault.where for fault in town.verify(copy).faults} == {
        f"{copy.name}/map.html",
        f"{copy.name}/report.html",
    }


def test_a_plan_that_the_replay_chose_in_place_of_the_models_stands_up(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The objective is of the model's own plan, and not of the deployment."""
    other, choice = elsewhere(town.planned), town.planned.choice
    assert choice is not None
    chosen = replace(choice, deployment=other.deployment, is_models=False)
    planned = replace(town.planned, choice=chosen, evaluations=other.evaluations)
    monkeypatch.setattr(town, "planned", planned)
    monkeypatch.setattr(town, "published", publish_plan(planned))
    run = town.write(town.published, tmp_path, town.study.hashes)
    shutil.copytree(town.study.folder.path, tmp_path / "town")
    copy = Path(shutil.copytree(run.folder, tmp_path / "town" / "results" / run.name))
    found = town.verify(copy)
    assert found.stands, found.faults


def elsewhere(found: Plan) -> Plan:
    """A plan with another deployment in its last round: the one for units that are never busy."""
    assert found.rounds is not None
    other, case = found.rounds.naive, found.case
    assert other.deployment.counts != found.deployment.counts
    objective = case.value(found.problem, case.counts(other.deployment))
    best = replace(
        found.best,
        deployment=other.deployment,
        solution=replace(found.solution, objective=objective),
    )
    turns = list(found.rounds.rounds)
    turns[found.rounds.chosen] = replace(turns[found.rounds.chosen], best=best)
    rounds = replace(found.rounds, rounds=tuple(turns))
    evaluations = {name: one for name, one in found.evaluations.items() if name != "naive"}
    return replace(
        found,
        solved=replace(found.solved, best=best, rounds=rounds),
        evaluations=evaluations | {"plan": found.evaluations["naive"]},
        choice=None,
    )
