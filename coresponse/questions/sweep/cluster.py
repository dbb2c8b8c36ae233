"""Solve points on a Dask cluster (``pip install 'coresponse[cluster]'``).

A worker may be lost at any time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from coresponse.data.errors import OptionalPackageError, SolverError
from coresponse.questions.sweep.answer import Answer
from coresponse.questions.sweep.request import Request, Solve

CONNECT_WITHIN_S = 30
# A point whose worker was lost is sent again so often.
MOST_TRIES = 5


@contextmanager
def cluster_pool(base: object, solve: Solve, address: str) -> Iterator[ClusterPool]:
    """Connect to a scheduler and send it what all points share.

    Raises
    ------
    OptionalPackageError
        If Dask is not installed.
    SolverError
        If there is no scheduler at the address, or it has no worker.
    """
    try:
        dask = import_module("distributed")
    except ImportError:
        raise OptionalPackageError(
            "--scheduler needs Dask, here and on the workers -- pip install 'coresponse[cluster]'"
        ) from None
    try:
        client = dask.Client(address, timeout=CONNECT_WITHIN_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise SolverError(
            f"no Dask scheduler answers at {address} -- check the address, and that the scheduler "
            "runs"
        ) from error
    try:
        _wait_for_a_worker(client, address)
        yield ClusterPool(dask, client, base, solve)
    finally:
        client.close(timeout=5)


def _wait_for_a_worker(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_WITHIN_S)
    except TimeoutError as error:
        raise SolverError(
            f"the Dask scheduler at {address} has no worker -- start one: dask worker {address}"
        ) from error


class ClusterPool:
    """Solves points on a Dask cluster."""

    def __init__(self, dask: Any, client: Any, base: object, solve: Solve) -> None:
        self.dask, self.client, self.base, self.solve = dask, client, base, solve
        self.under_way: dict[Any, tuple[int, Request]] = {}
        self.tries: dict[int, int] = {}
        self.log = logging.getLogger("coresponse")
        self.shared = self._share()

    def submit(self, i: int, request: Request) -> None:
        """Take a point."""
        self.tries[i] = self.tries.get(i, 0) + 1
        if self.tries[i] > MOST_TRIES:
            raise SolverError(
                f"a point was lost with its worker {MOST_TRIES} times, perhaps for want of memory; "
                "finished points are kept: the same command goes on from there"
            )
        # not pure: a point that was lost is a new task, whatever became of the old one
        future = self.client.submit(self.solve, self.shared, request, pure=False, retries=0)
        self.under_way[future] = (i, request)

    def finished(self) -> list[tuple[int, Answer]]:
        """Wait until some point is finished; points lost with their worker are sent again."""
        while True:
            answers, lost = [], []
            for future in self._done():
                i, request = self.under_way.pop(future)
                answer = self._answer(future)
                if answer is None:
                    lost.append((i, request))
                else:
                    answers.append((i, answer))
            if lost:
                self.log.warning(
                    "%d points were lost with their worker; they are sent again", len(lost)
                )
                # what all points share went with the last worker that held it
                self.shared = self._share()
                for i, request in lost:
                    self.submit(i, request)
            if answers:
                return sorted(answers, key=lambda pair: pair[0])

    def _done(self) -> list[Any]:
        """Wait until some task is done, be it that it was lost."""
        with self.client.as_current():
            try:
                return list(
                    self.dask.wait(list(self.under_way), return_when="FIRST_COMPLETED").done
                )
            except self.dask.client.CancelledError:
                # the scheduler forgot tasks that came while a worker was being lost; wait says so
                # of all at once, and does not say which others are done
                return [future for future in self.under_way if future.status != "pending"]

    def _answer(self, future: Any) -> Answer | None:
        """Return a task's answer; None if it was lost with its worker."""
        if future.status not in ("finished", "error"):
            return None
        try:
            found: Answer = future.result()
        except Exception as error:
            if self._lost_worker(error):
                return None
            raise
        return found

    def _share(self) -> Any:
        self.client.wait_for_workers(1, timeout=CONNECT_WITHIN_S)
        return self.client.scatter(self.base, broadcast=True, hash=False)

    def _lost_worker(self, error: Exception) -> bool:
        return isinstance(error, (self.dask.KilledWorker, self.dask.client.CancelledError))
