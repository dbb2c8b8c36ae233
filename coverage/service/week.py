"""The shape of the week: how a week's calls fall on its 168 hours, drawn towards a plainer shape as far as calls are few.

Each step is a Dirichlet-multinomial: counts n of N calls over cells with prior shares m give the
shares (n + A m) / (N + A), where A is what the prior is worth in calls. A is not chosen: shares are
averaged over A by how well each explains the counts, so that flat weeks stay flat, and sharp ones
sharp (empirical Bayes; Good 1965, *The Estimation of Probabilities*). Nothing is smoothed from hour
to hour: closed hours with few calls keep few.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from coresponse.data.hours import HOURS_A_WEEK, WeekHours

# Calls that a flat day is worth against recorded shares of the blocks of the day.
#
# Little: 30 calls should tell day from night.
FLAT_PRIOR = 2.0

# Calls that the agency's other calls are worth there: they are a guess with a reason.
BORROWED_PRIOR = 10.0

# Blocks of the day that are told apart first; more would each rest on too few calls.
MOST_BLOCKS = 6

# A's that shares are averaged over: from a call's worth to no departure at all.
STRENGTHS = np.geomspace(1.0, 1e6, 49)

_HOUR_OF_DAY = np.arange(HOURS_A_WEEK) % 24
_DAY = np.arange(HOURS_A_WEEK) // 24


def day_blocks(
    patterns: Iterable[WeekHours], on_duty: WeekHours | None = None
) -> NDArray[np.int64]:
    """Return (24,) the block of each hour of the day, cut where shifts begin or end on any day.

    More than :data:`MOST_BLOCKS` are reduced by joining the two shortest neighbors. Blocks run
    around midnight.

    Parameters
    ----------
    on_duty
        Hours in which anybody can be: no block crosses their edges, whatever is joined.
    """
    kept = _edges([] if on_duty is None else [on_duty])
    edges = np.union1d(_edges(patterns), kept)
    while len(edges) > MOST_BLOCKS:
        length = np.diff(np.r_[edges, edges[0] + 24])
        joined = length + np.roll(length, 1)  # the block that dropping each edge would make
        if len(kept) <= MOST_BLOCKS:
            joined[np.isin(edges, kept)] = 25
        edges = np.delete(edges, int(joined.argmin()))
    if len(edges) < 2:
        return np.zeros(24, dtype=np.int64)
    return np.asarray((np.searchsorted(edges, np.arange(24), side="right") - 1) % len(edges))


def _edges(patterns: Iterable[WeekHours]) -> NDArray[np.int64]:
    edge = np.zeros(24, dtype=bool)
    for hours in patterns:
        on = hours.mask()
        edge[np.flatnonzero(on != np.roll(on, 1)) % 24] = True
    return np.flatnonzero(edge)


def week_shape(
    count: NDArray[np.float64],
    exposure_h: NDArray[np.float64],
    *,
    blocks: NDArray[np.int64],
    prior: NDArray[np.float64] | None = None,
    dispersion: float = 1.0,
) -> NDArray[np.float64]:
    """Return (168,) shares of a week's calls by hour of the week.

    From the plain to the fine: block of the day, hour of the day, day of the week, hour of each
    day; each step starts from the shape of the one before.

    Parameters
    ----------
    count
        (168,) calls seen in each hour of the week.
    exposure_h
        (168,) how many such hours were seen.
    blocks
        (24,) from :func:`day_blocks`.
    prior
        (168,) shape to start from, such as that of the agency's other calls; default: flat.
    dispersion
        Variance over mean of a day's calls: calls of one day that come together tell less of days
        of the week than as many calls apart.
    """
    shape = np.full(HOURS_A_WEEK, 1 / HOURS_A_WEEK) if prior is None else prior / prior.sum()
    if count.sum() <= 0 or (exposure_h * shape).sum() <= 0:
        return shape
    worth = np.array([FLAT_PRIOR if prior is None else BORROWED_PRIOR])
    shape = _drawn(shape, count, exposure_h, blocks[_HOUR_OF_DAY], worth)
    # hours within a block go on from the block's own share: no call crosses the edge of a shift
    shape = _drawn(shape, count, exposure_h, _HOUR_OF_DAY, STRENGTHS)
    shape = _drawn(shape, count / max(dispersion, 1.0), exposure_h, _DAY, STRENGTHS)
    return _hours_of_each_day(shape, count, exposure_h)


def _drawn(
    shape: NDArray[np.float64],
    count: NDArray[np.float64],
    exposure_h: NDArray[np.float64],
    cell: NDArray[np.int64],
    strengths: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Move the shares of cells towards their counts; within a cell the shape stays."""
    seen = shape * exposure_h
    meant = np.bincount(cell, weights=seen) / seen.sum()
    found = np.asarray(np.bincount(cell, weights=count), dtype=np.float64)
    known = meant > 0
    share = np.zeros_like(meant)
    share[known] = shares(found[None, known], meant[known], strengths)[0]
    factor = np.divide(share, meant, out=np.ones_like(meant), where=known)
    out = shape * factor[cell]
    return np.asarray(out / out.sum())


def _hours_of_each_day(
    shape: NDArray[np.float64], count: NDArray[np.float64], exposure_h: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move the hours within each day; each day's own share stays."""
    by_day = shape.reshape(7, 24)
    total = by_day.sum(axis=1, keepdims=True)
    seen = (exposure_h.reshape(7, 24) > 0).all(axis=1)
    prior = np.divide(by_day, total, out=np.full((7, 24), 1 / 24), where=total > 0)
    inside = prior.copy()
    inside[seen] = shares(count.reshape(7, 24)[seen], prior[seen], STRENGTHS)
    out = (inside * total).ravel()
    return np.asarray(out / out.sum())


def shares(
    count: NDArray[np.float64], prior: NDArray[np.float64], strengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (groups, cells) shares of counts drawn towards prior shares, averaged over what these are worth.

    Parameters
    ----------
    count
        (groups, cells); the groups share one A.
    prior
        (cells,) or (groups, cells), each adding up to 1; all above 0 where there are counts.
    strengths
        (k,) values of A, all as likely before the counts.
    """
    n, total = count[None], count.sum(axis=1)[None]
    a = strengths[:, None, None]
    pseudo = a * np.maximum(prior, 1e-12)
    likelihood = (gammaln(strengths)[:, None] - gammaln(strengths[:, None] + total)) + (
        gammaln(pseudo + n) - gammaln(pseudo)
    ).sum(axis=2)
    each = likelihood.sum(axis=1)
    weight = np.exp(each - logsumexp(each))
    estimate = (n + pseudo) / (total[:, :, None] + a)
    out = (weight[:, None, None] * estimate).sum(axis=0)
    return np.asarray(out / out.sum(axis=1, keepdims=True))
