"""Work beside the rest: the same comes out whoever does it, and nothing is left of the copy."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from coresponse.study import beside
from coresponse.study.beside import Beside, copies, told_here
from tests.conftest import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux alone")

HERE = os.getpid()


@pytest.fixture(autouse=True)
def _room(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let copies be made whatever this machine has."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(os, "getloadavg", lambda: (1.0, 1.0, 1.0))
    monkeypatch.setattr(beside, "available_memory", lambda: 1e15)
    monkeypatch.setattr(beside, "MOST_COPIED", 1e15)  # who runs the tests has seen many others
    with copies():
        yield


def worker() -> int:
    return os.getpid()


def raising() -> int:
    if os.getpid() != HERE:
        raise ValueError("in the copy")
    return HERE


def ending(number: int) -> int:
    if os.getpid() != HERE:
        os.kill(os.getpid(), number)
    return HERE


def hanging() -> int:
    while os.getpid() != HERE:
        time.sleep(3600)
    return HERE


def not_to_be_sent() -> Callable[[], int]:
    return lambda: HERE


def test_tasks_are_done_in_a_copy_in_their_order() -> None:
    long = bytes(range(256)) * 40_000  # far more than a pipe holds
    with Beside({"long": lambda: long, "who": worker, "what": lambda: [1.5, None]}) as both:
        assert both.take("what") == [1.5, None]
        assert both.take("long") == long
        copy = both.take("who")
    assert copy != HERE
    with pytest.raises(ProcessLookupError):
        os.kill(copy, 0)


def test_what_is_shared_comes_back_as_the_same_object() -> None:
    city, other = {"roads": [1, 2]}, [3]
    with Beside({"found": lambda: (city, other)}, shared=(city,)) as one:
        found = one.take("found")
    assert found[0] is city
    assert found[1] == other
    assert found[1] is not other


@pytest.mark.parametrize("task", [raising, not_to_be_sent])
def test_what_a_copy_fails_at_is_done_here(task: Callable[[], Any]) -> None:
    with Beside({"first": worker, "fails": task, "last": worker}) as three:
        copy = three.take("first")
        found = three.take("fails")
        assert (found() if callable(found) else found) == HERE
        assert three.take("last") == copy != HERE


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_lost_copy_had_to_do_is_done_here(number: int) -> None:
    with Beside({"lost": partial(ending, number), "last": worker}) as two:
        assert two.take("last") == HERE
        assert two.take("lost") == HERE


def test_a_copy_that_hangs_is_ended_and_its_work_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "PATIENCE_S", 0.2)
    with Beside({"hangs": hanging}) as one:
        assert one.take("hangs") == HERE


def test_what_fails_here_too_is_said_where_it_is_needed() -> None:
    def wrong() -> None:
        raise ValueError("the same here")

    with Beside({"wrong": wrong}) as one, pytest.raises(ValueError, match="the same here"):
        one.take("wrong")


def test_an_error_beside_it_ends_the_copy(tmp_path: Any) -> None:
    told = tmp_path / "pid"

    def tell() -> None:
        told.with_suffix(".part").write_text(str(os.getpid()))
        told.with_suffix(".part").rename(told)
        hanging()

    def interrupted() -> None:
        with Beside({"hangs": tell}):
            until(told.exists)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


def test_ctrl_c_of_a_terminal_passes_the_copy_over() -> None:
    def hit() -> int:
        for end in (signal.SIGINT, signal.SIGHUP):
            os.kill(os.getpid(), end)
        return os.getpid()

    with Beside({"hit": hit}) as one:
        assert one.take("hit") != HERE


def _one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})


def _busy_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (3.0, 1.0, 1.0))


def _no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "available_memory", lambda: 1e6)


def _another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")


def _no_more_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)


@pytest.mark.parametrize(
    "lacking", [_one_core, _busy_cores, _no_room, _another_system, _no_more_processes]
)
def test_where_no_copy_can_be_made_the_work_is_done_here(
    lacking: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking(monkeypatch)
    with Beside({"who": worker}) as one:
        assert one.take("who") == HERE


def test_without_leave_no_copy_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_may_copy", False)
    with Beside({"who": worker}) as one:
        assert one.take("who") == HERE


def test_a_copy_tells_nobody_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    progress = told_here(lambda stage, done, total: said.append(f"{stage} {done:g}/{total:g}"))

    def told() -> list[str]:
        progress("reading", 0, 1)
        return said

    with Beside({"told": told}) as one:
        assert one.take("told") == []
    monkeypatch.setattr(beside, "_may_copy", False)
    with Beside({"told": told}) as one:
        assert one.take("told") == ["reading 0/1"]


def knapsack() -> float:
    """Solve a problem that HiGHS gives to several threads, whatever the machine has."""
    import highspy  # noqa: PLC0415 - as a solver is loaded: when it is needed

    rng = np.random.default_rng(1)
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 4)
    chosen = [solver.addBinary() for _ in range(60)]
    for _ in range(20):
        weight = rng.integers(1, 100, 60)
        total = sum(int(w) * x for w, x in zip(weight, chosen, strict=True))
        solver.addConstr(total <= int(weight.sum() * 0.4))
    worth = rng.integers(1, 100, 60)
    solver.setOptionValue("mip_rel_gap", 0.02)
    solver.maximize(sum(int(w) * x for w, x in zip(worth, chosen, strict=True)))
    return float(solver.getInfo().objective_function_value)


def test_a_copy_does_not_wait_for_the_solvers_threads_that_it_lacks() -> None:
    here = knapsack()
    with Beside({"there": knapsack}) as besides:
        assert besides.take("there") == here
        assert besides._pid  # the copy did it
    assert knapsack() == here  # and HiGHS starts its threads again
