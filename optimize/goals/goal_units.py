"""The units that goals are measured in."""

from __future__ import annotations

from coresponse.optimize.goals.goal import Rank, WorstDistrict

UNITS = {
    "mean_response": "seconds a call",
    "share_in_time": "share of calls late",
    "fewest_units": "responders",
    "least_cost": "dollars a year",
    "tail": "seconds a call",
    "p_center": "seconds",
    "least_police": "share of calls with police",
    "mix": "weighted sum",
}


def unit_of(rank: Rank) -> str:
    """Return the unit of a goal."""
    if isinstance(rank, WorstDistrict):
        return "seconds a call" if rank.of == "mean_response" else "share of calls late"
    return UNITS[rank.goal]
