"""A connection is given so long to ask and so long to be answered.

There are only so many at a time.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

# From connecting, or from a further request's first byte, to the end of its head.
#
# A byte now and then does not prolong it.
# Between requests it is uvicorn that ends a connection, in a way that browsers know.
HEAD_WITHIN_S = 5.0

# From a request's head until its answer has been taken: the largest file over a slow line.
ANSWER_WITHIN_S = 600.0

# a browser opens six to a server: more than thirty people
MOST_CONNECTIONS = 200


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that does not wait for ever for those who say nothing, speak slowly, or do not listen."""

    _deadline: asyncio.TimerHandle | None = None
    _busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take on a connection, unless there are too many."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(transport)
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._wait(HEAD_WITHIN_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of a connection."""
        self._cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; once there is a request the deadline is its answer's."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Be done with a request."""
        super().on_response_complete()
        self._busy = False
        self._cancel()

    def _look(self) -> None:
        # there is no cycle before the first request
        asked = not getattr(self.cycle, "response_complete", True)
        if asked and not self._busy:
            self._busy = True
            self._cancel()
            self._wait(ANSWER_WITHIN_S)
        elif not asked and self._deadline is None and not self.transport.is_closing():
            self._wait(HEAD_WITHIN_S)

    def _wait(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
