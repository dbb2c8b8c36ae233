"""Our own clock over solvers that run as programs of their own.

One that hangs is ended, one that we leave is not left behind.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from coresponse.data.errors import SolverError

# Beyond its time limit a solver may take so long, and a tenth of the limit, to write its
# answer.
GRACE_S = 20.0


class Ended:
    """Whether the clock had to end a solver."""

    def __init__(self) -> None:
        self.by_clock = False


@contextmanager
def own_clock(time_limit_s: float) -> Iterator[Ended]:
    """End every program that is started within the block and still runs when the time is up, or when the block ends.

    PuLP waits for a solver's program without a limit of its own, and hands on the time limit only
    as a wish.

    Yields
    ------
    Ended
        Says afterwards whether one was ended for its time.
    """
    started: list[subprocess.Popen[Any]] = []
    plain = subprocess.Popen
    ended = Ended()

    class Watched(plain):  # type: ignore[misc,valid-type]
        """A program that is remembered."""

        def __init__(self, *arguments: Any, **settings: Any) -> None:
            super().__init__(*arguments, **settings)
            started.append(self)

    def time_is_up() -> None:
        for program in started:
            if program.poll() is None:
                ended.by_clock = True
                program.kill()

    timer = threading.Timer(time_limit_s * 1.1 + GRACE_S, time_is_up)
    timer.daemon = True
    subprocess.Popen = Watched  # type: ignore[misc]
    timer.start()
    try:
        yield ended
    finally:
        subprocess.Popen = plain  # type: ignore[misc]
        timer.cancel()
        for program in started:
            if program.poll() is None:
                program.kill()
                program.wait()


@contextmanager
def watched(name: str, time_limit_s: float) -> Iterator[str]:
    """Let a solver work within the block, under our own clock and in a folder of its own.

    Yields
    ------
    str
        The folder, which is taken away afterwards.

    Raises
    ------
    SolverError
        If the solver crashes, hangs, or answers with something that cannot be read.
    """
    began = time.monotonic()
    ended = Ended()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="coresponse-solver-") as folder,
            own_clock(time_limit_s) as ended,
        ):
            yield folder
    except Exception as error:  # PuLP's own, and whatever reading a broken answer raises
        if not ended.by_clock:
            raise SolverError(
                f"solver {name} failed after {time.monotonic() - began:.1f} s: {error}"
            ) from error
    if ended.by_clock:
        raise SolverError(
            f"solver {name} did not stop at its time limit of {time_limit_s:.0f} s and was ended "
            f"after {time.monotonic() - began:.0f} s -- use another solver (HiGHS is always there)"
        )
