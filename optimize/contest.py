"""Which of many deployments does best in the replay: sequential halving, then search around the winner.

Ranking and selection with common random numbers (Law and Kelton 2000, ch. 10; Karnin, Koren and
Somekh 2013 for halving).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.placing import Placer
from coresponse.optimize.solved import Solved
from coresponse.optimize.trial import LOOK_CALLS, Asked, distinct, standard_error
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Counts

# Busy shares, beside those found, that further plans are made for.
BUSY_FACTORS = (0.6, 0.75, 0.9, 1.1, 1.25)

# Single and double exchanges in the pool, and those that the search around the winner looks at.
#
# With 30 and none the regret was .29 points on average, with the search .04; 540 never beat 100.
NEAR, NEAR_TWO, CLIMBED = 36, 12, 90

# One of so many goes on after each look: on the sample the winner stood among the first 10 of
# 56.
KEEP = 3

# Doublings of a first look: to 128,000 calls.
DOUBLINGS = 3

# Standard errors by which a neighbor must be better to be moved to.
ACCEPT_SE = 2.5

# Standard errors at which a neighbor that seems worse is dropped.
DROP_SE = 1.0

# Replications below which a standard error says little.
LEAST_TO_ACCEPT = 4


def halve(
    trials: Trials, pool: Sequence[Counts], asked: Asked, *, doublings: int = DOUBLINGS
) -> list[Counts]:
    """Return a pool from the best down, the worse half dropped after each look, each look twice as long."""
    looks = trials.replications(LOOK_CALLS, most=16)
    alive = list(pool)
    dropped: list[Counts] = []
    for doubling in range(doublings + 1):
        cost = [float(asked.rank(trials.trial(counts, looks)).mean()) for counts in alive]
        order = np.argsort(cost, kind="stable")
        alive = [alive[k] for k in order]
        if len(alive) <= 2 or doubling == doublings:
            break
        kept = max(2, -(-len(alive) // KEEP))
        dropped = alive[kept:] + dropped
        alive = alive[:kept]
        looks *= 2
    return alive + dropped


def climb(
    trials: Trials,
    start: Counts,
    asked: Asked,
    neighbors: Callable[[Counts], Sequence[Counts]],
    *,
    most: int = 400,
) -> Counts:
    """Move to the first neighbor that is better beyond noise, until none is.

    Parameters
    ----------
    most
        Neighbors looked at in all.
    """
    here, looked = start, 0
    seen: set[bytes] = {start.tobytes()}
    moved = True
    while moved and looked < most and not trials.out_of_time:
        moved = False
        for counts in neighbors(here):
            key = counts.tobytes()
            if key in seen:
                continue
            seen.add(key)
            looked += 1
            if _better(trials, counts, here, asked):
                here, moved = counts, True
                break
            if looked >= most or trials.out_of_time:
                break
    return here


def _better(trials: Trials, counts: Counts, than: Counts, asked: Asked) -> bool:
    """Whether a deployment is better beyond noise, looked at twice as long as long as that is open."""
    looks = trials.replications(LOOK_CALLS / 2, most=16)
    for _ in range(DOUBLINGS + 2):
        less = asked.rank(trials.trial(than, looks)) - asked.rank(trials.trial(counts, looks))
        mean, se = float(less.mean()), standard_error(less)
        if mean + DROP_SE * se <= 0:
            return False
        if looks >= LEAST_TO_ACCEPT and mean > ACCEPT_SE * se:
            return True
        looks *= 2
    return False


def search(
    trials: Trials,
    placer: Placer,
    asked: Asked,
    candidates: Sequence[Counts],
    busy: Mapping[str, float],
    *,
    climbed: int = CLIMBED,
) -> Counts:
    """Return the best in the replay of some candidates and the deployments near the best of them.

    Of several goals in order, the best for the last of them: see :func:`in_order`.
    """
    return in_order(trials, placer, asked, candidates, busy, climbed=climbed)[-1]


def in_order(
    trials: Trials,
    placer: Placer,
    asked: Asked,
    candidates: Sequence[Counts],
    busy: Mapping[str, float],
    *,
    climbed: int = CLIMBED,
) -> list[Counts]:
    """Return the best for each goal in its order, those before it held.

    Where promises' margins are what counts, no goal is pursued.

    Parameters
    ----------
    busy
        Shares by which the model ranks what is near.
    climbed
        Deployments that each step around the winner looks at.
    """
    costs, path = placer.busy(busy), list[Counts]()
    while True:
        pool = distinct([*candidates, *path])
        path.append(_around(trials, placer, asked, pool, costs, climbed))
        if asked.margin or trials.last:
            return path
        trials = trials.holding(path[-1])


def _around(
    trials: Trials,
    placer: Placer,
    asked: Asked,
    candidates: Sequence[Counts],
    costs: Evaluator,
    climbed: int,
) -> Counts:
    first = halve(trials, candidates, asked, doublings=1)[0]
    near = placer.neighbors(costs, first, NEAR) + placer.two_swaps(costs, first, NEAR_TWO)
    ranked = halve(trials, distinct([*candidates, *near]), asked)
    return climb(trials, ranked[0], asked, lambda c: placer.neighbors(costs, c, climbed))


def busy_of(solved: Solved) -> dict[str, float]:
    """Return the busy shares by type that queueing found in the model's answer."""
    return {} if solved.round is None else dict(solved.round.measured)


def plans_of(solved: Solved) -> list[Counts]:
    """Return the plans of all rounds; none where the model finds nothing."""
    rounds = () if solved.rounds is None else solved.rounds.rounds
    plans = [solved.best.solution.counts, *(turn.best.solution.counts for turn in rounds)]
    return distinct(plan for plan in plans if len(plan))
