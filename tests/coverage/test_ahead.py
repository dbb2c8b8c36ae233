"""What is compiled ahead is what is called later: the same kernels with the same types."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coresponse.coverage.ahead import compile_queueing, to_compile
from coresponse.coverage.queueing import kernels
from coresponse.coverage.queueing.solve import solve_queue
from tests.conftest import benchmark_module

COMPILED = (
    kernels.add_over_subsets,
    kernels.add_over_supersets,
    kernels.add_calls,
    kernels.free_shares,
    kernels.sweep,
    kernels.sweep_single,
    kernels.balance_levels,
)
systems = benchmark_module("_wide_systems")


def test_the_queueing_compiled_ahead_is_the_one_that_is_called() -> None:
    for like in (True, False):
        system = systems.some_system(4, 4, 6, load=0.6, like=like, short=False, ties=False)
        solve_queue(system, method="exact")
        several = replace(system, units=np.full_like(system.units, 2))
        solve_queue(several, method="exact")
    called = [list(kernel.signatures) for kernel in COMPILED]  # type: ignore[attr-defined]  # numba's
    assert all(called)
    compile_queueing()
    assert [kernel.signatures for kernel in COMPILED] == called  # type: ignore[attr-defined]
    assert "queueing" not in to_compile()
