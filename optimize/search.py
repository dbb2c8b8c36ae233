"""Local search.

A good deployment fast, by adding what saves most and exchanging what is worth least.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.optimize.evaluate import Evaluator
from coresponse.optimize.problem import Problem
from coresponse.optimize.work_limit import WorkLimit

# Relative gain below which an exchange is not made.
WORTHWHILE = 1e-9

# Exchanges looked at in a round, and how many may disappoint before all are priced anew.
TRIED, FAILED = 200, 3

# Entries of costs, or columns if these are more, that are looked around on before all are used.
SAMPLE, SAMPLE_ROWS = 1_000_000, 4_000

# Looking around after a relaxation.
#
# Columns of a sample, random changes on each, most samples, most without success.
AROUND_ROWS, AROUND_KICKS, AROUND_ROUNDS, AROUND_FAILED = 10_000, 100, 8, 3

# The same, changes and rounds without success, where no sample is needed: rounds differ by chance
# alone, and boxes close what is left sooner than a long look around finds it.
ALL_KICKS, ALL_FAILED = 20, 1

# What an option that the relaxation hardly uses is as likely as.
UNLIKELY = 0.02


# Called with deployments that keep the limits, and their cost on all columns.
Note = Callable[[NDArray[np.float64], float], None]


def _unnoted(counts: NDArray[np.float64], value: float) -> None:
    del counts, value


@dataclass(frozen=True, eq=False)
class Room:
    """How much room the limits leave; with `only`, for deployments of some of the options."""

    coefficients: NDArray[np.float64]
    at_least: NDArray[np.float64]
    at_most: NDArray[np.float64]
    most: NDArray[np.int64]
    problem: Problem
    only: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, problem: Problem) -> Room:
        """Gather a problem's limits."""
        m = problem.n_options
        rows = [limit.coefficients for limit in problem.limits]
        low = [-np.inf if limit.at_least is None else limit.at_least for limit in problem.limits]
        high = [np.inf if limit.at_most is None else limit.at_most for limit in problem.limits]
        matrix = np.array(rows, dtype=np.float64).reshape(len(rows), m)
        return cls(
            matrix,
            np.array(low, dtype=np.float64),
            np.array(high, dtype=np.float64),
            problem.most,
            problem,
        )

    def among(self, options: NDArray[np.int64]) -> Room:
        """Return the room for deployments of some options."""
        return replace(
            self, coefficients=self.coefficients[:, options], most=self.most[options], only=options
        )

    def may_add(self, counts: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say of which options one more keeps all limits from above and breaks none from below that holds."""
        used = self.coefficients @ counts
        after = used[:, None] + self.coefficients
        slack = 1e-7 * np.maximum(1.0, np.abs(used))[:, None]
        fits = (after <= self.at_most[:, None] + slack) & (
            (after >= self.at_least[:, None] - slack) | (self.coefficients >= 0)
        )
        return np.asarray(fits.all(axis=0) & (counts < self.most))

    def fits(self, counts: NDArray[np.float64]) -> bool:
        """Whether a deployment keeps all limits from above."""
        used = self.coefficients @ counts
        slack = 1e-7 * np.maximum(1.0, np.abs(used))
        return bool((used <= self.at_most + slack).all() and (counts <= self.most).all())

    def holds(self, counts: NDArray[np.float64]) -> bool:
        """Whether a deployment keeps all limits."""
        used = self.coefficients @ counts
        slack = 1e-7 * np.maximum(1.0, np.abs(used))
        return bool(
            (used <= self.at_most + slack).all()
            and (used >= self.at_least - slack).all()
            and (counts <= self.most).all()
            and self._keeps_today(counts)
        )

    def _keeps_today(self, counts: NDArray[np.float64]) -> bool:
        if self.problem.moves_at_most is None:
            return True
        everything = counts
        if self.only is not None:
            everything = np.zeros(self.problem.n_options)
            everything[self.only] = counts
        return self.problem.keeps_today(everything)


def improve(
    evaluator: Evaluator, room: Room, counts: NDArray[np.float64], *, stop: Callable[[], bool]
) -> tuple[float, NDArray[np.float64]]:
    """Add what fits and exchange one for one until nothing helps or it is time to stop.

    Each round prices all exchanges in one pass over the costs, and makes the best one and whichever
    others still help after it.

    Parameters
    ----------
    counts
        A deployment that keeps the limits.

    Returns
    -------
    float
        Cost.
    numpy.ndarray
        Counts.
    """
    counts = counts.copy()
    value = _fill(evaluator, room, counts, stop)
    while not stop():
        support, change = evaluator.exchanges(counts)
        before = value
        touched: set[int] = set()
        failed = 0
        for flat in least_of(change, TRIED):
            r, o = np.unravel_index(flat, change.shape)
            out = int(support[r])
            if change[r, o] >= -WORTHWHILE * abs(value) - 1e-12 or failed >= FAILED:
                break
            if touched and evaluator.near is not None:
                break  # to price all anew costs no more than to try a second one
            if out in touched or int(o) in touched:
                continue
            counts[out] -= 1
            counts[o] += 1
            found = np.inf
            if room.holds(counts):
                # the first one's price is exact
                exact = evaluator.all_free and not touched
                found = value + float(change[r, o]) if exact else evaluator.value(counts)
            if found < value - WORTHWHILE * abs(value) - 1e-12:
                value = found
                touched |= {out, int(o)}
            else:
                counts[out] += 1
                counts[o] -= 1
                # after one that was made, others may have lost their worth
                failed += bool(touched)
        if touched:
            value = _fill(evaluator, room, counts, stop, value)
        if value >= before:
            break
    return evaluator.value(counts), counts


def least_of(change: NDArray[np.float64], number: int) -> NDArray[np.int64]:
    """Return so many flat positions of the least entries, the least first."""
    flat = change.ravel()
    place = np.argpartition(flat, number)[:number] if len(flat) > number else np.arange(len(flat))
    return np.asarray(place[np.argsort(flat[place], kind="stable")])


def _fill(
    evaluator: Evaluator,
    room: Room,
    counts: NDArray[np.float64],
    stop: Callable[[], bool],
    value: float | None = None,
) -> float:
    """Add the option that saves most while one fits.

    Changes `counts`, returns the cost, which may be known already.
    """
    while True:
        fits = room.may_add(counts)
        if not fits.any():
            return evaluator.value(counts) if value is None else value
        value, gain = evaluator.gains(counts)
        gain = np.where(fits, gain, 0.0)
        best = int(np.argmax(gain))
        if gain[best] <= abs(value) * 1e-12 or stop():
            return value
        counts[best] += 1
        value = None


def several_starts(
    evaluator: Evaluator,
    room: Room,
    start: NDArray[np.float64],
    *,
    seed: int,
    starts: int,
    work_limit: WorkLimit,
    note: Note = _unnoted,
) -> tuple[float, NDArray[np.float64]]:
    """Improve from a start and from random changes of the best so far; the best of all.

    A large city is looked around on a sample of its columns, and what is best there is improved on
    all.
    """
    if not _is_large(evaluator):
        rng = np.random.default_rng(seed)
        return _kicked(evaluator, room, start, rng, starts, work_limit, note=note)
    _, found = _kicked(
        _sample(evaluator, seed), room, start, np.random.default_rng(seed), starts, work_limit
    )
    return improve(evaluator, room, found, stop=work_limit.out_of_time)


def look_around(
    evaluator: Evaluator,
    room: Room,
    start: NDArray[np.float64],
    relaxed: NDArray[np.float64],
    *,
    seed: int,
    work_limit: WorkLimit,
) -> tuple[float, NDArray[np.float64]]:
    """Improve from random changes of a deployment among the options that a relaxation uses, the more the likelier.

    Each round in a large city looks around on another sample of its columns, and improves what is
    best there on all.
    """
    value, best = evaluator.value(start), start
    sampled = len(evaluator.weight) > AROUND_ROWS
    kicks, most_failed = (AROUND_KICKS, AROUND_FAILED) if sampled else (ALL_KICKS, ALL_FAILED)
    failed = 0
    for number in range(AROUND_ROUNDS):
        if work_limit.spent:
            break
        among = np.flatnonzero((relaxed > 1e-6) | (best > 0))
        rng = np.random.default_rng([seed, number])
        here = evaluator.sampled(AROUND_ROWS, seed + number).among(among)
        found = np.zeros(len(start))
        _, found[among] = _kicked(
            here,
            room.among(among),
            best[among],
            rng,
            kicks,
            work_limit,
            relaxed[among] + UNLIKELY,
        )
        cost, found = improve(evaluator, room, found, stop=work_limit.out_of_time)
        if cost < value * (1 - WORTHWHILE):
            value, best = cost, found
            continue
        failed += 1
        if failed >= most_failed:
            break
    return value, best


def improve_fast(
    evaluator: Evaluator,
    room: Room,
    counts: NDArray[np.float64],
    relaxed: NDArray[np.float64],
    *,
    seed: int,
    stop: Callable[[], bool],
) -> tuple[float, NDArray[np.float64]]:
    """Improve a rounded deployment as :func:`improve` does, in a large city on a sample first.

    Where costs have lists of nearest options, the sample is of the options that the relaxation
    uses.
    """
    if evaluator.near is None:
        if _is_large(evaluator):
            _, counts = improve(_sample(evaluator, seed), room, counts, stop=stop)
    elif len(evaluator.weight) > 2 * AROUND_ROWS:
        among, found = np.flatnonzero((relaxed > 1e-6) | (counts > 0)), np.zeros(len(counts))
        here = evaluator.sampled(AROUND_ROWS, seed).among(among)
        _, found[among] = improve(here, room.among(among), counts[among], stop=stop)
        counts = found
    return improve(evaluator, room, counts, stop=stop)


def _sample_rows(evaluator: Evaluator) -> int:
    return max(SAMPLE_ROWS, SAMPLE // max(1, evaluator.n_options))


def _is_large(evaluator: Evaluator) -> bool:
    return len(evaluator.weight) > 2 * _sample_rows(evaluator)


def _sample(evaluator: Evaluator, seed: int) -> Evaluator:
    return evaluator.sampled(_sample_rows(evaluator), seed)


def _kicked(
    evaluator: Evaluator,
    room: Room,
    start: NDArray[np.float64],
    rng: np.random.Generator,
    starts: int,
    work_limit: WorkLimit,
    likely: NDArray[np.float64] | None = None,
    note: Note = _unnoted,
) -> tuple[float, NDArray[np.float64]]:
    """Change the best at random and improve it, so many times.

    Options come in as `likely` says, else all alike.
    """

    def done() -> bool:
        return not work_limit.take(evaluator.size)

    value, best = improve(evaluator, room, start, stop=done)
    for _ in range(starts - 1):
        if work_limit.spent:
            break
        trial = best.copy()
        placed = np.flatnonzero(trial)
        kick = int(rng.integers(1, max(2, len(placed) // 4) + 1))
        for out in (
            rng.choice(placed, size=min(kick, len(placed)), replace=False) if len(placed) else ()
        ):
            trial[out] -= 1
            fits = np.flatnonzero(room.may_add(trial))
            if len(fits):
                weight = (
                    None
                    if likely is None or not likely[fits].any()
                    else likely[fits] / likely[fits].sum()
                )
                trial[rng.choice(fits, p=weight)] += 1
        if not room.holds(trial):
            continue
        found, trial = improve(evaluator, room, trial, stop=done)
        note(trial, found)
        if found < value * (1 - 1e-9):
            value, best = found, trial
    return value, best
