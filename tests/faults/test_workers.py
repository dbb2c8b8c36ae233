"""Worker processes that are lost, and that Ctrl-C passes over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np
import pytest

from coresponse.coverage import travel
from coresponse.coverage.travel import travel_times
from coresponse.data.roads.made import street_grid
from coresponse.data.workers import without_ctrl_c


@pytest.mark.parametrize("finished", [0, 1, 2])
def test_travel_times_of_a_lost_worker_are_worked_out_here(
    finished: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    roads = street_grid(20, 20, seed=2)
    monkeypatch.setattr(travel, "CHUNK", 64)
    right = travel_times(roads, np.arange(400, dtype=np.int32), workers=1)

    class Lost:
        """A pool that loses its workers after some chunks."""

        ended = False

        def __init__(self, _: int, *, initializer: Any, initargs: tuple[Any, ...]) -> None:
            initializer(*initargs)

        def map(self, work: Any, chunks: list[Any]) -> Iterator[Any]:
            yield from map(work, chunks[:finished])
            raise BrokenProcessPool("a worker was killed")

        def shutdown(self, **_: Any) -> None:
            Lost.ended = True

    monkeypatch.setattr(travel, "ProcessPoolExecutor", Lost)
    found = travel_times(roads, np.arange(400, dtype=np.int32), workers=2)
    assert Lost.ended
    assert found.tobytes() == right.tobytes()


@pytest.mark.skipif(
    not hasattr(signal, "pthread_sigmask"), reason="the system has no masks of signals"
)
def test_a_process_started_without_ctrl_c_does_not_hear_it_and_this_one_hears_it_afterwards() -> (
    None
):
    hears = "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code = f"{hears}os.kill(os.getpid(), signal.SIGINT); print('lives')"

    def ask() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )

    with without_ctrl_c():
        deaf = ask()
    assert deaf.stdout == "lives\n"
    assert "KeyboardInterrupt" in ask().stderr
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        with (
            pytest.raises(KeyboardInterrupt),
            without_ctrl_c(),
        ):  # at the end at the latest: another thread may take it
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask
    finally:
        signal.signal(signal.SIGINT, before)
