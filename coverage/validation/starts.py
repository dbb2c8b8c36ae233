"""Where units started from: known, guessed from their own records, or the mean over a replay.

Never the nearest post: that hides how often units are busy (a true speed of 0.70 read as 0.54).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.validation.fit import HUBER

DELAYS_S = (60.0, 120.0, 240.0)
# Delays and factors on drives that guessing begins with: any may be a city's.
SLOWER = np.linspace(0.6, 2.2, 14)

ROUNDS = 10

# Records of a unit from which its post can be guessed: of so many 57% were right, the others
# mostly next door.
LEAST_CALLS = 20


def guess_posts(
    observed_s: NDArray[np.float64],
    unit: NDArray[np.object_],
    from_post_s: NDArray[np.float64],
) -> dict[str, int]:
    """Guess the post of each unit: the one from which its recorded times are best explained.

    Over a grid of delays and speeds, each unit takes the post of least loss; then delay and speed
    are fitted again, and posts taken again, until none changes.

    Parameters
    ----------
    observed_s
        (n,) recorded seconds.
    unit
        (n,) names.
    from_post_s
        (posts, n) stated seconds from each post to each call.

    Returns
    -------
    dict
        Position of the post by unit; units with few records are left out.
    """
    names, index = np.unique(unit.astype(str), return_inverse=True)
    enough = np.bincount(index, minlength=len(names)) >= LEAST_CALLS
    log = np.log(observed_s)

    def posts_of(delay_s: float, slower: float) -> tuple[NDArray[np.int64], float]:
        loss = _loss(log - np.log(delay_s + slower * from_post_s))
        by_unit = np.stack([np.bincount(index, weights=row, minlength=len(names)) for row in loss])
        post = by_unit.argmin(axis=0)
        return post, float(by_unit.min(axis=0)[enough].sum())

    tried = [(posts_of(a, b), a, b) for a in DELAYS_S for b in SLOWER.tolist()]
    (post, _), delay_s, slower = min(tried, key=lambda each: each[0][1])
    for _ in range(ROUNDS):
        drive = from_post_s[post[index], np.arange(len(index))]
        delay_s, slower = _fitted(log, drive, delay_s, slower)
        again, _ = posts_of(delay_s, slower)
        if (again == post).all():
            break
        post = again
    return {
        str(name): int(at)
        for name, at, known in zip(names, post, enough, strict=True)
        if known and name
    }


def _loss(rest: NDArray[np.float64], scale: float = 0.3) -> NDArray[np.float64]:
    """Return Huber's loss of logs; 0.3 is the spread that drives have."""
    size = np.abs(rest) / scale
    return np.where(size <= HUBER, size**2 / 2, HUBER * (size - HUBER / 2))


def _fitted(
    log: NDArray[np.float64], drive: NDArray[np.float64], delay_s: float, slower: float
) -> tuple[float, float]:
    """Refine delay and speed on a grid around where they are."""
    near = np.exp(np.linspace(-0.3, 0.3, 13))
    grid = [(a, b) for a in delay_s * near for b in slower * near]
    return min(
        ((float(a), float(b)) for a, b in grid),
        key=lambda at: float(_loss(log - np.log(at[0] + at[1] * drive)).sum()),
    )


def replayed_seconds(
    runs: Sequence[ReplayRun], seconds: NDArray[np.float64], kind: str | None = None
) -> NDArray[np.float64]:
    """Return (n, groups) stated seconds of each call's drive, mean over the units that replays send.

    Parameters
    ----------
    runs
        Replays of the same calls by today's deployment.
    seconds
        (posts, n, groups), posts as in the fleet's arrays.
    kind
        Responder type whose units count; None: all.

    Returns
    -------
    numpy.ndarray
        NaN where no replay sends a unit.
    """
    total = np.zeros(seconds.shape[1:])
    count = np.zeros(seconds.shape[1])
    for run in runs:
        call = _sent(run, kind)
        total[call] += seconds[run.fleet.arrays.post[run.record.server[call]], call]
        count[call] += 1
    return np.asarray(np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], np.nan))


def replayed_log_variance(
    runs: Sequence[ReplayRun], seconds: NDArray[np.float64], kind: str, delay_s: float
) -> float:
    """Return the mean variance, over replays, of the logarithm of a call's time from dispatch to arrival.

    Parameters
    ----------
    seconds
        (posts, n), posts as in the fleet's arrays.
    delay_s
        Before the drive.
    """
    logs = np.full((len(runs), seconds.shape[1]), np.nan)
    for row, run in zip(logs, runs, strict=True):
        call = _sent(run, kind)
        way = delay_s + seconds[run.fleet.arrays.post[run.record.server[call]], call]
        row[call] = np.log(np.maximum(way, 1.0))
    often = np.isfinite(logs).sum(axis=0) > 1
    return float(np.nanvar(logs[:, often], axis=0, ddof=1).mean()) if often.any() else 0.0


def _sent(run: ReplayRun, kind: str | None) -> NDArray[np.int64]:
    """Return positions of the calls that units of a type went to."""
    sent = run.record.server >= 0
    if kind is not None:
        mine = np.array([option.responder_type == kind for option in run.fleet.options])
        sent &= mine[run.record.server]
    return np.flatnonzero(sent)
