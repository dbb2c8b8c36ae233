"""What a plan is best at, in a sentence's words."""

from __future__ import annotations

from coresponse.optimize.goals.goal import (
    FewestUnits,
    LeastCost,
    LeastPolice,
    PCenter,
    Rank,
    ShareInTime,
    Tail,
    WorstDistrict,
    ranks,
    weighted,
)
from coresponse.publish.facts import Facts


def aim(facts: Facts) -> str:
    """Say what the plan is to be best at, after the words ``so that``."""
    words = " and then ".join(_aim(rank, facts) for rank in ranks(facts.goal))
    if facts.floors:
        under = (", ".join(floor.only) or f"every {floor.by}" for floor in facts.floors)
        words += ", with a floor under " + " and ".join(dict.fromkeys(under))
    return words.replace("every all", "all calls")


def _aim(rank: Rank, facts: Facts) -> str:
    parts = []
    for _, goal in weighted(rank):
        own = getattr(goal, "target_min", None)
        within = facts.standard if own is None else f"{own:g} min"
        where = {
            "all": "calls",
            "district": "each district's calls",
            "class": "each class's calls",
            "group": "calls where each group lives",
            "agency": "each agency's calls",
        }
        if isinstance(goal, FewestUnits | LeastCost):
            least = (
                "as few of them as possible" if isinstance(goal, FewestUnits) else "the least money"
            )
            parts.append(f"{least} reach {goal.share:.0%} of {where[goal.within]} within {within}")
        elif isinstance(goal, WorstDistrict):
            whose = "group of residents" if goal.by == "group" else goal.by
            parts.append(
                f"the {whose} that waits longest beyond all others does so as little as possible"
                if goal.of == "gap"
                else f"the {whose} that is served worst is served as well as possible"
            )
        elif isinstance(goal, Tail):
            parts.append(
                f"the {1 - goal.alpha:.0%} of calls that wait longest wait as little as possible"
            )
        elif isinstance(goal, PCenter):
            share = "all" if goal.share == 1 else f"{goal.share:.0%}"
            parts.append(f"{share} of {where[goal.within]} have a responder as near as possible")
        elif isinstance(goal, LeastPolice):
            parts.append("as many calls as possible are handled without police")
        elif isinstance(goal, ShareInTime):
            parts.append(f"as many calls as possible are reached within {within}")
        else:
            parts.append("calls wait as little as possible")
    return ", weighed against: ".join(parts)
