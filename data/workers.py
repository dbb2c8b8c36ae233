"""Worker processes that Ctrl-C passes over: who started them ends them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_ctrl_c() -> Iterator[None]:
    """Start threads and processes within the block to which Ctrl-C does not come.

    Here it comes when the block ends.

    A terminal sends it, and that it is closed, to all processes of a command: workers would fill it
    with their last words. The mask of signals is handed on to whatever is started. Where the system
    has none, nothing changes.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415 - not on every system

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        resource_tracker.ensure_running()  # as it starts it takes the mask of Ctrl-C away
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
