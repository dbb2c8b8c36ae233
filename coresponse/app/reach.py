"""Which calls a post reaches."""

from __future__ import annotations

from coresponse.optimize.case import Case


def reach_of_post(case: Case, post_id: str) -> float | None:
    """Return the share of calls within the standard of a free responder at a post.

    None where none may wait there.
    """
    table = case.table
    rows = [i for i, option in enumerate(table.options) if option.post_id == post_id]
    weight = table.column_sum(table.cells.calls_per_week)
    if not rows or not weight.sum():
        return None
    first = table.response_s[rows].min(axis=0)
    return float(weight[first <= case.target_s].sum() / weight.sum())
