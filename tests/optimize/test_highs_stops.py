"""A search of whole counts that HiGHS would go on with for an hour ends when it is told to."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import numpy as np
import pulp
import pytest

from coresponse.optimize.highs_master import HighsMaster
from coresponse.optimize.masters import Model
from coresponse.optimize.pulp_solvers import master_of

HOUR_S = 3600.0


def hard_covering(stopped: threading.Event) -> HighsMaster:
    """Draw 400 calls that 12 of 200 posts each can reach: far beyond what can be proven in an hour."""
    rng = np.random.default_rng(1)
    lp = pulp.LpProblem("hard", pulp.LpMinimize)
    x = [lp.add_variable(f"x{o}", 0, 1, pulp.LpInteger) for o in range(200)]
    lp.setObjective(pulp.lpSum(x))
    for _ in range(400):
        lp += pulp.lpSum(x[o] for o in rng.choice(200, 12, replace=False)) >= 1
    master = master_of(Model(lp, x, []), "HiGHS", stopped=stopped)
    assert isinstance(master, HighsMaster)
    return master


def once_at_work(master: HighsMaster, then: Callable[[], None]) -> None:
    """Have something done when HiGHS is in the midst of its search."""
    seen = []

    def look(event: object) -> None:
        seen.append(event)
        if len(seen) == 3:
            then()

    master._highs.cbMipInterrupt += look


def test_ctrl_c_ends_it() -> None:
    stopped = threading.Event()
    master = hard_covering(stopped)
    once_at_work(master, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        master.solve(HOUR_S, 0.0)
    assert stopped.is_set()


def test_another_thread_ends_it_and_nothing_is_claimed() -> None:
    stopped = threading.Event()
    master = hard_covering(stopped)
    once_at_work(master, stopped.set)
    answer = master.solve(HOUR_S, 0.0)
    assert answer.status in {"feasible", "nothing"}
    assert answer.bound < (answer.counts.sum() if len(answer.counts) else 200)
