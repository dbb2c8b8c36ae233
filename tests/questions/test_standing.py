"""No proof is lent to a deployment that it is not of."""

from __future__ import annotations

import pytest

from coresponse.data.options import Deployment, Option
from coresponse.data.programs.cost import call_out_cost
from coresponse.data.programs.load import load_program
from coresponse.optimize.verdict import Reached, Verdict
from coresponse.publish.certainty import StandingPublication
from coresponse.publish.city import CityRounding
from coresponse.publish.standing import _dollars, _reached
from coresponse.questions.standing import Standing


@pytest.mark.parametrize("standing", Standing)
def test_only_the_models_own_plan_is_called_proven_in_the_model(standing: Standing) -> None:
    said = standing.told("proven optimal within 0.50%")
    assert ("this plan is proven" in said) == (standing is Standing.MODELS)
    assert said.startswith(str(standing.value).capitalize())


def test_a_plan_that_the_replay_chose_is_another_than_the_proven_one() -> None:
    assert Standing.CHOSEN.told("proven optimal within 0.50%") == (
        "Chosen in the replay. In the model, another deployment is proven optimal within 0.50%"
    )


def reached(kind: str, asked: float, mean: float, se: float, verdict: Verdict) -> str:
    name = f"all calls: what is asked of {asked}"
    one = Reached(name, kind, asked, mean, se, verdict)  # type: ignore[arg-type]
    told = _reached(one, CityRounding(310, 310 / (90 / 7)), 8, 5_000.0)
    assert told.found is not None
    assert told.found.low <= told.found.mean <= told.found.high
    return told.words(headline=False)


def test_what_is_not_reached_is_not_shown_as_what_is_asked() -> None:
    """Rounded to 2 points, 69.4% were told as 70.0%, "where at least 70.0% is asked, not reached"."""
    assert "just under 70% (by chance alone 68% to just under 70%)" in reached(
        "share", 0.70, 0.694, 0.002, Verdict.NO
    )
    assert " 70% (by chance alone 70% to 72%)" in reached("share", 0.70, 0.706, 0.002, Verdict.YES)
    assert "just over 12.0 min" in reached("minutes", 12.0, 12.3, 0.05, Verdict.NO)
    assert " 12.0 min" in reached("minutes", 12.0, 11.8, 0.05, Verdict.YES)
    close = reached("share", 0.70, 0.694, 0.02, Verdict.CLOSE)
    assert " 70% (by chance alone 64% to 76%)" in close


def test_one_plan_that_was_tried_is_confirmed_by_none() -> None:
    """An empty plan was "confirmed: none of 1 deployment tried was better beyond chance"."""
    one = StandingPublication(Standing.MODELS, True, Deployment("plan"), candidates=1)
    assert one.sentences == ("The plan is the model's; no other was tried in the replay.",)
    several = StandingPublication(Standing.MODELS, True, Deployment("plan"), candidates=2)
    assert "none of 2 deployments tried" in several.sentences[0]


def test_dollars_of_what_was_tried_are_told_in_steps_of_five_calls() -> None:
    """To $1,000 each past call of three months was told: it stands for four a year."""
    program = load_program("mixed")
    placed = Deployment.of("plan", [(Option("on_call_clinician", "P1", "always"), 1)])
    town = CityRounding(310, 310 / (90 / 7))
    step = 5 * 365.25 / 90 * call_out_cost(program, "on_call_clinician")
    told = [_dollars(program, placed, 71_000.0 + step * k / 5, town) for k in range(50)]
    assert len(set(told)) <= 11
    assert _dollars(program, placed, 71_000.0, town, up=True) >= 71_000
    assert _dollars(program, placed, 71_234.5, CityRounding(310, 24.1, exact=True)) == 71_234.5
