"""Which calls a post reaches."""

from __future__ import annotations

from coresponse.data.standards import target_of
from coresponse.optimize.case import Case
from coresponse.publish.disclosure import PUBLIC


def reach_of_post(case: Case, post_id: str) -> float | None:
    """Return the share of calls within the standard of a free responder at a post, as it may be shown.

    None where none may wait there. Exact shares of two places would tell of the calls between them.
    """
    table = case.table
    rows = [i for i, option in enumerate(table.options) if option.post_id == post_id]
    cells = table.cells
    weight = cells.calls_per_week
    if not rows or not weight.sum():
        return None
    first = table.response_s[rows].min(axis=0)[table.column]
    within_s = target_of(case.standard, cells.district, cells.call_class, cells.class_names)
    share = float(weight[first <= within_s].sum() / weight.sum())
    return PUBLIC.city(table.cells).share(share)
