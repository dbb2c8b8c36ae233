"""Compile what takes longest while a study is read: on a first day that is as long as all that comes before it.

The kernels alone are imported here, so that another process can begin before the other packages
are there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coresponse.coverage.queueing.kernels import balance_levels
from coresponse.coverage.replay.arrays import Calls, Roads, Servers, Settings
from coresponse.coverage.replay.kernel import _run, run
from coresponse.coverage.replay.moments import WEEK_H
from coresponse.data.compiled import is_kept


def to_compile() -> dict[str, Callable[[], None]]:
    """Return what another process may begin with, by name; not what was compiled before."""
    tasks: dict[str, tuple[Callable[..., object], Callable[[], None]]] = {
        "replay": (_run, compile_replay),
        "queueing": (balance_levels, compile_queueing),
    }
    return {name: task for name, (kernel, task) in tasks.items() if not is_kept(kernel)}


def compile_replay() -> None:
    """Replay no calls by no units: all that it takes has the types that it always has."""
    table = np.zeros((0, 0), dtype=np.float32)
    column, places = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int64)
    hours = np.zeros((0, WEEK_H))
    roads = Roads(table, table, table, places, column, table, table, np.ones(WEEK_H))
    servers = Servers._make(places for _ in Servers._fields)._replace(
        eligible=np.zeros((0, 0), dtype=bool),
        on_duty=hours.astype(bool),
        hours_left=hours,
        hours_until=hours,
    )
    switches, numbers = 4 * [False], 6 * [0.0]
    run(
        Calls._make(column for _ in Calls._fields),
        servers,
        roads,
        Settings._make(switches + numbers),
        0.0,
    )


def compile_queueing() -> None:
    """Solve two stations exactly: of a unit each, and of several."""
    from coresponse.coverage.queueing.hypercube import solve_exact  # noqa: PLC0415 - loads pandas, and the other process has time for it
    from coresponse.coverage.queueing.system import Patterns  # noqa: PLC0415 - as above

    two = np.arange(2)
    patterns = Patterns(np.zeros(1, dtype=np.int64), two[None], two[None] + 1, np.array([2]))
    for units in (np.array([1, 1]), np.array([2, 1])):
        solve_exact(units, patterns, np.ones(1), np.ones((2, 1)))
