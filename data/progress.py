"""How long work reports itself: a callable that the front door turns into a progress bar."""

from __future__ import annotations

from typing import Protocol

# Parts a stage's name from a detail that may change from call to call.
DETAIL = " -- "


class Progress(Protocol):
    """Called by long work; must be cheap and must not raise, except KeyboardInterrupt."""

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Say that `done` of `total` units of `stage` (words for people) are finished.

        A `total` of 0 is no work, but a word that stays to be read.
        """


def silent(stage: str, done: float, total: float) -> None:
    """Report nothing."""
    del stage, done, total
