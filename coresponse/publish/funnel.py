"""What may be shown of the rows that were lost on the way.

Small counts in ranges, and totals that tell nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from coresponse.coverage.few_calls import MIN_CALLS, STANDS_FOR_SMALL
from coresponse.data.calls.history import FURTHER_ROWS, FunnelStep
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.facts import ShownStep
from coresponse.publish.suppression import count_range, range_ends


def shown_funnel(steps: Sequence[FunnelStep], disclosure: Disclosure) -> tuple[ShownStep, ...]:
    """Return a funnel as it is shown.

    A public one stays the same whatever the counts of 1 to 10 in it are, so that nobody can work
    one back: each stands in its range; totals are added up from the last step with 5 in their
    place, then rounded to two digits; and what a step lost for several reasons, one of them rare,
    is told by the ends of their ranges.
    """
    if disclosure.internal:
        return tuple(ShownStep(s.name, s.count, s.lost, s.reasons) for s in steps)
    out: list[ShownStep] = []
    last = total = steps[-1].count
    for step in reversed(steps):
        losses = _losses(step)
        reasons = tuple((reason, count_range(count)) for reason, count in step.reasons)
        # 1-10 would not hold for one counted as 5
        said = about(total if total == last else max(total, MIN_CALLS))
        out.append(ShownStep(step.name, said, summed(losses), reasons))
        total += sum(STANDS_FOR_SMALL if _small(count) else count for count in losses)
    return tuple(reversed(out))


def shown_set_aside(
    steps: Sequence[FunnelStep], set_aside: int, disclosure: Disclosure
) -> int | str:
    """Return how many rows were set aside as it is shown.

    Those lost before the last step, but for rows merged into events.
    """
    if disclosure.internal:
        return set_aside
    return summed(
        count for step in steps[1:-1] for reason, count in step.reasons if reason != FURTHER_ROWS
    )


def about(count: int) -> str:
    """Say a total to two digits, below 100 to the nearest ten; 1 to 10 as ``1-10``."""
    if count < MIN_CALLS:
        return count_range(count)
    size = 10 ** max(1, len(str(count)) - 2)
    return f"about {(count + size // 2) // size * size:,}"


def summed(counts: Iterable[int]) -> str:
    """Say what counts add up to.

    In its range, or, if one of several is small, from the least to the most of their ranges.
    """
    there = [count for count in counts if count > 0]
    if len(there) < 2 or not any(_small(count) for count in there):
        return count_range(sum(there))
    ends = [range_ends(count) for count in there]
    low = sum(least for least, _ in ends)
    most = [top for _, top in ends if top is not None]
    return f"{low:,}-{sum(most):,}" if len(most) == len(ends) else f"{low:,} and more"


def _losses(step: FunnelStep) -> tuple[int, ...]:
    return tuple(count for _, count in step.reasons) or (step.lost,)


def _small(count: int) -> bool:
    return 0 < count < MIN_CALLS
