"""A process of its own for the searches of the page.

It crashes alone, and a stop reaches it at once.
"""

from __future__ import annotations

import _thread
import os
import pickle
import queue
import signal
import threading
import time
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from coresponse.app.desk import Desk
from coresponse.app.question import Question, case_for
from coresponse.app.report import make_report
from coresponse.app.solving import StoppedError, find
from coresponse.data.errors import CoresponseError
from coresponse.data.rings import look_seldom
from coresponse.optimize.solution import Step
from coresponse.publish.disclosure import PUBLIC

# ten a second look steady; more would be sent and not seen
SAY_EVERY_S = 0.1
NOTHING_YET = "stopped before anything was found"


def work(pipe: Connection) -> None:
    """Answer questions that come through a pipe until it closes.

    The first message is the prepared study; then ``(kind, asked, about)`` or ``stop``, where
    `about` is the deployment that is to be judged, or the plan that is to be reported. Answers:
    ``unit`` of the steps, ``step``, ``progress``, and at the end of each question ``done``,
    ``stopped`` or ``failed``.
    """
    look_seldom()
    asked: queue.Queue[tuple[str, dict[str, Any], Any]] = queue.Queue()
    # the parent made these bytes itself, in the same program, a moment ago
    desk = Desk(pickle.loads(pipe.recv_bytes()))  # noqa: S301
    raised = threading.Event()

    def interrupt(_: int, __: FrameType | None) -> None:
        # Ctrl-C in the terminal reaches this process too; only a stop that was asked for ends a
        # search
        if desk.stopping and desk.searching and not raised.is_set():
            raised.set()
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # it was held back until now
    threading.Thread(target=_listen, args=(pipe, asked, desk), daemon=True).start()
    pipe.send(("ready",))
    while True:
        kind, question, about = asked.get()
        try:
            pipe.send(_answered(desk, pipe, kind, question, about))
        finally:
            desk.stopping = desk.searching = False
            raised.clear()


def _listen(
    pipe: Connection, asked: queue.Queue[tuple[str, dict[str, Any], Any]], desk: Desk
) -> None:
    while True:
        try:
            message = pipe.recv()
        except (EOFError, OSError):  # the page's server is gone: so are the people
            os._exit(0)
        if message[0] != "stop":
            asked.put(message)
            continue
        desk.stopping = True
        main = threading.main_thread().ident
        if hasattr(signal, "pthread_kill") and main is not None:
            signal.pthread_kill(main, signal.SIGINT)  # also wakes a wait in the system
        else:
            _thread.interrupt_main()


def _answered(
    desk: Desk, pipe: Connection, kind: str, question: dict[str, Any], about: Any
) -> tuple[str, object]:
    said = 0.0

    def progress(stage: str, done: float, total: float) -> None:
        nonlocal said
        if time.monotonic() - said >= SAY_EVERY_S or done >= total:
            said = time.monotonic()
            pipe.send(("progress", stage.partition(" -- ")[0], float(done), float(total)))

    try:
        asked = Question.model_validate(question)
        if kind == "judge":
            return "done", desk.evaluate(asked, [tuple(row) for row in about], progress)
        if kind == "report":
            desk.searching = (
                True  # all of it is work that a stop ends: a run is written whole or not at all
            )
            return "done", {
                "run": make_report(desk.study.folder, asked, about, progress=progress).name
            }
        case = case_for(desk.study.case, asked)
        unit, shown = case.objective_unit, PUBLIC.city(case.base_cells)

        def watch(step: Step) -> None:
            # two searches' exact best plans would tell of the calls that they differ by
            best, bound = (shown.cost(value, unit) for value in (step.incumbent, step.bound))
            gap = max(0.0, step.incumbent - step.bound) / max(abs(step.incumbent), 1e-12)
            pipe.send(("step", step.seconds, best, bound, round(gap, 5)))

        pipe.send(("unit", unit))
        return "done", find(desk, asked, watch=watch, progress=progress)
    except (StoppedError, KeyboardInterrupt):
        return "stopped", "stopped before the report was made" if kind == "report" else NOTHING_YET
    except (CoresponseError, OSError, MemoryError) as error:
        return "failed", _in_words(error)


def _in_words(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "this machine has too little memory for that"
    if isinstance(error, OSError):
        return f"a file cannot be read or written: {error.strerror or error}"
    return str(error)
