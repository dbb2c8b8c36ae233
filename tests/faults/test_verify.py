"""A run can be checked.

A changed input byte, a changed figure and a swapped file are found and named.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.cli.common import Exit
from coresponse.data.errors import InputError, MissingInputError
from coresponse.optimize.solution import Status
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.questions.answer import Plan
from coresponse.questions.plan import plan
from coresponse.results import verify
from coresponse.results.plan import plan_json, write_plan
from coresponse.results.runs import Run, find_run, study_of_run
from coresponse.results.verify import verify_run
from coresponse.study.folder import open_study
from coresponse.study.read import read_study
from coresponse.study.read_back import read_plan_file


def planned_run(folder: Path) -> Run:
    study = read_study(folder)
    publication = publish_plan(plan(study.case))
    return write_plan(publication, study.folder.results, study.hashes)


@dataclass(frozen=True)
class Planned:
    """A study's plan, and the run that it was written to."""

    study: Path
    plan: Plan
    run: Run


@pytest.fixture(scope="module")
def planned(
    tmp_path_factory: pytest.TempPathFactory, make_study: Callable[[Path], Path]
) -> Planned:
    study = read_study(make_study(tmp_path_factory.mktemp("verify") / "town"))
    found = plan(study.case)
    run = write_plan(publish_plan(found), study.folder.results, study.hashes)
    return Planned(study.folder.path, found, run)


@pytest.fixture
def solved_before(planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solve once, and write what comes out once, for all tests whose inputs are those of the run.

    That the same inputs give the same plan and files is what the tests without this look at.
    """

    def key(published: PlanPublication) -> list[Any]:
        return [plan_json(published, "", {}), dict(published.search.busy_share)]

    known = key(publish_plan(planned.plan))

    def write_once(published: PlanPublication, *where: Any) -> Run:
        return planned.run if key(published) == known else write_plan(published, *where)

    monkeypatch.setattr(verify, "find_plan", lambda *_, **__: planned.plan)
    monkeypatch.setattr(verify, "write_plan", write_once)


@pytest.fixture
def copy(planned: Planned, tmp_path: Path) -> Path:
    """A copy of the study with its run, to be spoiled."""
    shutil.copytree(planned.study, tmp_path / "town")
    return tmp_path / "town"


def the_run(study: Path) -> Path:
    (run,) = (study / "results").iterdir()
    return run


def faults(study: Path) -> dict[str, str]:
    opened = open_study(study)
    found = verify_run(opened, find_run(opened, the_run(study).name))
    assert found.stands == (not found.faults)
    return {fault.where: fault.what for fault in found.faults}


def change(run: Path, *keys: Any, to: Any) -> None:
    """Change one figure of plan.json as somebody with an editor would."""
    path = run / "plan.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    inner = content
    for key in keys[:-1]:
        inner = inner[key]
    assert inner[keys[-1]] != to
    inner[keys[-1]] = to
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def test_an_untouched_run_stands_up(copy: Path) -> None:
    result = CliRunner().invoke(cli.app, ["plan", "--verify", str(the_run(copy)), "--quiet"])
    assert result.exit_code == Exit.DONE, result.output
    assert ": verified." in result.output
    assert "byte by byte" in result.output


@pytest.mark.parametrize("name", ["calls.csv", "roads.npz", "posts.csv", "study.toml"])
def test_one_changed_byte_of_an_input_is_found(name: str, copy: Path) -> None:
    path = copy / name
    content = bytearray(path.read_bytes())
    if name == "study.toml":  # still a study, another question
        content = bytearray(content.replace(b"co_responder_unit = 3", b"co_responder_unit = 2"))
    else:
        content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    found = faults(copy)
    assert list(found) == [name]
    assert "has changed since the run" in found[name]


def test_inputs_that_come_and_go_are_found(copy: Path) -> None:
    (copy / "more.csv").write_bytes((copy / "calls.csv").read_bytes())
    text = (copy / "study.toml").read_text(encoding="utf-8")
    (copy / "study.toml").write_text(
        text.replace('files = ["calls.csv"]', 'files = ["more.csv"]'), encoding="utf-8"
    )
    found = faults(copy)
    assert set(found) == {"study.toml", "calls.csv", "more.csv"}
    assert "not in the study now" in found["calls.csv"]
    assert "was not in the run" in found["more.csv"]


@pytest.mark.parametrize(
    ("keys", "to", "where"),
    [
        (("measures", "plan", "share_in_time"), 0.99, "plan.json, measures.plan.share_in_time"),
        (("status", "objective"), 100.0, "plan.json, status.objective"),
        (("status", "bound"), 1e6, "plan.json, status.bound"),
        (("deployment", 0, "count"), 2, "plan.json, deployment"),
        (("deployment", 0, "post_id"), "P99", "plan.json, deployment[0]"),
        (("status", "model_deployment", 0, "count"), 9, "plan.json, status.model_deployment"),
        (("plan", "standing"), "confirmed in the replay", "plan.json, plan.standing"),
        (("plan", "candidates"), 10**6, "plan.json, plan.candidates"),
        (("inputs", "calls", "set_aside"), 7, "plan.json, inputs.calls.set_aside"),
        (("notice",), "", "plan.json, notice"),
    ],
)
@pytest.mark.usefixtures("solved_before")
def test_a_changed_figure_is_found_and_named(
    keys: tuple[Any, ...], to: Any, where: str, copy: Path
) -> None:
    change(the_run(copy), *keys, to=to)
    assert where in faults(copy)


@pytest.mark.usefixtures("solved_before")
def test_a_figure_of_a_table_or_a_map_is_found_too(copy: Path) -> None:
    run = the_run(copy)
    text = (run / "figures.csv").read_text(encoding="utf-8")
    digit = next(c for c in reversed(text) if c.isdigit())
    (run / "figures.csv").write_text(
        text[::-1].replace(digit, "7" if digit != "7" else "8", 1)[::-1], encoding="utf-8"
    )
    (run / "map.html").write_text("<p>another map</p>", encoding="utf-8")
    (run / "deployment.csv").unlink()
    (run / "note.txt").write_text("put here by hand", encoding="utf-8")
    found = faults(copy)
    assert set(found) == {
        f"{run.name}/figures.csv",
        f"{run.name}/map.html",
        "deployment.csv",
        "note.txt",
    }
    assert "missing" in found["deployment.csv"]
    assert "does not belong" in found["note.txt"]


def test_a_swapped_file_is_found(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(copy, other, ignore=shutil.ignore_patterns("results"))
    text = (other / "study.toml").read_text(encoding="utf-8")
    (other / "study.toml").write_text(
        text.replace("co_responder_unit = 3", "co_responder_unit = 2"), encoding="utf-8"
    )
    there = planned_run(other).folder
    run = the_run(copy)
    shutil.copyfile(there / "map.html", run / "map.html")
    assert set(faults(copy)) == {f"{run.name}/map.html"}
    shutil.copyfile(there / "plan.json", run / "plan.json")
    assert "study.toml" in faults(copy)
    assert "plan.json" in faults(copy)


def test_exit_code_and_json(copy: Path) -> None:
    change(the_run(copy), "measures", "plan", "mean_s", to=1.0)
    result = CliRunner().invoke(
        cli.app, ["plan", str(copy), "--verify", the_run(copy).name, "--json"]
    )
    assert result.exit_code == Exit.NOT_VERIFIED
    told = json.loads(result.stdout)
    assert told["stands"] is False
    assert [fault["where"] for fault in told["faults"]] == ["plan.json, measures.plan.mean_s"]


@pytest.mark.usefixtures("solved_before")
def test_other_versions_are_said_and_figures_still_recounted(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = verify.versions()
    monkeypatch.setattr(verify, "versions", lambda: then | {"scipy": "0.0.1"})
    opened = open_study(copy)
    found = verify_run(opened, the_run(copy))
    assert found.stands
    assert any("scipy" in note and "not compared byte by byte" in note for note in found.notes)
    change(the_run(copy), "measures", "plan", "mean_s", to=1.0)
    assert not verify_run(opened, the_run(copy)).stands


@pytest.mark.parametrize("schema", [0, 2, "1", None])
def test_a_result_of_another_schema_is_refused_with_advice(schema: Any, copy: Path) -> None:
    change(the_run(copy), "schema", to=schema)
    with pytest.raises(InputError, match="this version reads 1 -- use the version"):
        read_plan_file(the_run(copy))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"schema": 1}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_damaged_result_is_refused_in_words(content: bytes, copy: Path) -> None:
    (the_run(copy) / "plan.json").write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        read_plan_file(the_run(copy))
    # which is what a verification is for; a command that was to work with the run has a wrong input
    verified, priced = (
        CliRunner().invoke(cli.app, words)
        for words in (
            ["plan", str(copy), "--verify", the_run(copy).name],
            ["money", str(copy), "--run", str(the_run(copy))],
        )
    )
    assert verified.exit_code == Exit.NOT_VERIFIED, verified.output
    assert "verification FAILED: 1 fault." in verified.output
    assert "plan.json: is damaged" in " ".join(verified.output.split())
    assert isinstance(priced.exception, InputError)


@pytest.mark.parametrize("spoil", [lambda h: h[:12], str.upper, lambda h: h + " ", lambda _: ""])
def test_a_hash_that_is_none_is_not_told_as_an_input_that_changed(
    spoil: Callable[[str], str], copy: Path
) -> None:
    path = the_run(copy) / "plan.json"
    told = json.loads(path.read_text(encoding="utf-8"))["provenance"]["inputs_sha256"]
    change(the_run(copy), "provenance", "inputs_sha256", "calls.csv", to=spoil(told["calls.csv"]))
    with pytest.raises(InputError, match="inputs_sha256 holds something that is not a hash"):
        read_plan_file(the_run(copy))


def test_a_run_that_is_not_there_lists_those_that_are(copy: Path) -> None:
    opened = open_study(copy)
    with pytest.raises(MissingInputError, match=the_run(copy).name):
        find_run(opened, "plan-0000000000")


def test_a_run_moved_out_of_its_study_is_verified_as_the_message_says(
    copy: Path, tmp_path: Path
) -> None:
    moved = the_run(copy).rename(tmp_path / the_run(copy).name)
    for run in (moved, Path(moved.name)):
        with pytest.raises(MissingInputError, match=f"coresponse plan STUDY --verify {run}$"):
            study_of_run(run)
    assert find_run(open_study(copy), moved) == moved


@pytest.mark.usefixtures("solved_before")
def test_a_run_in_a_folder_of_another_name_stands_once_it_is_called_as_the_message_says(
    copy: Path,
) -> None:
    name = the_run(copy).name
    other = the_run(copy).rename(the_run(copy).with_name("final plan"))
    (fault,) = verify_run(open_study(copy), other).faults
    assert f"call the folder {name} again" in fault.cure
    assert verify_run(open_study(copy), other.rename(other.with_name(name))).stands


def ended_early(found: Plan) -> Plan:
    """The same plan, as a search that its time limit ended leaves it."""
    solution = found.solution
    bound = solution.objective * 0.9
    message = "best found, gap 10.00%: the time limit ended the search"
    ended = replace(solution, status=Status.BEST_FOUND, bound=bound, message=message)
    return replace(found, solved=replace(found.solved, best=replace(found.best, solution=ended)))


def test_a_run_that_a_time_limit_ended_is_recounted_and_judged_again(
    copy: Path,
) -> None:
    """Another search may come farther: the reported deployment then has to stand up by itself."""
    shutil.rmtree(the_run(copy))
    study = read_study(copy)
    publication = publish_plan(ended_early(plan(study.case)))
    run = write_plan(publication, study.folder.results, study.hashes).folder
    opened = open_study(copy)
    found = verify_run(opened, run)
    assert found.stands, found.faults
    assert any("judged again by queueing and replay" in line for line in found.checked)
    assert any("a time limit ended the search" in note for note in found.notes)
    assert any("bound and rounds of the search" in part for part in found.unchecked)
    assert "verified, as far as it was checked." in found.lines()[0]
    told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    share = told["judgments"]["plan"]["queueing"]["share_in_time"]
    change(run, "judgments", "plan", "queueing", "share_in_time", to=share + 0.1)
    found = verify_run(opened, run)
    assert [fault.where for fault in found.faults] == [
        "plan.json, judgments.plan.queueing.share_in_time"
    ]


@pytest.mark.usefixtures("solved_before")
def test_a_status_lowered_by_hand_is_found(copy: Path) -> None:
    """One word switched off all comparison of files: pages could be replaced, and files added."""
    run = the_run(copy)
    change(run, "status", "status", to="best found")
    assert "plan.json, status.message" in faults(copy)
    change(run, "status", "message", to="best found, gap 0.15%: the time limit ended the search")
    assert {f"{run.name}/report.html", f"{run.name}/map.html"} <= faults(copy).keys()


def test_a_goal_with_a_floor_is_recounted_too(
    make_study: Callable[[Path], Path], tmp_path: Path
) -> None:
    study = make_study(tmp_path / "goal")
    text = (study / "study.toml").read_text(encoding="utf-8")
    goal = '[objective]\ngoal = "tail"\nalpha = 0.8\n[limits]'
    (study / "study.toml").write_text(text.replace("[limits]", goal), encoding="utf-8")
    run = planned_run(study).folder
    assert verify_run(open_study(study), run).stands
    told = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    change(run, "status", "objective", to=told["status"]["objective"] * 0.9)
    assert "plan.json, status.objective" in faults(study)
