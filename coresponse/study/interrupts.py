"""Ctrl-C and the other signals that end a command, held back while a step must not be cut in two."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

# Ctrl-C, a batch system, a terminal that is closed.
_ENDS = ("SIGINT", "SIGTERM", "SIGHUP")

_Handler = Callable[[int, FrameType | None], object]


class HeldInterrupts:
    """Signals that came while they were held back; they take effect when they are let through.

    Python raises an interrupt between any two steps of the main thread, also between the making of
    a folder and the line that would clear it away. Other threads are never interrupted: there,
    nothing is held.
    """

    def __init__(self) -> None:
        self._handlers: dict[int, _Handler] = {}
        self._came: list[int] = []

    def hold(self) -> None:
        """Hold signals back from here on; nothing changes where they are already."""
        if self._handlers or threading.current_thread() is not threading.main_thread():
            return
        handlers: dict[int, _Handler] = {}
        try:
            for end in (getattr(signal, name) for name in _ENDS if hasattr(signal, name)):
                handler = signal.getsignal(end)
                if callable(handler):  # what is passed over stays so
                    handlers[end] = handler
                    signal.signal(end, self._note)
        except BaseException:  # one came before all were held
            _restore(handlers)
            raise
        self._handlers = handlers

    def let_through(self) -> None:
        """Handle signals as before, those that came meanwhile first.

        Raises
        ------
        KeyboardInterrupt
            If one came.
        """
        handlers, self._handlers = self._handlers, {}
        _restore(handlers)
        came, self._came = self._came, []
        for end in came[:1]:  # as one: further ones came in the same breath
            handlers[end](end, None)

    def _note(self, end: int, frame: FrameType | None) -> None:
        del frame
        self._came.append(end)


def _restore(handlers: dict[int, _Handler]) -> None:
    for end, handler in handlers.items():
        signal.signal(end, handler)
