"""Work that does not wait for the rest, done beside it in a copy of this process.

What comes out is the same whoever does it: where no copy can be made, or one is lost, the work is
done here, in its turn. Only a command makes copies: in a person's own process there may be threads
that a copy would lack.
"""

from __future__ import annotations

import ctypes
import gc
import io
import os
import pickle
import queue
import select
import signal
import struct
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from coresponse.data.machine import available_memory
from coresponse.data.progress import Progress

# How long a copy is waited for once its work is needed, and how much longer for each second that
# it has had: one that hangs costs time, and nothing else.
PATIENCE_S, PATIENCE_SHARE = 600.0, 3.0

# Of a process with more bytes no copy is made: what a large study needs is said before the work, and
# that of a copy is not in it.
MOST_COPIED = 1.5e9

# Processes beyond the cores that may have run in the last minute: where more did, a copy would only
# take turns with them, at a tenth more work in all.
SPARE_LOAD = 0.5

# A message's length, ahead of it.
_LENGTH = struct.Struct("<Q")

_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG

_ENDS = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}

_may_copy = False


@contextmanager
def copies() -> Iterator[None]:
    """Let work within the block be done in copies of this process."""
    global _may_copy  # noqa: PLW0603 - a process has one answer
    before, _may_copy = _may_copy, True
    try:
        yield
    finally:
        _may_copy = before


def told_here(progress: Progress) -> Progress:
    """Return the same for tasks: a copy of this process tells nobody."""
    here = os.getpid()

    def told(stage: str, done: float, total: float) -> None:
        if os.getpid() == here:
            progress(stage, done, total)

    return told


class Beside:
    """Tasks that begin at once in a copy of this process, one after the other.

    Use as a context manager: at its end the copy is ended, too.

    Parameters
    ----------
    tasks
        By name, in the order that they are begun. What they return is pickled; what they do to
        this process's memory is lost, what they write stays.
    shared
        What results may refer to as it was when the copy was made: it is not sent back.
    """

    def __init__(
        self, tasks: Mapping[str, Callable[[], Any]], *, shared: Sequence[object] = ()
    ) -> None:
        self._tasks, self._shared = dict(tasks), tuple(shared)
        self._done: dict[str, Any] = {}
        self._pid, self._pipe, self._began = 0, -1, time.monotonic()

    def __enter__(self) -> Self:
        if _may_copy and self._tasks and _copy_fits():
            self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def has(self, name: str) -> bool:
        """Whether there is such a task."""
        return name in self._tasks

    def take(self, name: str) -> Any:
        """Return what a task came to; it is done here if the copy has not done it."""
        until = time.monotonic() + PATIENCE_S
        until += PATIENCE_SHARE * (time.monotonic() - self._began)
        while name not in self._done and self._pid:
            message = self._received(until)
            if message is None:
                self._end()
            else:
                done, result = message
                self._done[done] = result
        if name not in self._done:
            self._done[name] = self._tasks[name]()
        return self._done.pop(name)

    def _begin(self) -> None:
        _end_solver_threads()
        ours, theirs = os.pipe()
        parent = os.getpid()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            with warnings.catch_warnings():
                # threads are idle here, and the copy uses none of them
                warnings.simplefilter("ignore", DeprecationWarning)
                self._pid = os.fork()
            if not self._pid:
                self._work(theirs, parent)
            self._pipe = ours
        except OSError:  # no further process may be started
            os.close(ours)
        finally:
            os.close(theirs)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _work(self, pipe: int, parent: int) -> NoReturn:
        """Do tasks in the copy; whatever fails is done again where it is needed, and told there."""
        try:
            # a terminal sends Ctrl-C to both, and who made the copy ends it
            for end in _ENDS:
                signal.signal(end, signal.SIG_DFL if end == signal.SIGTERM else signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
            ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL)
            gc.freeze()  # what is there is left alone, so that it stays shared
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for stream in (1, 2):
                os.dup2(nowhere, stream)
            told: queue.SimpleQueue[bytes] = queue.SimpleQueue()
            # a pipe holds little: the next task does not wait until the last one's result is taken
            sender = threading.Thread(target=_send, args=(pipe, told))
            sender.start()
            for name, task in self._tasks.items():
                if os.getppid() != parent:
                    break
                body = io.BytesIO()
                with suppress(Exception):
                    _Writer(body, self._shared).dump((name, task()))
                    told.put(_LENGTH.pack(body.tell()) + body.getvalue())
            told.put(b"")
            sender.join()
        finally:
            os._exit(0)

    def _received(self, until: float) -> tuple[str, Any] | None:
        """Return a task's name and result; None if none comes."""
        head = self._bytes(_LENGTH.size, until)
        body = None if head is None else self._bytes(_LENGTH.unpack(head)[0], until)
        return None if body is None else _Reader(io.BytesIO(body), self._shared).load()

    def _bytes(self, count: int, until: float) -> bytes | None:
        out = bytearray()
        while len(out) < count:
            if not select.select([self._pipe], [], [], max(0.0, until - time.monotonic()))[0]:
                return None
            more = os.read(self._pipe, min(count - len(out), 1 << 20))
            if not more:
                return None
            out += more
        return bytes(out)

    def _end(self) -> None:
        pid, self._pid = self._pid, 0
        if not pid:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        os.close(self._pipe)


def _copy_fits() -> bool:
    """Whether a copy can be made, finds a core free, and memory for all that it may touch."""
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return False  # elsewhere libraries do not survive it
    cores = len(os.sched_getaffinity(0))
    if cores < 2 or os.getloadavg()[0] > cores + SPARE_LOAD:
        return False
    free = available_memory()
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    held = int(pages) * os.sysconf("SC_PAGE_SIZE")
    return free is not None and held < min(free, MOST_COPIED)


def _end_solver_threads() -> None:
    """End HiGHS's threads, which it starts again when it needs them.

    A copy has none of them, does not know it, and would hand them work and wait for it.
    """
    highs = sys.modules.get("highspy")
    if highs is not None:
        highs.Highs.resetGlobalScheduler(True)


def _send(pipe: int, told: queue.SimpleQueue[bytes]) -> None:
    while message := told.get():
        rest = memoryview(message)
        while rest:
            rest = rest[os.write(pipe, rest) :]


class _Writer(pickle.Pickler):
    """Writes results; what is shared is named by its place."""

    def __init__(self, file: io.BytesIO, shared: tuple[object, ...]) -> None:
        super().__init__(file, protocol=5)
        self._places = {id(one): place for place, one in enumerate(shared)}

    def persistent_id(self, obj: object) -> int | None:
        return self._places.get(id(obj))


class _Reader(pickle.Unpickler):
    """Reads what a copy of this very process wrote a moment ago."""

    def __init__(self, file: io.BytesIO, shared: tuple[object, ...]) -> None:
        super().__init__(file)
        self._shared = shared

    def persistent_load(self, place: int) -> object:
        return self._shared[place]
