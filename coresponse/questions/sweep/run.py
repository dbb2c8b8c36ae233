"""Run a sweep: points in order of what they need, each kept as soon as it is finished."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from coresponse.data.errors import CoresponseError, InputError, why_not
from coresponse.data.progress import DETAIL, Progress, silent
from coresponse.optimize.case import Case
from coresponse.questions.sweep.answer import Answer, Kept
from coresponse.questions.sweep.axes import axes_of
from coresponse.questions.sweep.base import sweep_base
from coresponse.questions.sweep.grid import Grid, Task
from coresponse.questions.sweep.point import solve_request, today_answer
from coresponse.questions.sweep.pools import Pool, cores, open_pool
from coresponse.questions.sweep.request import Bought, Request
from coresponse.questions.sweep.tables import Sweep
from coresponse.questions.sweep.task import make_grid, task_keys
from coresponse.study.memory import Work, tell
from coresponse.study.sweep import SweepInput


def sweep(
    case: Case,
    vary: Mapping[str, str | Sequence[float]] | None = None,
    *,
    settings: SweepInput | None = None,
    identity: Mapping[str, Any] | None = None,
    keep_in: Path | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> Sweep:
    """Find the best deployment at every value of what is varied.

    Parameters
    ----------
    case
        That the points vary.
    vary
        Values by name of a limit or an assumption, such as ``{"budget_per_year": [2e6, 3e6]}``;
        default: those of the settings.
    settings
        What is varied, and how closely each point is solved.
    identity
        What all points rest on, for the names that they are kept under.
    keep_in
        Folder where each finished point is kept; a run that was stopped goes on from there.
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
    settings = settings or SweepInput()
    axes = axes_of(settings.vary if vary is None else vary, case)
    grid = make_grid(axes, case.limits, nested=settings.nested, phases=settings.phases)
    tell(case, _needs(grid, jobs=1 if scheduler else jobs or cores()), progress)
    base = sweep_base(case, settings, [task.setting for task in grid.tasks], progress=progress)
    keys = task_keys(grid, identity or {})
    kept = None if keep_in is None else Kept(keep_in)
    answers = {} if kept is None else _kept_answers(kept, keys)
    missing = len(grid.tasks) - len(answers)
    if missing:
        processes = min(jobs or cores(), missing)

        def keep(i: int, answer: Answer) -> None:
            if kept is not None:
                kept.write(keys[i], answer)
            answers[i] = answer
            done = len(answers)
            progress(f"points{DETAIL}{done:,} of {len(grid.tasks):,}", done, len(grid.tasks))

        progress(
            f"points{DETAIL}{len(answers):,} of {len(grid.tasks):,}", len(answers), len(grid.tasks)
        )
        try:
            with open_pool(base, solve_request, jobs=processes, scheduler=scheduler) as pool:
                _work(grid.tasks, answers, pool, keep)
        except CoresponseError:
            raise
        except OSError as error:
            raise InputError(
                f"points of the sweep cannot be written to {keep_in}, or what workers need to "
                f"{gettempdir()}{why_not(error)} -- free some space; points that are finished are "
                "kept"
            ) from error
    found = tuple(answers[i] for i in range(len(grid.tasks)))
    return Sweep(case, grid, base, keys, found, missing, today_answer(base))


def _kept_answers(kept: Kept, keys: Sequence[str]) -> dict[int, Answer]:
    return {i: found for i, key in enumerate(keys) if (found := kept.read(key)) is not None}


def _needs(grid: Grid, *, jobs: int) -> Work:
    """Say what is kept in memory.

    A table for each set of travel speeds, and the replay, in this process and in each worker.
    """
    workers = min(jobs, len(grid.tasks))
    speeds = len({_speeds(task) for task in grid.tasks})
    return Work(
        "sweeping this",
        tables=speeds,
        problems=int(workers == 1),
        workers=workers if workers > 1 else 0,
        replays=True,
    )


def _speeds(task: Task) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(it for it in task.setting.items() if it[0].partition(".")[0] == "speed"))


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
