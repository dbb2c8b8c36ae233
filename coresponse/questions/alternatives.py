"""What else could be done: plans nearly as good that use other posts, and what each post is worth."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.coverage.replay.measures import ReplayMeasures
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.optimize.alternatives import Alternatives
from coresponse.optimize.alternatives import alternatives as near_best
from coresponse.optimize.case import Case
from coresponse.optimize.solution import Stop
from coresponse.optimize.solve_case import Solved, evaluation_setup, solve
from coresponse.optimize.worth import PostWorth, worth_of_posts
from coresponse.study.memory import PLANNING, tell


@dataclass(frozen=True, eq=False)
class NearBest:
    """The plan, others nearly as good, and what posts are worth.

    Attributes
    ----------
    solved
        The plan.
    found
        The plan first, then others that differ enough.
    deployments, replayed
        One for each of `found`, with its figures in the replay, all on the same chances.
    worth
        By post; empty if not asked for.
    """

    solved: Solved
    found: Alternatives
    deployments: tuple[Deployment, ...]
    replayed: tuple[ReplayMeasures, ...]
    worth: tuple[PostWorth, ...]

    @property
    def case(self) -> Case:
        """What was asked."""
        return self.solved.case


def alternatives(
    case: Case,
    *,
    count: int = 3,
    differ_in: int = 2,
    worth: bool = False,
    progress: Progress = silent,
) -> NearBest | Solved:
    """Plan, and look for other plans nearly as good; what limits cannot be kept is an answer.

    Parameters
    ----------
    count
        Plans in all, the best first.
    differ_in
        Posts in which any two of them differ at least.
    worth
        Whether to force each post out of the plan, or into it; the case's time limit holds for all
        of them together.

    Returns
    -------
    NearBest or Solved
        The latter if there is no plan.
    """
    tell(case, PLANNING, progress)
    case.work_out_table(progress)
    solved = solve(case, progress=progress)
    best = solved.best.not_stopped()
    if not best.found:
        return solved
    solver, goal = case.solver, case.waiting or case.statement(best.problem)
    stop = Stop(solver.time_limit_s, solver.gap_with(busy=solved.busy_share is not None))
    posts = [option.post_id for option in case.options]
    progress("plans nearly as good", 0, 1)
    found = near_best(
        best.problem,
        goal,
        posts,
        count=count,
        differ_in=differ_in,
        first=best.solution,
        stop=stop,
        seed=case.seed,
        solver=solver.name,
    )
    if found.found[-1].solution.interrupted:
        raise KeyboardInterrupt
    deployments = tuple(
        case.deployment(one.solution.counts, "plan" if k == 0 else f"plan {k + 1}")
        for k, one in enumerate(found.found)
    )
    setup = evaluation_setup(case, progress=progress).lean()
    judged = (setup.evaluate(case.table, one, None) for one in deployments)
    replayed = tuple(one.replay for one in judged if one.replay is not None)
    each: tuple[PostWorth, ...] = ()
    if worth:
        progress("what each post is worth", 0, 1)
        each = worth_of_posts(
            best.problem,
            goal,
            posts,
            best.solution,
            total_s=solver.time_limit_s,
            stop=stop,
            seed=case.seed,
            solver=solver.name,
        )
        if len(each) < len(set(posts)):
            raise KeyboardInterrupt
    return NearBest(solved, found, deployments, replayed, each)
