"""The command line as a process of its own: ``coresponse``, or ``python -m coresponse``."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from typing import Any

AGAIN_S = 0.02


def run() -> None:
    """Run the command line; Ctrl-C is clean from the first import to the last clean-up."""
    sys.unraisablehook = _not_lost
    try:
        from coresponse.cli import main  # noqa: PLC0415 - its packages take a moment, in which Ctrl-C may come

        main()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        raise SystemExit(130) from None
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _not_lost(unraisable: Any) -> None:
    """Let a Ctrl-C that fell into a finalizer or a solver's callback, where Python drops it, come again a moment later."""
    if unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)
        return
    again = threading.Timer(AGAIN_S, _interrupt)
    again.daemon = True
    again.start()


def _interrupt() -> None:
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)  # also wakes a wait in the system
    else:
        _thread.interrupt_main()


if __name__ == "__main__":
    run()
