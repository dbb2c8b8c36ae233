"""Run a sweep: points in order of what they need, each kept as soon as it is finished."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from tempfile import gettempdir

from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.progress import DETAIL, Progress, silent
from coresponse.inputs import Inputs
from coresponse.memory import Work, tell
from coresponse.sweep.answer import Answer, Kept
from coresponse.sweep.axes import axes_of, speeds_at
from coresponse.sweep.ground import Ground, make_ground
from coresponse.sweep.point import Bought, Request
from coresponse.sweep.pools import Pool, cores, open_pool
from coresponse.sweep.task import Grid, Task, make_grid, task_keys

KEPT_FOLDER = "sweep-points"


@dataclass(frozen=True, eq=False)
class Swept:
    """A sweep that is finished.

    Attributes
    ----------
    grid, ground
        What was asked, and of what.
    keys, answers
        One a task.
    solved
        Points solved in this run; the others were kept from earlier ones.
    """

    grid: Grid
    ground: Ground
    keys: tuple[str, ...]
    answers: tuple[Answer, ...]
    solved: int


def sweep(
    inputs: Inputs,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> Swept:
    """Solve all points that the study's ``[sweep]`` asks for.

    Each finished point is kept under the study's ``results/sweep-points``; a run that was stopped
    goes on from there.

    Parameters
    ----------
    jobs
        Processes on this machine; default: one a processor.
    scheduler
        Address of a Dask scheduler; then its workers solve the points.

    Raises
    ------
    CoresponseError
        If what is varied is not understood, or a solver fails; limits that cannot be kept are a
        point's answer.
    """
    study = inputs.study
    axes = axes_of(study.sweep.vary, inputs)
    grid = make_grid(axes, study.limits, nested=study.sweep.nested, phases=study.sweep.phases)
    tell(inputs, _needs(grid, jobs=1 if scheduler else jobs or cores()), progress)
    ground = make_ground(inputs, [task.setting for task in grid.tasks], progress=progress)
    keys = task_keys(grid, ground)
    kept = Kept(inputs.folder.results / KEPT_FOLDER)
    answers = {i: found for i, key in enumerate(keys) if (found := kept.read(key)) is not None}
    missing = len(grid.tasks) - len(answers)
    if missing:
        processes = min(jobs or cores(), missing)

        def keep(i: int, answer: Answer) -> None:
            kept.write(keys[i], answer)
            answers[i] = answer
            done = len(answers)
            progress(f"points{DETAIL}{done:,} of {len(grid.tasks):,}", done, len(grid.tasks))

        progress(
            f"points{DETAIL}{len(answers):,} of {len(grid.tasks):,}", len(answers), len(grid.tasks)
        )
        try:
            with open_pool(ground, jobs=processes, scheduler=scheduler) as pool:
                _work(grid.tasks, answers, pool, keep)
        except CoresponseError:
            raise
        except OSError as error:
            raise InputError(
                f"points of the sweep cannot be written to {kept.folder}, or what workers need to "
                f"{gettempdir()}: {error} -- "
                "free some space; points that are finished are kept"
            ) from error
    return Swept(grid, ground, keys, tuple(answers[i] for i in range(len(grid.tasks))), missing)


def _needs(grid: Grid, *, jobs: int) -> Work:
    """Say what is kept in memory.

    A table for each set of travel speeds, in this process and in each worker.
    """
    workers = min(jobs, len(grid.tasks))
    speeds = len({speeds_at(task.setting) for task in grid.tasks})
    return Work(
        "sweeping this",
        tables=speeds,
        problems=int(workers == 1),
        workers=workers if workers > 1 else 0,
    )


def _work(
    tasks: tuple[Task, ...],
    answers: dict[int, Answer],
    pool: Pool,
    keep: Callable[[int, Answer], None],
) -> None:
    """Hand out points whose predecessors are finished, those with the longest row behind them first."""
    behind = _behind(tasks)
    todo = [i for i in range(len(tasks)) if i not in answers]
    needs = {i: {k for k in tasks[i].after if k not in answers} for i in todo}
    ready = [(-behind[i], i) for i in todo if not needs[i]]
    heapq.heapify(ready)
    under_way = 0
    while ready or under_way:
        while ready:
            _, i = heapq.heappop(ready)
            pool.submit(i, _request(tasks[i], answers))
            under_way += 1
        for i, answer in pool.finished():
            under_way -= 1
            keep(i, answer)
            for k in todo:
                if i in needs[k]:
                    needs[k].discard(i)
                    if not needs[k]:
                        heapq.heappush(ready, (-behind[k], k))


def _behind(tasks: tuple[Task, ...]) -> list[int]:
    """Count for each task the longest row of tasks that wait for it."""
    out = [0] * len(tasks)
    for i in range(len(tasks) - 1, -1, -1):
        for k in tasks[i].after:
            out[k] = max(out[k], out[i] + 1)
    return out


def _request(task: Task, answers: dict[int, Answer]) -> Request:
    def bought(i: int | None) -> Bought | None:
        return None if i is None or not answers[i].found else answers[i].bought

    return Request(task, bought(task.start), bought(task.stays), bought(task.only))
