"""The same responders elsewhere: what a plan's fleet could do otherwise, asked of the model."""

from __future__ import annotations

from collections.abc import Mapping

from coresponse.data.options import Deployment
from coresponse.optimize.case import Case
from coresponse.optimize.goals.goal import FewestUnits, LeastCost, ShareInTime, ranks


def same_fleet(
    case: Case, deployment: Deployment, call_outs: Mapping[str, float] | None = None
) -> Case:
    """Return the case for no more responders of each type than a deployment has.

    A fleet that was sized was confirmed in the replay, where the model alone would keep the promise
    with fewer: of so many, the largest share in time is asked for in its place.

    Parameters
    ----------
    call_outs
        In 24 hours on standby, by type, as the replay finds them in the deployment: a budget that
        it keeps is kept at these.
    """
    fleet = dict.fromkeys(case.program.responder_types, 0)
    for option, count in deployment.counts:
        fleet[option.responder_type] += count
    asked = case.with_(units=fleet)
    if call_outs:
        asked = asked.with_(call_outs=dict(call_outs))
    first = ranks(case.goal)[0]
    if isinstance(first, FewestUnits | LeastCost):
        asked = asked.with_(goal=ShareInTime(target_min=first.target_min), floors=())
    return asked
