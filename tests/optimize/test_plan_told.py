"""What is said of a plan: the model's proof of the model's deployment, the replay's of what is shown."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from small_cities import UNIT, case_of, city

from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment
from coresponse.optimize.case import Case
from coresponse.optimize.chosen import Choice
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.optimize.goals.goal import FewestUnits, Floor, LeastCost
from coresponse.optimize.solve_case import solve
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Checked, Confirmation, Reached, Verdict
from coresponse.publish.certainty import StandingPublication
from coresponse.publish.city import CityRounding
from coresponse.publish.standing import publish_standing
from coresponse.questions.answer import Plan
from coresponse.questions.plan import confirm, plan
from coresponse.questions.standing import Standing
from coresponse.results.plan import standing_json

ROUNDING = CityRounding(10_000, 200.0)


@pytest.fixture(scope="module")
def planned() -> Plan:
    """The model's plan of a small city of one responder type, for three units that are always free."""
    case = case_of(city(3, types=1), limits=Limits(units={UNIT: 3}))
    return plan(case.with_(busy="free", evaluation=short(case)))


def short(case: Case) -> EvaluationSettings:
    """Replay little, and hold nothing out."""
    return case.evaluation.model_copy(update={"replications": 2, "weeks": 2, "holdout_share": 0})


def other_than(planned: Plan) -> tuple[np.ndarray, Deployment]:
    """Return another deployment than the model's."""
    counts = np.roll(planned.solution.counts, 1)
    return counts, planned.case.deployment(counts)


def chosen(planned: Plan, *, better_by: float = 12.0, model_dollars: float = 1e6) -> Plan:
    """Return a plan whose deployment the replay chose."""
    counts, deployment = other_than(planned)
    choice = Choice(
        planned.solved, counts, deployment, False, 130, better_by, 2.0, planned.solution.unit, 1e6,
        model_dollars, 900.0, {}, ("units: at most 3",), 8,
    )  # fmt: skip
    return replace(planned, choice=choice)


def checked(planned: Plan, verdict: Verdict, mean: float, *, shown: bool = True) -> Checked:
    """Return a deployment of which so many calls are in time where half are asked for."""
    counts, deployment = other_than(planned)
    calls = None if shown else 4
    one = Reached("all calls: at least 0.5", "share", 0.5, mean, 0.001, verdict, calls, shown)
    return Checked(counts, deployment, 1e6, 900.0, (one,), 32)


def told(planned: Plan) -> StandingPublication:
    return publish_standing(planned, ROUNDING)


def test_a_plan_as_modeled_is_the_models(planned: Plan) -> None:
    assert planned.is_models
    assert planned.standing is Standing.MODELS
    assert told(planned).model == planned.deployment
    assert told(planned).whose == "this plan"


def test_a_chosen_plan_has_no_proof_of_its_own(planned: Plan) -> None:
    plan_ = chosen(planned)
    one = told(plan_)
    assert plan_.standing is Standing.CHOSEN
    assert one.model == planned.best.deployment != plan_.deployment
    said = " ".join(one.sentences)
    assert "The replay chose this plan, the best of 130 deployments, over the model's own" in said
    assert "12 seconds a call (95% band 6 to 18)" in said  # rounded to 6 s, the band outwards
    assert "units at most 3" in said
    assert "proven" not in said
    assert one.whose == "another deployment than the plan shown"
    assert "another deployment: proven optimal" in plan_._repr_html_()


def test_a_gain_less_than_a_step_is_said_as_that(planned: Plan) -> None:
    said = told(chosen(planned, better_by=0.4)).sentences[0]
    assert "by less than figures are rounded to" in said


def test_a_models_plan_beyond_the_budget_is_said(planned: Plan) -> None:
    limits = planned.case.limits.model_copy(update={"budget_per_year": 1_500_000.0})
    solved = replace(planned.solved, case=planned.case.with_(limits=limits))
    over = chosen(replace(planned, solved=solved), better_by=-30.0, model_dollars=1_600_400.0)
    # up, so that it is not told to be within a budget that it breaks
    said = "that one would spend $1,601,000 a year, more than the budget"
    assert said in told(over).sentences[0]


@pytest.mark.parametrize("verdict", [Verdict.CLOSE, Verdict.NO])
def test_nothing_confirmed_is_a_status_of_its_own(planned: Plan, verdict: Verdict) -> None:
    closest = checked(planned, verdict, 0.47)
    found = Confirmation(None, closest, None, (closest,), 99, "units", in_time=False)
    plan_ = replace(planned, confirmation=found)
    assert plan_.standing is Standing.NOT_CONFIRMED
    assert plan_.nothing_confirmed
    said = " ".join(told(plan_).sentences)
    assert "Not confirmed" in said
    assert "all calls 46.7% to 47.3% by chance alone" in said
    assert said.count("is asked") == 1 + said.count("what is asked")
    assert "where at least 50% is asked" in said
    assert "0.5 " not in said  # the same once more, as a share
    assert str(verdict) in said
    assert "The time limit ended the search in the replay" in said
    assert "proven" not in said


def test_what_is_less_is_smaller_or_cheaper_by_what_was_asked(planned: Plan) -> None:
    good, less = (checked(planned, v, m) for v, m in ((Verdict.YES, 0.55), (Verdict.NO, 0.4)))
    for by, word in (("units", "smaller"), ("dollars", "cheaper")):
        found = Confirmation(good, None, less, (less, good), 99, by)  # type: ignore[arg-type]
        said = " ".join(told(replace(planned, confirmation=found)).sentences)
        assert f"The best {word} one found: " in said


def test_a_confirmed_plan_says_what_one_less_reaches(planned: Plan) -> None:
    good, less = (checked(planned, v, m) for v, m in ((Verdict.YES, 0.55), (Verdict.CLOSE, 0.5)))
    found = Confirmation(good, None, less, (less, good), 99, "units")
    plan_ = replace(planned, confirmation=found)
    assert plan_.standing is Standing.CONFIRMED
    data = json.loads(json.dumps(standing_json(told(plan_))))
    assert data["standing"] == "confirmed in the replay"
    assert data["held_against_promise"]["promises"][0]["found"]["mean"] == 0.55
    assert data["less"]["verdict"] == "too close to call"
    assert [one["verdict"] for one in data["checked"]] == ["too close to call", "confirmed"]


def test_a_confirmed_plan_names_the_limits_that_bind() -> None:
    floor = Floor(by="all", share_in_time=0.02)
    case = case_of(city(3, types=1), limits=Limits(units={UNIT: 2}), floors=(floor,))
    found = plan(case.with_(evaluation=short(case)))
    assert found.standing is Standing.CONFIRMED
    one = told(found)
    assert len(one.binding) == 1
    assert f"These limits leave no room for one more responder: {one.binding[0]}." in one.sentences
    assert "2" in one.binding[0]


def test_what_rests_on_few_calls_is_not_told(planned: Plan) -> None:
    few = checked(planned, Verdict.NO, 0.47, shown=False)
    plan_ = replace(planned, confirmation=Confirmation(None, few, None, (few,), 9, "goal"))
    (reached,) = standing_json(told(plan_))["held_against_promise"]["promises"]
    assert reached["found"] is None
    assert reached["verdict"] is None
    assert "0.47" not in json.dumps(standing_json(told(plan_)))
    assert "47%" not in " ".join(told(plan_).sentences)


def test_a_promise_of_units_that_are_always_free_is_said_to_be_unconfirmed() -> None:
    case = case_of(city(3, types=1), goal=FewestUnits(share=0.4))
    found = plan(case.with_(busy="free", evaluation=short(case)))
    assert "was not confirmed in the replay" in " ".join(told(found).sentences)


def test_a_search_that_has_no_time_left_still_answers() -> None:
    case = case_of(city(3, types=1), goal=FewestUnits(share=0.5))
    case = case.with_(evaluation=short(case))
    setup = evaluation_setup(case)
    found = confirm(case, solve(case), setup, trials=Trials.of(case, setup, until=0.0))
    assert not found.in_time
    assert found.plan is not None or found.closest is not None


def test_a_search_without_time_says_that_the_models_plan_keeps_what_is_asked() -> None:
    """It said that nothing was confirmed, and beside it that the plan shown was."""
    for goal in (FewestUnits(share=0.05), LeastCost(share=0.05)):
        case = case_of(city(3, types=1), goal=goal)
        case = case.with_(evaluation=short(case))
        setup = evaluation_setup(case)
        found = confirm(case, solve(case), setup, trials=Trials.of(case, setup, until=0.0))
        assert not found.in_time
        assert found.plan is not None
        assert found.plan.verdict is Verdict.YES


def test_a_gain_in_a_goal_that_follows_is_not_said_of_the_first(planned: Plan) -> None:
    first = chosen(planned)
    assert first.choice is not None
    later = replace(first, choice=replace(first.choice, later=True))
    assert told(later).sentences[0].endswith(", in what comes after the first goal.")
    assert "in what comes after" not in told(first).sentences[0]
