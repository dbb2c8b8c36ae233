"""A sweep that is killed goes on where it was.

A cluster that loses a worker gives the same points.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from coresponse.inputs import Inputs, read_inputs
from coresponse.sweep.pools import open_pool
from coresponse.sweep.run import KEPT_FOLDER, Swept, sweep
from coresponse.sweep.settings import SweepInput
from coresponse.sweep.write import write_sweep

from coresponse.data.errors import InputError, SolverError
from coresponse.data.sample_city import sample_folder
from coresponse.questions.sweep.answer import Answer
from coresponse.study.folder import open_study
from coresponse.sweep import cluster, pools
from tests.conftest import PATIENCE_S, until

VARY = ("unit=1:6", "clinician=0:1")
POINTS = 12


def small_study(folder: Path) -> Path:
    """The sample city with six posts and one quarter of its calls."""
    shutil.copytree(sample_folder(), folder)
    pd.read_csv(folder / "posts.csv").iloc[::6].to_csv(folder / "posts.csv", index=False)
    pd.read_parquet(folder / "calls.parquet").iloc[::4].to_parquet(folder / "calls.parquet")
    text = (folder / "study.toml").read_text().replace('[today]\nfile = "today.csv"\n', "")
    (folder / "study.toml").write_text(text)
    return folder


def command(folder: Path, *, jobs: int) -> list[str]:
    vary = [word for pair in VARY for word in ("--vary", pair)]
    return [
        sys.executable,
        "-m",
        "coresponse",
        "sweep",
        str(folder),
        *vary,
        "--jobs",
        str(jobs),
        "--busy-units",
        "free",
        "-q",
    ]


def kept(folder: Path) -> dict[str, int]:
    """Return when each kept point was written."""
    return {
        path.name: path.stat().st_mtime_ns
        for path in (folder / "results" / KEPT_FOLDER).glob("*.json")
    }


def written(folder: Path) -> dict[str, bytes]:
    """Return all files of a study's one sweep."""
    (run,) = (folder / "results").glob("sweep-[0-9a-f]*")
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_a_sweep_killed_at_a_third_goes_on_and_ends_with_the_same_bytes(
    alone: Swept, tmp_path: Path
) -> None:
    unbroken, broken = alone.ground.inputs.folder.path, tmp_path / "broken"
    write_sweep(alone)
    shutil.copytree(unbroken, broken, ignore=shutil.ignore_patterns("results"))
    process = subprocess.Popen(command(broken, jobs=2), stdout=subprocess.DEVNULL)
    until(lambda: len(kept(broken)) >= POINTS // 3 or process.poll() is not None, "points")
    assert process.poll() is None, "the sweep ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=PATIENCE_S)
    before = kept(broken)
    assert POINTS // 3 <= len(before) < POINTS
    assert not list((broken / "results").glob("sweep-[0-9a-f]*"))
    (broken / "results" / KEPT_FOLDER / ("0" * 64 + ".json")).write_text("{ half a poi")
    subprocess.run(
        command(broken, jobs=1), check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE_S
    )
    after = kept(broken)
    assert {name: after[name] for name in before} == before
    assert len(after) == POINTS + 1
    assert written(broken) == written(unbroken)
    names = set(written(broken))
    assert {
        "points.csv",
        "points.parquet",
        "steps.csv",
        "sweep.json",
        "charts/frontier.svg",
        "charts/grid.svg",
    } <= names
    content = json.loads(written(broken)["sweep.json"])
    assert content["schema"] == 1
    assert len(content["points"]) == POINTS
    assert all(point["gap"] is not None for point in content["points"])
    table = pd.read_parquet(next((broken / "results").glob("sweep-[0-9a-f]*")) / "points.parquet")
    assert table["units.co_responder_unit"].tolist() == [
        p["units.co_responder_unit"] for p in content["points"]
    ]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    opened = open_study(small_study(tmp_path_factory.mktemp("small") / "study"))
    settings = SweepInput(vary=dict(pair.split("=") for pair in VARY), busy_units="free")
    study = opened.study.model_copy(update={"sweep": settings})
    return read_inputs(replace(opened, study=study))


def elsewhere(inputs: Inputs, folder: Path) -> Inputs:
    """Return the inputs of a copy of the study, so that points are kept apart."""
    shutil.copytree(inputs.folder.path, folder, ignore=shutil.ignore_patterns("results"))
    return replace(inputs, folder=replace(inputs.folder, path=folder))


@pytest.fixture(scope="module")
def alone(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Swept:
    return sweep(elsewhere(inputs, tmp_path_factory.mktemp("alone") / "study"), jobs=1)


def plain(answers: tuple[Answer, ...]) -> list[dict[str, object]]:
    return [asdict(replace(answer, seconds=0.0)) for answer in answers]


def test_only_what_an_answer_rests_on_makes_it_another_point(
    inputs: Inputs, alone: Swept, tmp_path: Path
) -> None:
    again = elsewhere(inputs, tmp_path / "again")
    shutil.copytree(alone.ground.inputs.folder.results, again.folder.results)

    def solved(**change: object) -> int:
        study = again.study.model_copy(update=change)
        return sweep(replace(again, folder=replace(again.folder, study=study)), jobs=1).solved

    assert solved(name="Another name", notice="") == 0
    wider = again.study.sweep.model_copy(update={"vary": {"unit": "1:7", "clinician": "0:1"}})
    assert solved(sweep=wider) == 2
    assert solved(seed=2) == POINTS


class Dask:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.log = (folder / "log").open("wb")
        quiet = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error"}
        self.quiet = quiet
        self.scheduler = self._run(
            "dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard"
        )
        until(lambda: self.file.exists() or self.scheduler.poll() is not None, "a scheduler")
        assert self.file.exists(), "no scheduler"
        self.address = str(json.loads(self.file.read_text())["address"])
        self.workers = [
            self._run(
                "dask_worker",
                "--nthreads",
                "1",
                "--no-nanny",
                "--no-dashboard",
                "--death-timeout",
                str(int(PATIENCE_S)),
            )
            for _ in range(2)
        ]

    def _run(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        line = [
            sys.executable,
            "-m",
            f"distributed.cli.{module}",
            "--scheduler-file",
            str(self.file),
            *words,
        ]
        return subprocess.Popen(
            line, stdout=self.log, stderr=self.log, env=self.quiet, cwd=self.file.parent
        )

    def wait_for_workers(self, count: int) -> None:
        with import_module("distributed").Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=PATIENCE_S)

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait(timeout=PATIENCE_S)
        self.log.close()


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    pytest.importorskip("distributed")
    made = Dask(tmp_path)
    yield made
    made.close()


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_points(
    inputs: Inputs, alone: Swept, dask: Dask, tmp_path: Path
) -> None:
    dask.wait_for_workers(2)
    seen: list[float] = []

    def kill_one(stage: str, done: float, total: float) -> None:
        if stage.startswith("points"):
            seen.append(done)
            if done == POINTS // 3:
                dask.workers[0].kill()

    swept = sweep(elsewhere(inputs, tmp_path / "study"), scheduler=dask.address, progress=kill_one)
    assert dask.workers[0].wait(timeout=PATIENCE_S) == -signal.SIGKILL
    assert swept.solved == POINTS
    assert seen == [float(i) for i in range(POINTS + 1)]
    assert swept.keys == alone.keys
    assert plain(swept.answers) == plain(alone.answers)


def test_an_address_without_a_scheduler_is_said(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT_WITHIN_S", 1)
    with pytest.raises(SolverError, match="no Dask scheduler answers at tcp"):
        sweep(elsewhere(inputs, tmp_path / "study"), scheduler="tcp://127.0.0.1:9")


def test_a_worker_process_that_ends_is_replaced(
    alone: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "MOST_BROKEN", 1)
    task = alone.grid.tasks[0]
    with open_pool(alone.ground, jobs=2, scheduler=None) as pool:
        pool.submit(0, pools.Request(task))
        workers = list(pool.executor._processes.values())  # type: ignore[attr-defined]
        for worker in workers:
            os.kill(worker.pid, signal.SIGKILL)
        assert plain(tuple(answer for _, answer in pool.finished())) == plain(alone.answers[:1])
        pool.submit(0, pools.Request(task))
        for worker in list(pool.executor._processes.values()):  # type: ignore[attr-defined]
            os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(SolverError, match="finished points are kept"):
            pool.finished()


def test_a_worker_with_other_versions_is_refused(alone: Swept) -> None:
    other = replace(alone.ground, versions={**alone.ground.versions, "numpy": "0.1"})
    with open_pool(other, jobs=1, scheduler=None) as pool:
        pool.submit(0, pools.Request(alone.grid.tasks[0]))
        with pytest.raises(InputError, match=r"other versions than this machine, .*numpy"):
            pool.finished()


def test_calls_do_not_leave_the_machine(inputs: Inputs, alone: Swept) -> None:
    assert len(inputs.calls.frame) > 1000
    assert len(alone.ground.inputs.calls.frame) == 0
    assert len(alone.ground.inputs.calls.set_aside) == 0
