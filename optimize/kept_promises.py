"""Goals pursued in what is confirmed to keep its promises, and floors kept where the best by the goal does not keep them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from coresponse.optimize.case import Case
from coresponse.optimize.chosen import Choice
from coresponse.optimize.confirm import LOOKS, check, nearest
from coresponse.optimize.contest import busy_of, in_order, plans_of, search
from coresponse.optimize.placing import Placer
from coresponse.optimize.solved import Solved
from coresponse.optimize.trial import BETTER_SE, SPARE, distinct, standard_error
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Checked, Confirmation, Counts, Verdict

# By how much floors are kept with room, in turns, where what is best by the goal is not confirmed
# to keep them: for the least margin alone a plan may be far worse by the goal.
SPARES = (SPARE / 2, 2 * SPARE)


def next_goals(found: Confirmation, case: Case, solved: Solved, trials: Trials) -> Confirmation:
    """Pursue the goals that follow a fleet's size, or its cost, in what was confirmed."""
    plan = found.plan
    if plan is None or len(trials.yardstick.order) == 1:
        return found
    placer = Placer.of(case.with_(goal=trials.yardstick.order[1]), trials.yardstick)
    holding = trials.holding(plan.counts)
    plan, tried = _by_goals(plan, holding, placer, [], busy_of(solved))
    return replace(found, plan=plan, checked=(*found.checked, *tried), candidates=trials.tried)


def floors_kept(case: Case, solved: Solved, trials: Trials, choice: Choice) -> Confirmation:
    """Confirm what was chosen by the goal; else search what keeps the floors, and the best by the goal near that."""
    asked = trials.asked(budget=case.limits.budget_per_year)
    fresh, tried = trials.fresh(), trials.tried
    checked = [check(fresh, choice.counts, asked)]
    plan = _first_kept(checked, ())
    if plan is None:
        # a budget is asked for at call-outs as they come, not as they are priced
        placer, busy = Placer.of(case, trials.yardstick).without("budget:"), busy_of(solved)
        starts = [choice.counts, *placer.placed(busy, choice.counts)]
        with_room = (
            check(fresh, search(trials, placer, asked.by_goal(spare), starts, busy), asked)
            for spare in SPARES
        )
        plan = _first_kept(checked, with_room)
        if plan is None:
            margin, by_promise = asked.by_all_short(), placer.by_promise()
            # a search around one of them may end where no exchange of one mends what is short
            near = (
                check(fresh, search(trials, by_promise, margin, [start], busy), asked)
                for start in distinct([*starts, *plans_of(solved)])
                if not trials.out_of_time
            )
            plan = _first_kept(checked, near)
            if plan is not None:
                plan, more = _by_goals(plan, trials, placer, starts, busy)
                checked += more
        tried = trials.tried
    closest = None if plan else nearest(checked)
    return Confirmation(plan, closest, None, tuple(checked), tried, "goal")


def _first_kept(checked: list[Checked], more: Iterable[Checked]) -> Checked | None:
    """Return the first that keeps what is promised; what was looked at until then is added, each once."""
    for one in more:
        if not any(np.array_equal(one.counts, other.counts) for other in checked):
            checked.append(one)
        if one.verdict is Verdict.YES:
            break
    return next((one for one in checked if one.verdict is Verdict.YES), None)


def _by_goals(
    plan: Checked,
    trials: Trials,
    placer: Placer,
    near: Sequence[Counts],
    busy: Mapping[str, float],
) -> tuple[Checked, list[Checked]]:
    """Search the best by each goal near what is confirmed, whose margin a part of goes to them."""
    asked, fresh = trials.asked(budget=trials.case.limits.budget_per_year), trials.fresh()
    checked = []
    for best in in_order(trials, placer, asked.by_goal(), [plan.counts, *near], busy):
        other = fresh.trial(best, LOOKS[0])
        less = fresh.trial(plan.counts, LOOKS[0]).goal - other.goal
        if not other.beyond and less.mean() > BETTER_SE * standard_error(less):
            checked.append(check(fresh, best, asked))
            if checked[-1].verdict is Verdict.YES:
                plan = checked[-1]
        fresh = fresh.holding(plan.counts)
    return plan, checked
