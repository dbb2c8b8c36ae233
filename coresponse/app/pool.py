"""Worker processes and the searches they are given.

One a session at a time, each with a stop of its own.
"""

from __future__ import annotations

import math
import multiprocessing
import pickle
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Literal

from coresponse.app.question import Question
from coresponse.data.workers import without_ctrl_c

Kind = Literal["find", "judge", "report"]
State = Literal["queued", "running", "done", "stopped", "failed"]
Work = Callable[[Connection], None]

# a curve on the page shows no more
MOST_STEPS = 400
# a queue that no person would wait out; a further question is told so at once
MOST_WAITING = 20
KEPT_JOBS = 200
# A worker that does not answer a stop for so long is ended.
STOP_PATIENCE_S = 20.0


class BusyError(Exception):
    """A search cannot be taken on now; the message says why."""


@dataclass
class Job:
    """A question that was asked, and how far it is.

    Attributes
    ----------
    about
        For ``judge`` the deployment, for ``report`` the plan.
    steps
        Seconds, best and bound, as they may be shown.
    gap
        Between the last of these, exact.
    unit
        Of best and bound.
    plan
        Id of the plan that was found, or that is reported.
    """

    kind: Kind
    session: str
    question: Question
    about: Any = None
    name: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: State = "queued"
    stage: str = "waiting for a free worker"
    done: float = 0.0
    total: float = 1.0
    steps: list[tuple[float, float | None, float | None]] = field(default_factory=list)
    gap: float | None = None
    unit: str = ""
    error: str = ""
    plan: str = ""
    stopping: bool = False
    began: float = field(default_factory=time.monotonic)
    stop_at: float = math.inf

    @property
    def open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in {"queued", "running"}

    def as_json(self) -> dict[str, Any]:
        """Return what the page shows."""
        _, incumbent, bound = self.steps[-1] if self.steps else (0.0, None, None)
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "stage": self.stage,
            "share": min(1.0, self.done / self.total) if self.total > 0 else 0.0,
            "incumbent": incumbent,
            "bound": bound,
            "gap": self.gap,
            "seconds": round(time.monotonic() - self.began, 1),
            "steps": self.steps,
            "unit": self.unit,
            "stopping": self.stopping,
            "error": self.error,
            "plan": self.plan,
        }


class SearchPool:
    """Workers that are started once and answer one question each at a time.

    Parameters
    ----------
    study
        The prepared study.
    work
        What each process runs: it answers the questions that come through its pipe.
    workers
        Processes.
    keep
        Called with each job and its result before the job counts as done; returns the plan's id.
    """

    def __init__(
        self,
        study: object,
        work: Work,
        workers: int,
        keep: Callable[[Job, dict[str, Any]], str],
    ) -> None:
        saved = pickle.dumps(study, protocol=pickle.HIGHEST_PROTOCOL)
        self._keep = keep
        self._waiting: queue.Queue[Job | None] = queue.Queue()
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._hands = [_Hand(saved, work) for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._serve, args=(hand,), daemon=True) for hand in self._hands
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> Job:
        """Take on a job.

        Raises
        ------
        BusyError
            If the session has one already, or too many wait.
        """
        with self._lock:
            there = [other for other in self._jobs.values() if other.open]
            if any(other.session == job.session for other in there):
                raise BusyError("a search of this page is running already: stop it first")
            if len(there) >= MOST_WAITING:
                raise BusyError("too many searches wait for this machine: try again later")
            for old in [other for other in self._jobs.values() if not other.open][
                : -KEPT_JOBS or None
            ]:
                del self._jobs[old.id]
            self._jobs[job.id] = job
        self._waiting.put(job)
        return job

    def job(self, job_id: str, session: str) -> Job | None:
        """Return a session's own job; that of another is none."""
        job = self._jobs.get(job_id)
        return job if job is not None and job.session == session else None

    def stop(self, job: Job) -> None:
        """Ask a job to end with what it has."""
        with self._lock:
            if not job.open or job.stopping:
                return
            job.stopping = True
            job.stop_at = time.monotonic() + STOP_PATIENCE_S
            if job.state == "queued":
                job.state, job.error = "stopped", "stopped before it began"
                return
        for hand in self._hands:
            hand.stop(job)

    def close(self) -> None:
        """End all workers."""
        for _ in self._threads:
            self._waiting.put(None)
        for hand in self._hands:
            hand.end()

    def _serve(self, hand: _Hand) -> None:
        hand.start()
        while (job := self._waiting.get()) is not None:
            with self._lock:
                if job.state != "queued":
                    continue
                job.state = "running"
            try:
                kind, said = hand.ask(job)
            except (EOFError, OSError):
                kind, said = (
                    "failed",
                    "the search's process ended without an answer -- try again, or ask for less",
                )
                hand.start()
            self._settle(job, kind, said)

    def _settle(self, job: Job, kind: str, said: Any) -> None:
        if kind == "done":
            try:
                job.plan = self._keep(job, said)
            except OSError as error:
                kind, said = (
                    "failed",
                    f"the plan was found but could not be kept: {error.strerror or error}",
                )
        with self._lock:
            job.error = "" if kind == "done" else str(said)
            job.state = "done" if kind == "done" else "stopped" if kind == "stopped" else "failed"


class _Hand:
    """One worker process and the pipe to it."""

    def __init__(self, study: bytes, work: Work) -> None:
        self.study, self.work = study, work
        self.process: BaseProcess | None = None
        self.pipe: Connection | None = None
        self.job: Job | None = None
        self.lock = threading.Lock()
        self.ended = False

    def start(self) -> None:
        """Start the process, in place of one that ended."""
        self._kill()
        if self.ended:
            return
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=self.work, args=(theirs,), daemon=True)
        # it would die with a traceback in the terminal; when it is ready it listens itself
        with without_ctrl_c():
            process.start()
        theirs.close()
        self.process, self.pipe = process, ours
        try:
            ours.send_bytes(self.study)
        except OSError:  # it ended at once; the first question will say so
            return

    def ask(self, job: Job) -> tuple[str, Any]:
        """Give a job to the process and follow it to its end.

        Raises
        ------
        EOFError, OSError
            If the process ended.
        """
        pipe = self.pipe
        if pipe is None:
            raise EOFError
        job.stage, job.began = "starting", time.monotonic()
        with self.lock:
            pipe.send((job.kind, job.question.model_dump(), job.about))
            self.job = job
        if job.stopping:  # it was asked while the question was on its way
            self.stop(job)
        try:
            while True:
                if not pipe.poll(1.0):
                    if time.monotonic() > job.stop_at:
                        self._kill()
                        return (
                            "failed",
                            (
                                "the search did not answer the stop and was ended; no plan of it "
                                "is left"
                            ),
                        )
                    continue
                message = pipe.recv()
                if message[0] == "progress":
                    job.stage, job.done, job.total = message[1:]
                elif message[0] == "unit":
                    job.unit = message[1]
                elif message[0] == "step":
                    _note(job, *message[1:])
                elif message[0] != "ready":
                    return str(message[0]), message[1]
        finally:
            with self.lock:
                self.job = None

    def stop(self, job: Job) -> None:
        """Tell the process to stop, if it is at this job."""
        with self.lock:
            if self.job is job and self.pipe is not None:
                try:
                    self.pipe.send(("stop",))
                except OSError:
                    return

    def end(self) -> None:
        """End the process for good."""
        self.ended = True
        self._kill()

    def _kill(self) -> None:
        process, self.process = self.process, None
        if process is not None and process.is_alive():
            process.kill()
            process.join(5)


def _note(job: Job, seconds: float, incumbent: float, bound: float, gap: float) -> None:
    """Keep a step; of very many every second.

    A new round counts its seconds, and its plans, anew.
    """
    if job.steps and seconds < job.steps[-1][0] - 0.01:
        job.steps.clear()
    if len(job.steps) >= MOST_STEPS:
        job.steps[1:-1] = job.steps[1:-1:2]
    job.gap = _finite(gap)
    job.steps.append((round(seconds, 2), _finite(incumbent), _finite(bound)))


def _finite(value: float) -> float | None:
    return float(f"{value:.7g}") if math.isfinite(value) else None
