"""The command line as a process of its own: ``coresponse``, or ``python -m coresponse``."""

from __future__ import annotations

import _thread
import atexit
import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

from coresponse.starting import settle, too_little

# a finalizer, which drops what is raised in it, is over by then
AGAIN_S = 0.02

# Exit codes of a command whose answer cannot be written, and of one that was interrupted; ``cli``
# has the others.
UNWRITTEN, STOPPED = 3, 130

# How a batch system and a terminal that is closed end a command.
#
# As clean as Ctrl-C, unless they were told to be passed over.
ENDS = ("SIGTERM", "SIGHUP")


def run() -> NoReturn:
    """Run the command line; Ctrl-C is clean from the first import to the last clean-up."""
    interrupts = Interrupts()
    sys.unraisablehook = interrupts.come_again
    ends = [getattr(signal, name) for name in ENDS if hasattr(signal, name)]
    for end in (signal.SIGINT, *ends):
        if signal.getsignal(end) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(end, interrupts.note)
    try:
        code = _command(interrupts)
    finally:
        _pass_over(ends)
    _leave(code)  # outside of what was interrupted, whose blocks can end now


def _command(interrupts: Interrupts) -> int:
    """Run the command and return its exit code; who interrupted it is told at the terminal."""
    try:
        _look_around()
        from coresponse.cli.main import main  # noqa: PLC0415 - its packages take a moment, in which Ctrl-C may come

        main()
    except KeyboardInterrupt:
        pass
    except Exception:
        if not interrupts.any:
            raise
        # what was interrupted did not do its work, and something failed by that
    except SystemExit as end:
        if isinstance(end.code, str):  # words, which the interpreter prints
            raise
        return end.code or 0  # and STOPPED was told of
    else:
        return 0
    sys.stderr.write("Stopped.\n")
    return STOPPED


def _look_around() -> None:
    """Settle on this machine; end where it has too little for any command."""
    settle()
    lacking = too_little()
    if lacking:
        sys.stderr.write(f"Error: {lacking}\n")
        raise SystemExit(3)  # as for every input that cannot be worked with


def _pass_over(ends: list[signal.Signals]) -> None:
    """Let no second Ctrl-C interrupt the clean-up."""
    for end in (signal.SIGINT, *ends):
        signal.signal(end, signal.SIG_IGN)


def _leave(code: int) -> NoReturn:
    """Clean up as at any end, and leave the libraries as they are.

    To take all that was loaded apart, piece by piece, is a tenth of what a plan of the sample takes,
    and a fifth of a check. And a library that was interrupted may still have threads at work, which
    crash where its memory is taken apart under them: with a segmentation fault, once.
    """
    if code == STOPPED:
        gc.collect()  # blocks that the interrupt left open end now, with their clean-up
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - waits for threads and tells executors, as the interpreter does
    atexit._run_exitfuncs()  # noqa: SLF001 - worker processes, temporary folders
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # who reads has seen enough
        pass
    except (OSError, ValueError):
        code = code or UNWRITTEN
    os._exit(code)


class Interrupts:
    """Whether Ctrl-C came, also where it does not arrive as one.

    Python drops what is raised in a finalizer or a library's callback, and compiled code turns it
    into an error of its own: one that fell into the drawing of a chart came out as a ``TypeError``.
    """

    def __init__(self) -> None:
        self.any = False

    def note(self, end: int, frame: FrameType | None) -> NoReturn:
        """Interrupt what is at work, and remember it: a signal's handler."""
        self.any = True
        signal.default_int_handler(end, frame)

    def come_again(self, unraisable: Any) -> None:
        """Let it come again a moment later; Python calls this for what it cannot raise."""
        if unraisable.exc_type is not KeyboardInterrupt:
            sys.__unraisablehook__(unraisable)
            return
        self.any = True
        again = threading.Timer(AGAIN_S, _interrupt)
        again.daemon = True
        again.start()


def _interrupt() -> None:
    if hasattr(signal, "pthread_kill"):
        # also wakes a wait in the system
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


if __name__ == "__main__":
    run()
