"""What agencies save together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coresponse.data.agencies import Agencies
from coresponse.data.limits import Limits
from coresponse.optimize.case import Case
from coresponse.questions.agencies.judge import Way
from coresponse.questions.agencies.split import shares_of
from coresponse.questions.answer import Plan

# Ways with floors under agencies that are worse off in another, by that one's name.
MENDED = {"together": "nobody-worse", "stated": "stated-nobody-worse"}


@dataclass(frozen=True, eq=False)
class TogetherResults:
    """Agencies alone and together.

    Attributes
    ----------
    case
        The study's own question.
    alone
        By agency, its own plan; None where it can have none, and `why_not` says why.
    limits
        By agency, what it may use alone.
    pooled
        What all may use together: what each has, added up.
    stated
        What the study states for all, where that is not the same; None otherwise.
    alone_dollars
        (agencies,) what each spends alone a year, its own phone desk included.
    ways
        By name, today first.
    not_found
        By name of a way, why there is none.
    shares
        By what a cost is split by (calls served in a way: by the way's name), (agencies,) adding up
        to 1; None where it is not known.
    past_calls
        (agencies,) eligible calls of the history.
    agency_of_cell
        (demand cells,) position of each one's agency.
    figure
        What an agency is better or worse off by: its mean wait, or its share in time where that is
        the goal.
    """

    case: Case
    agencies: Agencies
    alone: Mapping[str, Plan | None]
    why_not: Mapping[str, str]
    limits: Mapping[str, Limits]
    pooled: Limits
    alone_dollars: NDArray[np.float64]
    ways: Mapping[str, Way]
    not_found: Mapping[str, str]
    shares: Mapping[str, NDArray[np.float64] | None]
    past_calls: NDArray[np.int64]
    agency_of_cell: NDArray[np.int64]
    figure: str
    stated: Limits | None = None

    def split(self, way: Way, by: str) -> NDArray[np.float64] | None:
        """Return (agencies,) each one's share of a way's cost; None where it is not known.

        Parameters
        ----------
        by
            ``calls`` (served in this way), ``population`` or ``key``.
        """
        if by == "calls":
            return shares_of(way.calls.reached.sum(axis=0)[1:])
        return self.shares.get(by)
