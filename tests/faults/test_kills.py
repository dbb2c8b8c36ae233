"""Processes that are killed, stopped, starved of disk or run twice.

Results are whole or not there, and never wrong.

``CORESPONSE_KILLS`` is how often each command is killed (default 4; the documented run has 50).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coresponse.data.roads.made import street_grid
from tests.faults.commands import RunningCommand
from tests.faults.conftest import files_of as files

KILLS = int(os.environ.get("CORESPONSE_KILLS", "4"))
Start = Callable[..., RunningCommand]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals and mounts are tested on POSIX"),
]


def finish(started: RunningCommand) -> tuple[int, str, str]:
    return started.ended()


def shown(results: Path) -> list[Path]:
    """Runs that a planner sees: folders that are being built have a name that starts with a dot."""
    return (
        sorted(path for path in results.iterdir() if not path.name.startswith("."))
        if results.is_dir()
        else []
    )


def hidden(results: Path) -> list[str]:
    return (
        sorted(path.name for path in results.iterdir() if path.name.startswith("."))
        if results.is_dir()
        else []
    )


def test_a_killed_plan_leaves_a_whole_run_or_none(ready: Any, start: Start) -> None:
    study, took, right = ready.study, ready.seconds, ready.right
    inputs = {path.name: path.read_bytes() for path in study.iterdir() if path.is_file()}
    rng = np.random.default_rng(KILLS)
    landed = 0
    # half of the kills over the whole run, half where it writes its results
    for share in np.r_[rng.uniform(0, 1, KILLS - KILLS // 2), rng.uniform(0.6, 1.05, KILLS // 2)]:
        moment = float(share) * took
        process = start("plan", study, "--quiet")
        sooner = process.ends_within(moment)
        if sooner is None:
            landed += 1
            os.killpg(process.pid, signal.SIGKILL)
        else:  # the machine is quieter than it was: the next comes earlier
            took = sooner
        finish(process)
        for run in shown(study / "results"):
            wanted = {
                name.split("/", 1)[1]: text
                for name, text in right.items()
                if name.startswith(f"{run.name}/")
            }
            assert files(run) == wanted, f"{run.name} is not whole after {moment:.2f} s"
        assert {
            path.name: path.read_bytes() for path in study.iterdir() if path.is_file()
        } == inputs
    assert landed >= 1
    code, _, errors = finish(start("plan", study, "--quiet"))
    assert code == 0, errors
    assert files(study / "results") == right, (
        "what was left behind got in the way, or was not cleared away"
    )
    assert hidden(study / "results") == []


def test_ctrl_c_is_prompt_and_clean(ready: Any, start: Start) -> None:
    for share in (0.35, 0.6, 0.85):
        process = start("plan", ready.study, "--quiet")
        time.sleep(share * ready.seconds)
        os.kill(process.pid, signal.SIGINT)
        code, out, errors = finish(process)
        # 0 and 5: the search says what it has found so far; -2: the work was done and shown
        assert code in {0, 5, 130} or (code == -signal.SIGINT and out), errors
        assert "Traceback" not in errors
        assert code != 130 or "Stopped." in errors
        assert hidden(ready.study / "results") == []
        for run in shown(ready.study / "results"):
            assert json.loads((run / "plan.json").read_text(encoding="utf-8"))["run"] == run.name


def test_two_runs_and_another_question_at_once_in_one_study(ready: Any, start: Start) -> None:
    for path in shown(ready.study / "results"):
        _remove(path)
    together = [
        start("plan", ready.study, "--json", *more) for more in ((), (), ("--gap", "0.002"))
    ]
    ended = [finish(process) for process in together]
    assert [code for code, _, _ in ended] == [0, 0, 0], [errors for _, _, errors in ended]
    first, second, other = (json.loads(out)["run"] for _, out, _ in ended)
    assert first == second != other
    assert {path.name for path in shown(ready.study / "results")} == {first, other}
    assert {
        name: text
        for name, text in files(ready.study / "results").items()
        if not name.startswith(other)
    } == ready.right
    assert (
        json.loads((ready.study / "results" / other / "plan.json").read_text(encoding="utf-8"))[
            "run"
        ]
        == other
    )
    assert hidden(ready.study / "results") == []


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


# ---- no room, no right to write ----


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A file system of 4 MB; skipped where mounting is not allowed."""
    mount = tmp_path / "disk"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(mount)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


def test_a_full_disk_is_said_and_the_run_before_stays(
    small_disk: Path, ready: Any, start: Start
) -> None:
    study = small_disk / "town"
    shutil.copytree(ready.study, study)
    filler = small_disk / "filler"
    _fill(filler)
    code, _, errors = finish(start("plan", study, "--gap", "0.01", "--quiet"))
    assert code == 3, errors
    assert "cannot be written" in errors
    assert "free some space" in errors
    assert "Traceback" not in errors
    assert files(study / "results") == ready.right
    assert hidden(study / "results") == []
    filler.unlink()
    assert finish(start("plan", study, "--gap", "0.01", "--quiet"))[0] == 0
    assert len(shown(study / "results")) == 2


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"0" * 4096)


@pytest.mark.parametrize("limit", [50_000, 200_000])
def test_a_file_that_cannot_grow_leaves_no_half_run(limit: int, ready: Any, start: Start) -> None:
    """A quota on the size of a file fails in the middle of a table, the GeoPackage or the map."""
    code, _, errors = finish(
        start("plan", ready.study, "--gap", "0.01", "--quiet", largest_file=limit)
    )
    assert code == 3, errors
    assert "cannot be written" in errors
    assert "Traceback" not in errors
    assert files(ready.study / "results") == ready.right
    assert hidden(ready.study / "results") == []


def test_a_folder_that_may_not_be_written_is_said(study: Path, start: Start) -> None:
    made = subprocess.run(
        ["mount", "--bind", str(study), str(study)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(study)], check=True)
        code, _, errors = finish(start("plan", study, "--quiet"))
    finally:
        subprocess.run(["umount", "-l", str(study)], check=True)
    assert code == 3
    assert "read-only file system" in errors
    assert "Traceback" not in errors
    assert not (study / "results").exists()


def test_a_file_in_the_way_of_the_results_is_said(study: Path, start: Start) -> None:
    (study / "results").write_text("not a folder", encoding="utf-8")
    code, _, errors = finish(start("plan", study, "--quiet"))
    assert code == 3
    assert "cannot be written" in errors
    assert (study / "results").read_text(encoding="utf-8") == "not a folder"


def test_a_cache_cut_short_is_made_again(study: Path, start: Start, tmp_path: Path) -> None:
    (study / "roads.json").write_text(json.dumps(_node_link()), encoding="utf-8")
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text.replace("roads.npz", "roads.json"), encoding="utf-8")
    assert finish(start("plan", study, "--quiet"))[0] == 0
    right = files(study / "results")
    (kept,) = (tmp_path / "cache" / "coresponse" / "roads").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    code, _, errors = finish(start("plan", study, "--quiet"))
    assert code == 0, errors
    assert kept.read_bytes() == whole
    assert files(study / "results") == right


def _node_link() -> dict[str, Any]:
    roads = street_grid(12, 12, seed=4)
    nodes = [
        {"id": i, "x": x, "y": y}
        for i, (x, y) in enumerate(zip(roads.node_x, roads.node_y, strict=True))
    ]
    links = [
        {"source": int(u), "target": int(v), "length": float(m), "travel_time": float(s)}
        for u, v, m, s in zip(
            roads.edge_from, roads.edge_to, roads.length_m, roads.travel_s, strict=True
        )
    ]
    return {
        "directed": True,
        "multigraph": True,
        "graph": {"crs": roads.crs},
        "nodes": nodes,
        "links": links,
    }
