"""Plans nearly as good as the best, and what posts are worth, as they may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.data.options import Deployment
from coresponse.publish.call_outs import model_dollar_step, told_cost
from coresponse.publish.certainty import SearchPublication
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.facts import Facts
from coresponse.publish.history import facts_of
from coresponse.publish.search import publish_search
from coresponse.questions.near_best import NearBest


@dataclass(frozen=True, eq=False)
class AlternativePublication:
    """One plan: its figures by replay, and how far it is from the best in the model."""

    deployment: Deployment
    search: SearchPublication
    worse_by: float
    posts: tuple[str, ...]
    posts_left: tuple[str, ...]
    posts_taken_up: tuple[str, ...]
    share_in_time: float
    mean_with_fallback_s: float
    cost_as_called_per_year: float


@dataclass(frozen=True, eq=False)
class WorthPublication:
    """By how much the objective would rise without a post, or with it."""

    post_id: str
    chosen: bool
    change: float
    change_at_least: float
    status: str


@dataclass(frozen=True, eq=False)
class NearBestPublication:
    """The plan, others nearly as good, and what posts are worth, as they may be shown.

    Attributes
    ----------
    in_points
        Whether differences of the objective are shown in points of calls late, not in minutes.
    ended
        Why there are no more.
    """

    facts: Facts
    search: SearchPublication
    plans: tuple[AlternativePublication, ...]
    worth: tuple[WorthPublication, ...]
    ended: str
    in_points: bool

    @property
    def unit(self) -> tuple[str, float]:
        """The unit that differences of the objective are shown in, and its scale."""
        return ("points_late", 100.0) if self.in_points else ("min", 1 / 60)


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
