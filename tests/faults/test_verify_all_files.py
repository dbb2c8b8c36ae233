"""Whatever is changed in a run is found.

Any figure of plan.json, any byte of any file, any file taken, added or swapped.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coresponse.publish.disclosure import Disclosure
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.questions.answer import Plan
from coresponse.questions.plan import plan
from coresponse.results import verify
from coresponse.results.plan import plan_json, write_plan
from coresponse.results.run_files import UNLIKE_FROM_RUN_TO_RUN, same_text
from coresponse.results.runs import Run
from coresponse.results.verify import Verified, verify_run
from coresponse.study.folder import StudyFolder, open_study
from coresponse.study.provenance import run_name
from coresponse.study.read import LoadedStudy, read_study


@pytest.fixture(scope="module")
def study(
    tmp_path_factory: pytest.TempPathFactory, make_study: Callable[[Path], Path]
) -> LoadedStudy:
    return read_study(make_study(tmp_path_factory.mktemp("all") / "town"))


@pytest.fixture(scope="module")
def planned(study: LoadedStudy) -> Plan:
    found = plan(study.case)
    write_plan(publish_plan(found), study.folder.results, study.hashes)
    return found


@pytest.fixture
def copy(study: LoadedStudy, planned: Plan, tmp_path: Path) -> Path:
    del planned
    return Path(shutil.copytree(study.folder.path, tmp_path / "town"))


def the_run(study: Path) -> Path:
    (run,) = (study / "results").iterdir()
    return run


@pytest.fixture
def check(
    study: LoadedStudy, planned: Plan, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Verified]:
    """Verify the copy.

    That the same inputs give the same files is tested elsewhere, and taken as given here.
    """
    pristine = the_run(study.folder.path)

    def again(folder: StudyFolder, **_: Any) -> LoadedStudy:
        assert folder.path == copy
        return study

    monkeypatch.setattr(verify, "read_study", again)
    monkeypatch.setattr(verify, "find_plan", lambda *_, **__: planned)
    monkeypatch.setattr(verify, "write_plan", lambda *_, **__: Run(pristine.name, pristine))
    published: dict[bool, PlanPublication] = {}

    def publish_once(found: Plan, disclosure: Disclosure) -> PlanPublication:
        # of the plan made again alone: what the run itself tells is published anew each time
        if found is not planned:
            return publish_plan(found, disclosure)
        if disclosure.internal not in published:
            published[disclosure.internal] = publish_plan(found, disclosure)
        return published[disclosure.internal]

    monkeypatch.setattr(verify, "publish_plan", publish_once)
    opened = open_study(copy)
    return lambda: verify_run(opened, the_run(copy))


def leaves(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else None
    )
    if inner is None:
        yield at
        return
    for key, part in inner:
        yield from leaves(part, (*at, key))


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value + max(abs(value), 1e-6) * 1e-5
    return f"{value}x" if isinstance(value, str) else 0.5


def test_every_figure_of_a_plan(copy: Path, check: Callable[[], Verified]) -> None:
    """By a hundred-thousandth of it, in each place."""
    path = the_run(copy) / "plan.json"
    told = path.read_text(encoding="utf-8")
    assert check().stands
    # of lists the first and the last row
    places = {
        tuple(key if isinstance(key, str) else "" for key in at): at
        for at in leaves(json.loads(told))
    }
    first = {
        tuple(key if isinstance(key, str) else "" for key in at): at
        for at in [*leaves(json.loads(told))][::-1]
    }
    assert len(places) > 200
    missed = []
    for where in {*places.values(), *first.values()}:
        content = json.loads(told)
        inner = content
        for key in where[:-1]:
            inner = inner[key]
        inner[where[-1]] = another(inner[where[-1]])
        if where == ("schema",):  # refused before anything is checked
            continue
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        try:
            found = check()
        except verify.InputError:
            continue
        if found.stands:
            missed.append(where)
    assert missed == []


def change_first(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def change_middle(content: bytes) -> bytes:
    k = len(content) // 2
    return content[:k] + bytes([content[k] ^ 1]) + content[k + 1 :]


def change_last(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    "spoil",
    [
        change_first,
        change_middle,
        change_last,
        lambda content: content[:-1],
        lambda content: content + b"\n",
    ],
)
def test_every_file_of_a_run(
    spoil: Callable[[bytes], bytes], copy: Path, check: Callable[[], Verified]
) -> None:
    run = the_run(copy)
    paths = sorted(path for path in run.rglob("*") if path.is_file())
    kinds = {path.suffix for path in paths}
    assert {".json", ".csv", ".gpkg", ".html", ".qgz"} <= kinds | {".qgz"}
    assert any(path.name == "metrics.csv" for path in paths)
    spoiled = set()
    for path in paths:
        inner = path.relative_to(run).as_posix()
        if path.name != "plan.json" and path.stat().st_size and inner not in UNLIKE_FROM_RUN_TO_RUN:
            path.write_bytes(spoil(path.read_bytes()))
            spoiled.add(f"{run.name}/{inner}")
    found = check()
    assert {fault.where for fault in found.faults} == spoiled


def test_every_file_taken_away_and_every_two_swapped(
    copy: Path, check: Callable[[], Verified]
) -> None:
    run = the_run(copy)
    names = sorted(
        path.relative_to(run).as_posix()
        for path in run.rglob("*")
        if path.is_file() and path.name != "plan.json" and path.stat().st_size
    )
    names = [name for name in names if name not in UNLIKE_FROM_RUN_TO_RUN]
    content = {name: (run / name).read_bytes() for name in names}
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        (run / name).write_bytes(content[other])
    found = {fault.where for fault in check().faults}
    alike = {
        f"{run.name}/{n}"
        for n, o in zip(names, names[1:] + names[:1], strict=True)
        if content[n] == content[o]
    }
    assert found == {f"{run.name}/{name}" for name in names} - alike
    for name in names:
        (run / name).unlink()
    assert {fault.where for fault in check().faults} == set(names)


def test_a_link_in_place_of_a_file_and_a_file_that_was_added(
    copy: Path, check: Callable[[], Verified]
) -> None:
    run = the_run(copy)
    (run / "extra.csv").symlink_to(run / "figures.csv")
    (run / "internal" / "more.html").write_text("<p>more</p>", encoding="utf-8")
    assert {fault.where for fault in check().faults} == {"extra.csv", "internal/more.html"}


@pytest.mark.parametrize("name", UNLIKE_FROM_RUN_TO_RUN)
def test_a_file_that_may_differ_is_still_a_file_of_the_run(
    name: str, copy: Path, check: Callable[[], Verified]
) -> None:
    timing = the_run(copy) / name
    other = json.dumps({"solve_seconds": 1.0, "steps": []}, indent=2)
    timing.write_text(f"{other}\n", encoding="utf-8")
    assert check().stands
    secret = copy / "secret.json"
    timing.rename(secret)
    assert [fault.where for fault in check().faults] == [name]
    timing.symlink_to(secret)
    (fault,) = check().faults
    assert (fault.where, fault.what) == (
        f"{the_run(copy).name}/{name}",
        "is a link or a pipe, not a file",
    )


@pytest.mark.parametrize("other", ["scipy", "numpy", "python", "coresponse"])
def test_a_run_of_other_versions_is_solved_and_recounted_all_the_same(
    other: str, copy: Path, check: Callable[[], Verified], monkeypatch: pytest.MonkeyPatch
) -> None:
    then = verify.versions()
    monkeypatch.setattr(verify, "versions", lambda: then | {other: "0.0.1"})
    found = check()
    assert found.stands, found.faults
    assert any(other in note and "not compared byte by byte" in note for note in found.notes)
    assert any("judged again by queueing" in line for line in found.checked)
    path = the_run(copy) / "plan.json"
    told = path.read_text(encoding="utf-8")
    for where in (
        ("status", "objective"),
        ("measures", "plan", "mean_s"),
        ("judgments", "plan", "queueing", "share_in_time"),
        ("judgments", "plan", "deterministic", "share_in_time"),
        ("inputs", "calls", "set_aside"),
        ("target_min",),
        ("deployment", 0, "count"),
    ):
        content = json.loads(told)
        inner = content
        for key in where[:-1]:
            inner = inner[key]
        inner[where[-1]] = another(inner[where[-1]])
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        assert not check().stands, where


def test_files_of_a_run_of_other_versions(
    copy: Path, check: Callable[[], Verified], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which there are, and figures of tables, are checked; of pages that differ it is said that they were not."""
    then, run = verify.versions(), the_run(copy)
    monkeypatch.setattr(verify, "versions", lambda: then | {"scipy": "0.0.1"})
    (run / "map.html").write_text("<p>another map</p>", encoding="utf-8")
    found = check()
    assert found.stands
    assert found.lines()[0] == f"{run.name}: verified, as far as it was checked."
    assert any(part.startswith("map.html: ") for part in found.unchecked)
    text = (run / "figures.csv").read_text(encoding="utf-8")
    digit = max(i for i, letter in enumerate(text) if letter.isdigit())
    other = f"{text[:digit]}{(int(text[digit]) + 1) % 10}{text[digit + 1 :]}"
    (run / "figures.csv").write_text(other, encoding="utf-8")
    (run / "deployment.csv").unlink()
    (run / "note.txt").write_text("put here by hand", encoding="utf-8")
    assert {fault.where for fault in check().faults} == {
        f"{run.name}/figures.csv",
        "deployment.csv",
        "note.txt",
    }
    monkeypatch.setattr(verify, "versions", lambda: then | {"coresponse": "0.0.1"})
    found = check()
    assert found.stands
    for name in ("figures.csv", "deployment.csv", "note.txt", "map.html"):
        assert any(name in part for part in found.unchecked)


def test_figures_that_differ_by_rounding_alone_are_the_same_text() -> None:
    assert same_text("a,1.00000001\nb,2", "a,1.0\nb,2")
    assert same_text("-1e-9,x", "0,x")
    assert not same_text("a,1.0001", "a,1.0")
    assert not same_text("a,1.0", "b,1.0")
    assert not same_text("a,1.0,2", "a,1.0")


def test_versions_edited_so_that_files_are_not_compared_are_found(
    copy: Path, check: Callable[[], Verified]
) -> None:
    run = the_run(copy)
    told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    told["provenance"]["versions"]["scipy"] = "0.0.1"
    (run / "plan.json").write_text(json.dumps(told), encoding="utf-8")
    (fault,) = check().faults
    assert f"gives another name than {run.name}" in fault.what


def test_who_renames_the_run_to_fit_edited_versions_still_needs_right_figures(
    copy: Path, check: Callable[[], Verified]
) -> None:
    run = the_run(copy)
    told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    about = told["provenance"]
    about["versions"]["scipy"] = "0.0.1"
    settings = {"solver": about["solver"], "versions": about["versions"]}
    told["run"] = run_name(about["inputs_sha256"], settings)
    run = run.rename(run.with_name(told["run"]))
    (run / "plan.json").write_text(json.dumps(told), encoding="utf-8")
    assert check().stands
    spoiled = told | {"status": told["status"] | {"gap": 0.5}}
    (run / "plan.json").write_text(json.dumps(spoiled), encoding="utf-8")
    assert "plan.json, status.gap" in {fault.where for fault in check().faults}
    # nothing bought, and so good
    (run / "plan.json").write_text(json.dumps(told | {"deployment": []}), encoding="utf-8")
    assert {"plan.json, status.objective", "plan.json, measures.plan.mean_s"} <= {
        fault.where for fault in check().faults
    }


@pytest.mark.parametrize("where", [("measures", "today"), ("judgments", "today", "queueing")])
def test_a_run_of_other_versions_says_right_figures_of_today(
    where: tuple[str, ...],
    study: LoadedStudy,
    planned: Plan,
    copy: Path,
    check: Callable[[], Verified],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evaluations = dict(planned.evaluations) | {"today": planned.evaluations["plan"]}
    city = replace(study.city, today=planned.deployment)
    solved = replace(planned.solved, case=study.case.with_(city=city))
    both = replace(planned, solved=solved, evaluations=evaluations)
    then = verify.versions()
    monkeypatch.setattr(verify, "versions", lambda: then | {"scipy": "0.0.1"})
    monkeypatch.setattr(verify, "find_plan", lambda *_, **__: both)
    path = the_run(copy) / "plan.json"
    told = plan_json(publish_plan(both), path.parent.name, study.hashes)
    path.write_text(json.dumps(told), encoding="utf-8")
    assert check().stands
    inner = told
    for key in where:
        inner = inner[key]
    inner["share_in_time"] = another(inner["share_in_time"])
    path.write_text(json.dumps(told), encoding="utf-8")
    assert not check().stands


def test_a_part_that_stands_twice_is_refused(copy: Path, check: Callable[[], Verified]) -> None:
    path = the_run(copy) / "plan.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("{", '{"status": {"status": "proven optimal", "objective": 1.0},', 1),
        encoding="utf-8",
    )
    (fault,) = check().faults
    assert fault.where == "plan.json"
    assert "'status' stands twice" in fault.what


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes of this kind")
def test_pipes_devices_and_links_in_a_run_are_not_read(
    copy: Path, check: Callable[[], Verified]
) -> None:
    run = the_run(copy)
    for name in ("map.html", "report.html", "figures.csv"):
        (run / name).rename(copy / name)
    os.mkfifo(run / "map.html")
    (run / "report.html").symlink_to("/dev/zero")
    (run / "figures.csv").symlink_to(copy / "figures.csv")
    found = {fault.where: fault.what for fault in check().faults}
    assert found == {
        f"{run.name}/{name}": "is a link or a pipe, not a file"
        for name in ("map.html", "report.html", "figures.csv")
    }
