"""What a deployment does in a scenario.

Responders that are not there, and queues among those that are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from coresponse.coverage.service.model import ServiceModel
from coresponse.data.options import Deployment, Option
from coresponse.optimize.case import Case
from coresponse.optimize.solve_case import QUICK_STATES, queueing

DRAWS = 5
"""Draws of which responders are away; fifths are then exact for each responder."""

FIGURES = (
    "calls_per_week",
    "reached_per_week",
    "in_time_per_week",
    "busy_per_week",
    "closed_per_week",
    "share_reached",
    "share_in_time",
    "mean_with_fallback_s",
)
"""Figures that may be averaged over draws; a quantile may not."""


@dataclass(frozen=True)
class DrawnFigures:
    """Figures by queueing.

    Attributes
    ----------
    figures
        Means over draws of who is away; `p90_s` only where nobody is.
    busy_share
        By responder type, of the time that it is there.
    """

    figures: Mapping[str, float] = field(default_factory=dict)
    busy_share: Mapping[str, float] = field(default_factory=dict)


def there(
    deployment: Deployment, away: Mapping[str, float], draws: int = DRAWS
) -> list[Deployment]:
    """Draw who is there.

    Systematic samples, in which each responder is away about its share of the time.

    Responders of a type stand in a row by post; sample d of D has those away at whose place k the
    sum k * share + (d + 1/2) / D passes a whole number. Numbers away differ by one at most among
    draws, and the same draws meet every deployment.
    """
    if not any(away.get(option.responder_type, 0.0) > 0 for option, _ in deployment.counts):
        return [deployment]
    out = []
    for draw in range(draws):
        place: dict[str, int] = {}
        left: dict[Option, int] = {}
        for option, count in deployment.counts:
            share = away.get(option.responder_type, 0.0)
            for _ in range(count):
                k = place.get(option.responder_type, 0)
                place[option.responder_type] = k + 1
                before, after = (
                    k * share + (draw + 0.5) / draws,
                    (k + 1) * share + (draw + 0.5) / draws,
                )
                left[option] = left.get(option, 0) + (
                    np.floor(after + 1e-9) == np.floor(before + 1e-9)
                )
        out.append(
            Deployment.of(deployment.name, {option: int(count) for option, count in left.items()})
        )
    return out


def queueing_in(case: Case, deployment: Deployment, service: ServiceModel) -> DrawnFigures:
    """Work out figures with busy units, as means over who is there; nothing if nobody is in place.

    Parameters
    ----------
    service
        How long calls keep a responder.
    """
    closed = case.factors.closed
    open_posts = tuple(pair for pair in deployment.counts if pair[0].post_id not in closed)
    samples = there(Deployment(deployment.name, open_posts), case.away)
    found = [
        queueing(case, one, service=service, exact_states=QUICK_STATES)
        for one in samples
        if one.size
    ]
    nobody = len(samples) - len(found)
    if not found:
        return DrawnFigures()
    total = float(case.table.cells.calls_per_week.sum())
    empty = {"calls_per_week": total, "mean_with_fallback_s": case.table.fallback_s}
    figures = {
        name: (sum(one.figure(name) for one in found) + nobody * empty.get(name, 0.0))
        / len(samples)
        for name in FIGURES
    }
    figures["left_to_police_per_week"] = figures["calls_per_week"] - figures["reached_per_week"]
    if len(samples) == 1:
        figures["p90_s"] = found[0].figure("p90_s")
    types = sorted({name for one in found for name in one.busy_share})
    busy = {
        name: float(np.mean([one.busy_share[name] for one in found if name in one.busy_share]))
        for name in types
    }
    return DrawnFigures(figures, busy)
