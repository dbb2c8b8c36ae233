"""Agencies under a plan as they may be shown: whose calls wait how long, and who has how many units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.cells import DemandCells
from coresponse.coverage.few_calls import MIN_CALLS, keeps_secret
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.agencies import Agencies
from coresponse.data.options import Deployment
from coresponse.data.programs.cost import yearly_cost
from coresponse.publish.call_outs import told_cost
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.places import AgencyRow, PlanAgenciesPublication
from coresponse.publish.rounding import WAIT
from coresponse.questions.answer import Plan

SHARE = "share_in_time"


def publish_plan_agencies(plan: Plan, disclosure: Disclosure) -> PlanAgenciesPublication | None:
    """Return agencies' figures as they may be shown; None where there is one agency, or nothing was replayed."""
    agencies = plan.case.city.agencies
    found = {n: one.by_agency for n, one in plan.replayed.items() if one.by_agency is not None}
    if agencies is None or "plan" not in found or plan.table.agencies is None:
        return None
    cells, names = plan.table.cells, agencies.names
    whose = plan.table.agencies.column[plan.table.column].astype(np.int64)
    calls = np.bincount(whose, weights=cells.calls, minlength=len(names)).astype(np.int64)
    hide = hidden_agencies(agencies, cells, whose, disclosure)
    bands = disclosure.ranges(calls, hide)
    rounding = disclosure.city(cells)
    shown = {
        (of, key): rounding.groups_with_ends(key, table.reindex(list(names)), calls)
        for of, table in found.items()
        for key in (SHARE, WAIT)
    }
    deployed: dict[str, Deployment] = {
        of: plan.evaluations[of].deployment for of in ("plan", "today") if of in found
    }
    held = {
        of: _held(plan, agencies, one, plan.replayed[of], disclosure)
        for of, one in deployed.items()
    }
    rows = []
    for k, name in enumerate(names):
        some = calls[k] > 0 and not hide[k]
        own = {key: {of: _interval(shown[of, key], k) for of in deployed} for key in (SHARE, WAIT)}
        rows.append(
            AgencyRow(
                name,
                bands[k],
                {of: units[k] for of, (units, _) in held.items()},
                {of: dollars[k] for of, (_, dollars) in held.items()},
                own[SHARE] if some else {},
                own[WAIT] if some else {},
            )
        )
    ids = agencies.districts.frame["district_id"].astype(str)
    return PlanAgenciesPublication(
        tuple(rows),
        agencies.sharing,
        {post: names[k] for post, k in agencies.of_post.items()},
        {one: names[k] for one, k in zip(ids, agencies.of_district, strict=True)},
    )


def _held(
    plan: Plan,
    agencies: Agencies,
    deployment: Deployment,
    replay: ReplayMeasures,
    disclosure: Disclosure,
) -> tuple[list[int], list[float]]:
    """Return by agency the responders at its posts, and what they cost a year."""
    program = plan.case.program
    of_posts = [
        Deployment.of(
            name, [(o, n) for o, n in deployment.counts if agencies.of_post[o.post_id] == k]
        )
        for k, name in enumerate(agencies.names)
    ]
    rounding = disclosure.city(plan.table.cells)
    dollars = [
        told_cost(program, one, replay, rounding, planned=yearly_cost(program, one)).mean
        for one in of_posts
    ]
    return [one.size for one in of_posts], [float(round(cost)) for cost in dollars]


def hidden_agencies(
    agencies: Agencies,
    cells: DemandCells,
    whose: NDArray[np.integer],
    disclosure: Disclosure = PUBLIC,
) -> NDArray[np.bool_]:
    """Say which agencies have no figures: those of few calls, and those whose parts that are shown would give a hidden one away.

    An agency's calls are those of its districts and some outside all. What is hidden of them must
    stay unknown by itself, whatever the agency comes to.

    Parameters
    ----------
    whose
        (demand cells,) position of each one's agency.
    """
    of = np.array(agencies.of_district)
    n, k_all = len(of), max(int(of.max(initial=0)), int(whose.max(initial=0))) + 1
    calls = np.bincount(whose, weights=cells.calls, minlength=k_all).astype(np.int64)
    if disclosure.internal:
        return np.zeros(k_all, dtype=bool)
    observed = np.bincount(cells.district % (n + 1), weights=cells.calls, minlength=n + 1)
    hidden = disclosure.hides(observed.astype(np.int64))
    out = disclosure.hides(calls)
    for k in range(k_all):
        few = observed[:n][(of == k) & hidden[:n]]
        outside = cells.calls[(cells.district < 0) & (whose == k)].sum()
        few = np.append(few, outside) if outside < MIN_CALLS or hidden[n] else few
        few = few[few > 0].astype(np.int64)
        if len(few) and not keeps_secret(few, MIN_CALLS):
            out[k] = True
    for k in np.argsort(calls, kind="stable"):
        if out.sum() != 1:  # one alone would be the total less the others
            break
        out[k] = out[k] or calls[k] > 0
    return np.asarray(out)


def _interval(ends: tuple[NDArray[np.float64], ...], place: int) -> Interval:
    mean, low, high = (float(end[place]) for end in ends)
    return Interval(mean, low, high, 0)
