"""What nobody knows of demand, and how far a deployment's figures go with it, as it may be shown."""

from __future__ import annotations

from collections.abc import Sequence

from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.figures.text import percent
from coresponse.publish.city import CityRounding

# Figures whose range is told where there is no room for every band.
RANGED = ("share_in_time", "mean_with_fallback_s")


def not_known_words(what: Sequence[str]) -> str:
    """Say in a clause what nobody knows, such as ``nobody knows how many calls codes hide``; '' if all is known."""
    return f"nobody knows {' and '.join(what)}" if what else ""


def range_sentence(found: ReplayMeasures | None, rounding: CityRounding) -> str:
    """Say how far a deployment's figures go with what nobody knows; '' if all is known."""
    if found is None or not found.not_known:
        return ""
    share, wait = (rounding.interval(key, found.figure(key)) for key in RANGED)
    return (
        f"Range: {percent(share.low)} to {percent(share.high)} within the standard, a mean wait of "
        f"{wait.low / 60:.1f} to {wait.high / 60:.1f} min, for {not_known_words(found.not_known)}."
    )
