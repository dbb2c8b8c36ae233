"""Calls that need two roles from different fleets.

An officer and a clinician who drive by themselves.

Each fleet is solved by itself; who comes from the one is taken as independent of who comes from the
other. Against simulation the mean of the later arrival came out 0 to 7% too long and the chance
that both come up to 5 points too low, worst where most of the officers' work is these very calls:
use the replay for those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.queueing.system import QueueAnswer
from coresponse.data.errors import InputError

MEAN_BIAS = (0.0, 0.07)
"""Relative bias of `both_s` against simulation: too long by this much."""

BOTH_BIAS = (-0.05, 0.0)
"""Bias of `both` against simulation, in shares: too low by this much."""


@dataclass(frozen=True, eq=False)
class JointResponse:
    """Two roles on the same calls; each (rows,), times NaN where they never happen.

    Attributes
    ----------
    both, only_first_role, only_second_role, neither
        Shares of the row's calls that get these; they add up to 1.
    soonest_s
        Mean time to whoever comes first, of calls that get somebody.
    both_s
        Mean time until both are there, of calls that get both.
    first_alone_s
        Mean time that the first role is there without the second, of calls that get both.
    """

    both: NDArray[np.float64]
    only_first_role: NDArray[np.float64]
    only_second_role: NDArray[np.float64]
    neither: NDArray[np.float64]
    soonest_s: NDArray[np.float64]
    both_s: NDArray[np.float64]
    first_alone_s: NDArray[np.float64]


def joint_response(
    first: QueueAnswer, second: QueueAnswer, *, staging_s: float = 0.0
) -> JointResponse:
    """Combine the answers for two fleets over the same rows.

    Parameters
    ----------
    first, second
        Such as officers and clinicians.
    staging_s
        Added once both are there, until they go in together.

    Raises
    ------
    InputError
        If the rows differ in number, or calls wait in queues (the waits of the two fleets would not
        be independent).
    """
    if first.dispatch.shape[1] != second.dispatch.shape[1]:
        raise InputError("the two fleets must be solved for the same rows of demand")
    if (first.delayed > 0).any() or (second.delayed > 0).any():
        raise InputError("two roles are combined only where calls do not wait for a unit")
    f, g = first.dispatch, second.dispatch
    t, u = _times(first), _times(second)
    pair = f[:, None, :] * g[None, :, :]
    later = np.maximum(t[:, None, :], u[None, :, :])
    sooner = np.minimum(t[:, None, :], u[None, :, :])
    alone = np.maximum(u[None, :, :] - t[:, None, :], 0.0)
    both = pair.sum(axis=(0, 1))
    only_first, only_second = f.sum(axis=0) * second.lost, g.sum(axis=0) * first.lost
    some = (
        (pair * sooner).sum(axis=(0, 1))
        + (f * t).sum(axis=0) * second.lost
        + (g * u).sum(axis=0) * first.lost
    )
    return JointResponse(
        both=both,
        only_first_role=only_first,
        only_second_role=only_second,
        neither=first.lost * second.lost,
        soonest_s=_mean(some, both + only_first + only_second),
        both_s=_mean((pair * later).sum(axis=(0, 1)), both) + staging_s,
        first_alone_s=_mean((pair * alone).sum(axis=(0, 1)), both),
    )


def _times(answer: QueueAnswer) -> NDArray[np.float64]:
    return np.where(np.isfinite(answer.system.response_s), answer.system.response_s, 0.0)


def _mean(total: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(total, share, out=np.full_like(total, np.nan), where=share > 0)
