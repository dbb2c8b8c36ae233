"""Plans nearly as good as the best, and what posts are worth, as they may be shown."""

from __future__ import annotations

from coresponse.publish.answers import AlternativePublication, NearBestPublication, WorthPublication
from coresponse.publish.call_outs import model_dollar_step, told_cost
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.history import facts_of
from coresponse.publish.search import publish_search
from coresponse.questions.near_best import NearBest


def publish_near_best(found: NearBest) -> NearBestPublication:
    """Return alternatives as they may be shown.

    Raises
    ------
    InputError
        If they rest on so few calls that every figure would tell of them.
    """
    case, solution = found.case, found.optimum.solution
    PUBLIC.refuse_few(int(case.table.cells.calls.sum()))
    rounding = PUBLIC.city(case.table.cells)
    dollar_step = model_dollar_step(case, rounding)
    plans = tuple(
        AlternativePublication(
            deployment,
            publish_search(
                one.solution, rounding, desk_cost=case.desk_cost, dollar_step=dollar_step
            ),
            rounding.cost(max(one.solution.objective - solution.objective, 0.0), solution.unit),
            tuple(one.posts),
            tuple(one.left),
            tuple(one.taken_up),
            rounding.replayed("share_in_time", measures.figure("share_in_time").mean),
            rounding.replayed("mean_with_fallback_s", measures.figure("mean_with_fallback_s").mean),
            told_cost(
                case.program,
                deployment,
                measures,
                rounding,
                planned=case.yearly_cost(deployment),
                budget=case.limits.budget_per_year,
            ).mean,
        )
        for one, measures, deployment in zip(
            found.found.found, found.replayed, found.deployments, strict=True
        )
    )
    worth = tuple(
        WorthPublication(
            one.post,
            one.chosen,
            rounding.cost(one.change, solution.unit),
            rounding.cost(one.change_at_least, solution.unit),
            one.status.value,
        )
        for one in found.worth
    )
    return NearBestPublication(
        facts=facts_of(case),
        search=publish_search(
            solution,
            rounding,
            clash=found.optimum.clash,
            desk_cost=case.desk_cost,
            dollar_step=dollar_step,
        ),
        plans=plans,
        worth=worth,
        ended=found.found.ended,
        in_points=found.asked.objective_unit == "share of calls late",
    )
