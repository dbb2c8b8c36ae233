"""A sweep that is killed goes on where it was.

A cluster that loses a worker gives the same points.
"""

from __future__ import annotations

import json
import os
import pickle
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

from coresponse.data.errors import InputError, SolverError
from coresponse.questions.sweep import cluster, pools
from coresponse.questions.sweep.answer import Answer
from coresponse.questions.sweep.point import solve_request
from coresponse.questions.sweep.pools import open_pool
from coresponse.questions.sweep.request import Request
from coresponse.questions.sweep.tables import Sweep
from coresponse.study.read import LoadedStudy, read_study
from coresponse.study.sweep import SweepInput
from tests.conftest import PATIENCE_S, until
from tests.questions.small_study import (
    KEPT_FOLDER,
    elsewhere,
    small_study,
    stating,
    swept,
    written,
)

VARY = ("unit=1:6", "clinician=0:1")
POINTS = 12


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
        "--time-limit",
        str(PATIENCE_S),
        "-q",
    ]


def kept(folder: Path) -> dict[str, int]:
    """Return when each kept point was written."""
    return {
        path.name: path.stat().st_mtime_ns
        for path in (folder / "results" / KEPT_FOLDER).glob("*.json")
    }


def files(folder: Path) -> dict[str, bytes]:
    """Return all files of a study's one sweep."""
    (run,) = (folder / "results").glob("sweep-[0-9a-f]*")
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_a_sweep_killed_at_a_third_goes_on_and_ends_with_the_same_bytes(
    by_itself: LoadedStudy, alone: Sweep, tmp_path: Path
) -> None:
    unbroken, broken = by_itself.folder.path, tmp_path / "broken"
    written(by_itself, alone)
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
    assert files(broken) == files(unbroken)
    names = set(files(broken))
    assert {
        "points.csv",
        "points.parquet",
        "steps.csv",
        "sweep.json",
        "charts/frontier.svg",
        "charts/grid.svg",
    } <= names
    content = json.loads(files(broken)["sweep.json"])
    assert content["schema"] == 3
    assert len(content["points"]) == POINTS
    assert all(point["gap"] is not None for point in content["points"])
    table = pd.read_parquet(next((broken / "results").glob("sweep-[0-9a-f]*")) / "points.parquet")
    assert table["units.co_responder_unit"].tolist() == [
        p["units.co_responder_unit"] for p in content["points"]
    ]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> LoadedStudy:
    read = read_study(small_study(tmp_path_factory.mktemp("small") / "study"))
    settings = SweepInput(
        vary=dict(pair.split("=") for pair in VARY), busy_units="free", time_limit_s=PATIENCE_S
    )
    return stating(read, sweep=settings)


@pytest.fixture(scope="module")
def by_itself(study: LoadedStudy, tmp_path_factory: pytest.TempPathFactory) -> LoadedStudy:
    return elsewhere(study, tmp_path_factory.mktemp("alone") / "study")


@pytest.fixture(scope="module")
def alone(by_itself: LoadedStudy) -> Sweep:
    return swept(by_itself, jobs=1)


def plain(answers: tuple[Answer, ...]) -> list[dict[str, object]]:
    return [asdict(replace(answer, seconds=0.0)) for answer in answers]


def test_only_what_an_answer_rests_on_makes_it_another_point(
    by_itself: LoadedStudy, alone: Sweep, tmp_path: Path
) -> None:
    again = elsewhere(by_itself, tmp_path / "again")
    shutil.copytree(by_itself.folder.results, again.folder.results)

    def solved(**change: object) -> int:
        return swept(stating(again, **change), jobs=1).solved

    assert alone.solved == POINTS

    assert solved(name="Another name", notice="") == 0
    wider = again.settings.sweep.model_copy(update={"vary": {"unit": "1:7", "clinician": "0:1"}})
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


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """One scheduler: a worker that is lost does not come back, and the other goes on."""
    pytest.importorskip("distributed")
    made = Dask(tmp_path_factory.mktemp("dask"))
    yield made
    made.close()


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_points(
    study: LoadedStudy, alone: Sweep, dask: Dask, tmp_path: Path
) -> None:
    dask.wait_for_workers(2)
    seen: list[float] = []

    def kill_one(stage: str, done: float, total: float) -> None:
        if stage.startswith("points"):
            seen.append(done)
            if done == POINTS // 3:
                dask.workers[0].kill()

    found = swept(elsewhere(study, tmp_path / "study"), scheduler=dask.address, progress=kill_one)
    assert dask.workers[0].wait(timeout=PATIENCE_S) == -signal.SIGKILL
    assert found.solved == POINTS
    assert seen == [float(i) for i in range(POINTS + 1)]
    assert found.keys == alone.keys
    assert plain(found.answers) == plain(alone.answers)


@pytest.mark.slow
def test_points_that_the_scheduler_forgot_are_sent_again(alone: Sweep, dask: Dask) -> None:
    task = alone.grid.tasks[0]
    with open_pool(alone.base, solve_request, jobs=2, scheduler=dask.address) as pool:
        assert isinstance(pool, cluster.ClusterPool)
        pool.submit(0, Request(task))
        pool.client.cancel(list(pool.under_way), force=True)
        assert plain(tuple(answer for _, answer in pool.finished())) == plain(alone.answers[:1])
        assert pool.tries[0] == 2


def test_an_address_without_a_scheduler_is_said(
    study: LoadedStudy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT_WITHIN_S", 1)
    with pytest.raises(SolverError, match="no Dask scheduler answers at tcp"):
        swept(elsewhere(study, tmp_path / "study"), scheduler="tcp://127.0.0.1:9")


def test_a_worker_process_that_ends_is_replaced(
    alone: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "MOST_BROKEN", 1)
    task = alone.grid.tasks[0]
    with open_pool(alone.base, solve_request, jobs=2, scheduler=None) as pool:
        pool.submit(0, Request(task))
        workers = list(pool.executor._processes.values())  # type: ignore[attr-defined]
        for worker in workers:
            os.kill(worker.pid, signal.SIGKILL)
        assert plain(tuple(answer for _, answer in pool.finished())) == plain(alone.answers[:1])
        pool.submit(0, Request(task))
        for worker in list(pool.executor._processes.values()):  # type: ignore[attr-defined]
            os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(SolverError, match="finished points are kept"):
            pool.finished()


def test_a_worker_with_other_versions_is_refused(alone: Sweep) -> None:
    other = replace(alone.base, versions={**alone.base.versions, "numpy": "0.1"})
    with open_pool(other, solve_request, jobs=1, scheduler=None) as pool:
        pool.submit(0, Request(alone.grid.tasks[0]))
        with pytest.raises(InputError, match=r"other versions than this machine, .*numpy"):
            pool.finished()


def test_calls_do_not_leave_the_machine(study: LoadedStudy, alone: Sweep) -> None:
    assert len(study.city.calls.frame) > 1000
    sent = pickle.loads(pickle.dumps(alone.base))
    for base in (alone.base, sent):
        calls = base.case.city.calls
        assert len(calls.frame) == len(calls.set_aside) == len(calls.unmapped) == 0
