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
        return "share of calls late" if rank.of == "share_late" else "seconds a call"
    return UNITS[rank.goal]


def floor_words(of: str, by: str) -> str:
    """Say what a floor bounds, before the minutes."""
    if of != "gap":
        return "mean response of at most"
    whole = "all residents'" if by == "group" else "that of all calls"
    return f"mean response above {whole} by at most"
