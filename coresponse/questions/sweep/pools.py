"""Where points are solved: in this process, in processes on this machine, or on a cluster."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from loky import ProcessPoolExecutor

from coresponse.data.errors import SolverError
from coresponse.data.rings import look_seldom
from coresponse.data.workers import without_ctrl_c
from coresponse.questions.sweep.answer import Answer
from coresponse.questions.sweep.request import Request, Solve

# Worker processes that end of themselves are started again so often.
MOST_BROKEN = 3


# A worker process without work ends after so long, also when the process that started it was
# killed.
IDLE_S = 30


class Pool(Protocol):
    """Solves points, several at a time."""

    def submit(self, i: int, request: Request) -> None:
        """Take a point; `i` names it."""

    def finished(self) -> list[tuple[int, Answer]]:
        """Wait until some point is finished, and return those that are."""


def cores() -> int:
    """Return the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def open_pool(base: object, solve: Solve, *, jobs: int, scheduler: str | None) -> Iterator[Pool]:
    """Open the pool that is asked for; points under way are dropped when the block ends.

    Parameters
    ----------
    base
        What all points share.
    solve
        Answers a request.
    jobs
        Processes on this machine; 1: this one.
    scheduler
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``; None: this machine.
    """
    if scheduler is not None:
        from coresponse.questions.sweep.cluster import cluster_pool  # noqa: PLC0415 - needs an optional package

        with cluster_pool(base, solve, scheduler) as pool:
            yield pool
    elif jobs == 1:
        yield _Here(base, solve)
    else:
        with _local_processes(base, solve, jobs) as pool:
            yield pool


class _Here:
    """Solves one point after the other in this process."""

    def __init__(self, base: object, solve: Solve) -> None:
        self.base, self.solve = base, solve
        self.waiting: list[tuple[int, Request]] = []

    def submit(self, i: int, request: Request) -> None:
        self.waiting.append((i, request))

    def finished(self) -> list[tuple[int, Answer]]:
        i, request = self.waiting.pop(0)
        return [(i, self.solve(self.base, request))]


@contextmanager
def _local_processes(base: object, solve: Solve, jobs: int) -> Iterator[Pool]:
    # one copy on disk that each worker reads once, in a folder that only this user can read
    with tempfile.TemporaryDirectory(prefix="coresponse-sweep-") as folder:
        path = Path(folder) / "base"
        path.write_bytes(pickle.dumps(base, protocol=5))
        pool = _Processes(jobs, solve, str(path))
        try:
            yield pool
        finally:
            pool.executor.shutdown(wait=True, kill_workers=True)


class _Processes:
    """Solves points in processes on this machine.

    Those that were lost with their process are sent again.
    """

    def __init__(self, jobs: int, solve: Solve, path: str) -> None:
        self.jobs, self.solve, self.path = jobs, solve, path
        self.executor = self._start()
        self.under_way: dict[Future[Answer], tuple[int, Request]] = {}
        self.broken = 0

    def _start(self) -> ProcessPoolExecutor:
        # loky's workers do not import the caller's script, so that one without a main guard works
        # too
        with without_ctrl_c():  # the process that keeps track of what is shared starts here
            return ProcessPoolExecutor(self.jobs, timeout=IDLE_S, initializer=look_seldom)

    def submit(self, i: int, request: Request) -> None:
        with without_ctrl_c():
            future = self.executor.submit(_solve_in_worker, self.solve, self.path, request)
        self.under_way[future] = (i, request)

    def finished(self) -> list[tuple[int, Answer]]:
        while True:
            done, _ = wait(self.under_way, return_when=FIRST_COMPLETED)
            answers, lost = [], None
            for future in done:
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    lost = error
                    continue
                i, _ = self.under_way.pop(future)
                answers.append((i, future.result()))
            if lost is not None:
                self._begin_again(lost)
            if answers:
                return sorted(answers, key=lambda pair: pair[0])

    def _begin_again(self, error: BrokenProcessPool) -> None:
        self.broken += 1
        if self.broken > MOST_BROKEN:
            raise SolverError(
                f"worker processes ended {self.broken} times, perhaps for want of memory; "
                "finished points are kept: "
                "the same command goes on from there, with fewer --jobs if memory is short"
            ) from error
        self.executor.shutdown(wait=True, kill_workers=True)
        self.executor = self._start()
        again, self.under_way = list(self.under_way.values()), {}
        for i, request in again:
            self.submit(i, request)


def _solve_in_worker(solve: Solve, path: str, request: Request) -> Answer:
    return solve(_base_at(path), request)


@lru_cache(maxsize=1)
def _base_at(path: str) -> object:
    # written by this very run in a folder of its own
    return pickle.loads(Path(path).read_bytes())  # noqa: S301
