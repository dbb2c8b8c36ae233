"""Deployments tried out in the replay, all on the same chances, each replication once.

Two deployments are compared replication by replication (common random numbers): their difference
needs 5 to 80 times fewer replications than that of independent runs (measured).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.replay.quick import QuickReplay
from coresponse.coverage.replay.replication import Replayed, Replication
from coresponse.optimize.case import Case
from coresponse.optimize.trial import SUMMED, Asked, Trial, standard_error
from coresponse.optimize.verdict import Counts
from coresponse.optimize.yardstick import Yardstick

# First replication that choices are made on: figures are shown of replications from 0 on.
CHOOSE_FROM = 1_000_000

# Calls of a replication that choices are made on, as far as it is no longer than a shown one.
CHOICE_CALLS = 8_000

# Calls of replications that are kept ready (250 MB).
KEPT_CALLS = 3_000_000

# Standard errors by which a goal that is held must be missed to count as missed.
HELD_SE = 1.0

# Replications of a deployment that are replayed side by side: most trials have two or four.
WORKERS = 2


@dataclass(frozen=True, eq=False)
class Trials:
    """A case's replay, ready for many deployments.

    Attributes
    ----------
    case, setup
        What is replayed.
    quick
        The replay.
    yardstick
        What is measured.
    start
        First replication.
    weeks
        Length of a replication; None: as of those that figures are shown of.
    until
        When searches in the replay have to end, by :func:`time.monotonic`.
    held
        The best for each goal before the one that is pursued: another may not do worse by it, but
        for what the goals give, and for noise.
    """

    case: Case
    setup: EvaluationSetup
    quick: QuickReplay
    yardstick: Yardstick
    start: int = CHOOSE_FROM
    weeks: int | None = None
    until: float = float("inf")
    held: tuple[Counts, ...] = ()
    _scenes: OrderedDict[int, Replication] = field(default_factory=OrderedDict, repr=False)
    _known: dict[bytes, Trial] = field(default_factory=dict, repr=False)
    # one for all deployments: a replay takes a few milliseconds, the start of a thread one of them
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(WORKERS), repr=False
    )

    def __getstate__(self) -> dict[str, Any]:
        """Leave the threads behind: workers of a cluster start their own."""
        return {name: value for name, value in vars(self).items() if name != "_pool"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin again in another process."""
        for name, value in (*state.items(), ("_pool", ThreadPoolExecutor(WORKERS))):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, case: Case, setup: EvaluationSetup, *, until: float = float("inf")) -> Trials:
        """Prepare the replications that choices are made on."""
        calls = setup.scenes[0].calls
        a_week = max(calls.n, 1) / calls.weeks
        weeks = int(np.clip(np.ceil(CHOICE_CALLS / a_week), 1, calls.weeks))
        yardstick = Yardstick(case, calls.class_names)
        setup = setup.with_drives_from({option.post_id for option in case.options})
        quick = QuickReplay.of(setup, case.options)
        return cls(case, setup, quick, yardstick, weeks=weeks, until=until)

    def fresh(self) -> Trials:
        """Return other replications: those that figures are shown of, and more like them."""
        return replace(self, start=0, weeks=None, _scenes=OrderedDict(), _known={})

    def asked(self, *, budget: float | None = None, margin: bool = False) -> Asked:
        """Return what a contest on these is about: what the yardstick promises, within a budget."""
        promises = self.yardstick.promises
        return Asked(
            np.array([p.at_most for p in promises]),
            np.array([p.scale for p in promises]),
            budget,
            margin,
        )

    def asking(self, case: Case) -> Trials:
        """Return the same replications for another question to the same city."""
        yardstick = Yardstick(case, self.yardstick.class_names)
        return replace(self, case=case, yardstick=yardstick, held=(), _known={})

    def holding(self, counts: Counts) -> Trials:
        """Return the same, for the next goal: a deployment is the best for the one pursued so far."""
        return replace(self, held=(*self.held, counts))

    @property
    def last(self) -> bool:
        """Whether no goal follows the one that is pursued."""
        return len(self.held) == len(self.yardstick.order) - 1

    @property
    def out_of_time(self) -> bool:
        """Whether searches have to end: only then does a clock decide what is found."""
        return time.monotonic() > self.until

    @property
    def calls_a_replication(self) -> int:
        """Calls of one replication."""
        calls = self.setup.scenes[0].calls
        return max(1, round(calls.n * (self.weeks or calls.weeks) / calls.weeks))

    def replications(self, calls: float, *, least: int = 2, most: int = 128) -> int:
        """Return how many replications hold so many calls."""
        return int(np.clip(np.ceil(calls / self.calls_a_replication), least, most))

    def trial(self, counts: Counts, replications: int) -> Trial:
        """Try a deployment out."""
        found = self._tried(counts, replications)
        if not self.held:
            return found
        return replace(found, place=len(self.held), beyond=self._beyond(found))

    def _beyond(self, found: Trial) -> float:
        """Return by how much the goals that are held are missed, each in its scale."""
        give, beyond = getattr(self.case.goal, "give", 0.0), 0.0
        for k, counts in enumerate(self.held if found.replications > 1 else ()):
            best = self._tried(counts, found.replications).goals[:, k]
            more = found.goals[:, k] - best - give * np.abs(best)
            mean, scale = float(more.mean()), self.yardstick.scale(k)
            if mean > HELD_SE * standard_error(more) + SUMMED * scale:
                beyond += mean / scale
        return beyond

    def _tried(self, counts: Counts, replications: int) -> Trial:
        key = counts.astype(np.int64).tobytes()
        known = self._known.get(key)
        done = 0 if known is None else known.replications
        if done < replications:
            more = self._replayed(counts, done, replications)
            known = more if known is None else known.then(more)
            self._known[key] = known
        if known is None:  # no replication was asked for
            known = self._replayed(counts, 0, 0)
        return known.first(replications)

    def let_go(self) -> None:
        """Let go of the replications that are kept ready: they are drawn again where one is needed."""
        self._scenes.clear()

    @property
    def tried(self) -> int:
        """Number of deployments that were tried out."""
        return len(self._known)

    def _replayed(self, counts: Counts, begin: int, end: int) -> Trial:
        n, yardstick = end - begin, self.yardstick
        goals, dollars = np.empty((n, len(yardstick.order))), np.empty(n)
        promised = np.empty((n, len(yardstick.promises)))
        calls, busy = np.empty((n, len(counts))), np.empty((n, len(counts)))
        units, centers_s = float(counts.sum()), yardstick.centers_s(counts)
        scenes = [self._scene(self.start + k) for k in range(begin, end)]
        for k, (scene, done) in enumerate(zip(scenes, self._played(scenes, counts), strict=True)):
            calls[k], busy[k] = done.calls / scene.weeks, done.busy_h / scene.weeks
            dollars[k] = yardstick.dollars(counts, calls[k] * self._usual(scene))
            goals[k] = yardstick.goals(scene, done, units, float(dollars[k]), centers_s)
            promised[k] = yardstick.promised(scene, done.wait_s)
        return Trial(goals, promised, dollars, calls, busy)

    def _played(self, scenes: Sequence[Replication], counts: Counts) -> Iterable[Replayed]:
        """Replay a deployment through replications, side by side: the kernel lets go of the interpreter's lock."""
        if len(scenes) <= 1:
            return [self.quick.replay(scene, counts) for scene in scenes]
        return self._pool.map(lambda scene: self.quick.replay(scene, counts), scenes)

    def _usual(self, scene: Replication) -> float:
        """Return how many calls are usual for one that there is, where choices are made.

        A ratio estimator: of few replications what is spent is then known to a fraction of a
        percent. Shown figures are of the calls as they were drawn.
        """
        drawn = self.setup.drawn
        if self.start == 0 or drawn is None or not len(scene.rows):
            return 1.0
        a_week = float(drawn.arrivals.rate_per_h.sum()) * drawn.demand
        return a_week * scene.weeks / len(scene.rows)

    def _scene(self, number: int) -> Replication:
        scene = self._scenes.get(number)
        if scene is None:
            scene = self.quick.scene(self.setup.further_scene(number, weeks=self.weeks))
            self._scenes[number] = scene
            while len(self._scenes) * self.calls_a_replication > KEPT_CALLS:
                self._scenes.popitem(last=False)
        return scene
