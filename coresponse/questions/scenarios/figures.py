"""What a deployment does in a scenario, in the replay: responders that are not there, and busy ones among the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.service.service_model import ServiceModel
from coresponse.data.options import Deployment, Option
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import QUICK_STATES, queueing

# Draws of which responders are away; fifths are then exact for each responder.
DRAWS = 5

# Figures that may be averaged over draws; a quantile may not.
FIGURES = (
    "calls_per_week",
    "busy_per_week",
    "closed_per_week",
    "out_of_reach_per_week",
    "share_reached",
    "share_in_time",
    "mean_with_fallback_s",
)


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


def there_in(case: Case, deployment: Deployment) -> list[Deployment]:
    """Return the draws of who is there in a case; responders of closed posts stand still."""
    closed = case.factors.closed
    open_posts = tuple(pair for pair in deployment.counts if pair[0].post_id not in closed)
    return there(Deployment(deployment.name, open_posts), case.away)


def busy_in(case: Case, deployment: Deployment, service: ServiceModel) -> dict[str, float]:
    """Return busy shares by queueing, by responder type, of the time that it is there: means over who is.

    The model counts with them; figures that are shown come from the replay.
    """
    found = [
        queueing(case, one, service=service, exact_states=QUICK_STATES).busy_share
        for one in there_in(case, deployment)
        if one.size
    ]
    types = sorted({name for one in found for name in one})
    return {name: float(np.mean([one[name] for one in found if name in one])) for name in types}


def replayed_in(case: Case, deployment: Deployment, setup: EvaluationSetup) -> Mapping[str, float]:
    """Replay a deployment in a case; empty if nobody is in place.

    With empty seats each draw of who is there meets its own part of the replications, so that all
    of them together are as long as one replay: figures are means over draws.

    Returns
    -------
    Mapping
        :data:`FIGURES`; `p90_s` only where nobody is away.
    """
    samples = there_in(case, deployment)
    if not any(one.size for one in samples):
        return {}
    scenes, n = setup.scenes, len(samples)
    parts = [scenes[k::n] or (scenes[k % len(scenes)],) for k in range(n)]
    told: list[Mapping[str, float]] = []
    for one, part in zip(samples, parts, strict=True):
        if one.size:
            own = replace(setup, scenes=part).evaluate(case.table, one, None)
            row = None if own.replay is None else own.replay.overall.iloc[0]
            told.append({} if row is None else {str(name): row[name] for name in row.index})
        else:
            calls = sum(scene.calls.n for scene in part) / sum(s.calls.weeks for s in part)
            told.append(
                {
                    "calls_per_week": calls,
                    "closed_per_week": calls,
                    "mean_with_fallback_s": case.table.fallback_s,
                }
            )
    out = {name: float(np.mean([one.get(name, 0.0) for one in told])) for name in FIGURES}
    if n == 1:
        out["p90_s"] = float(told[0]["p90_s"])
    return out
