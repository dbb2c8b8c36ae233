"""How a goal's program is searched, and what is known about it afterwards."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.deployment_pool import DeploymentPool
from coresponse.optimize.solution import Step, Watch, unwatched

# Averages with more non-zeros than this in all are not written out but approached by cuts.
EXPLICIT_MOST = 10_000


@dataclass(frozen=True)
class SolveSettings:
    """How a program is solved.

    Attributes
    ----------
    until
        Moment of the monotonic clock at which to stop.
    gap
        Relative gap at which an answer counts as proven.
    started
        Moment from which steps count their seconds.
    explicit_most
        Averages with more non-zeros than this in all are approached by cuts.
    stopped
        Set where the search is left: what other threads still do for it then ends.
    """

    until: float
    gap: float = 1e-4
    solver: str = "HiGHS"
    seed: int = 1
    watch: Watch = unwatched
    started: float = field(default_factory=time.monotonic)
    explicit_most: float = EXPLICIT_MOST
    stopped: threading.Event = field(default_factory=threading.Event)

    def left(self) -> float:
        """Return the seconds left."""
        return 0.0 if self.stopped.is_set() else self.until - time.monotonic()


@dataclass
class Outcome:
    """What is known about a program.

    Attributes
    ----------
    counts
        The best deployment found; None if none was.
    value
        Its objective; inf if none was found.
    bound
        No deployment has a lower objective; inf if there is none.
    interrupted
        Whether Ctrl-C ended the search.
    pool
        Near-best deployments, each with its objective.
    """

    counts: NDArray[np.int64] | None = None
    value: float = np.inf
    bound: float = -np.inf
    interrupted: bool = False
    steps: list[Step] = field(default_factory=list)
    pool: DeploymentPool = field(default_factory=DeploymentPool)

    @property
    def infeasible(self) -> bool:
        """Whether no deployment keeps all limits and bounds."""
        return self.counts is None and self.bound == np.inf

    def offer(
        self, counts: NDArray[np.int64], value: float, stage: str, settings: SolveSettings
    ) -> None:
        """Take a deployment that keeps all limits into the pool, and tell of it if it is the best."""
        self.pool.offer(counts, value)
        if value < self.value:
            self.counts, self.value = counts, value
            self.tell(stage, settings)

    def raise_bound(self, bound: float, stage: str, settings: SolveSettings) -> None:
        """Take a bound, as far as the best deployment, and tell of it if it is higher."""
        bound = min(bound, self.value)
        if bound > self.bound:
            self.bound = bound
            self.tell(stage, settings)

    def tell(self, stage: str, settings: SolveSettings) -> None:
        """Note a step of the search, and show it to who watches."""
        seconds = time.monotonic() - settings.started
        step = Step(seconds, self.value, self.bound, stage)
        self.steps.append(step)
        settings.watch(step)
