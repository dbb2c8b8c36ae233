"""One step of the funnel from calls to responses."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.coverage.replay.bands import Interval


@dataclass(frozen=True)
class FunnelRow:
    """One step: calls that came this far, and those lost on the way here, by reason."""

    step: str
    calls: Interval
    lost: tuple[tuple[str, Interval], ...]
