"""Compile the replay while a study is read: on a first day that takes as long as all that comes before it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coresponse.coverage.replay.arrays import Calls, Roads, Servers, Settings
from coresponse.coverage.replay.kernel import _run, run
from coresponse.coverage.replay.moments import WEEK_H
from coresponse.data.compiled import is_kept


def to_compile() -> dict[str, Callable[[], None]]:
    """Return what another process may begin with, by name; nothing where the replay was compiled before."""
    return {} if is_kept(_run) else {"replay": compile_replay}


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
