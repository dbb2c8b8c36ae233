"""No proof is lent to a deployment that it is not of."""

from __future__ import annotations

import pytest

from coresponse.questions.answer import Standing


@pytest.mark.parametrize("standing", Standing)
def test_only_the_models_own_plan_is_called_proven_in_the_model(standing: Standing) -> None:
    said = standing.told("proven optimal within 0.50%")
    assert ("this plan is proven" in said) == (standing is Standing.MODELS)
    assert said.startswith(str(standing.value).capitalize())


def test_a_plan_that_the_replay_chose_is_another_than_the_proven_one() -> None:
    assert Standing.CHOSEN.told("proven optimal within 0.50%") == (
        "Chosen in the replay. In the model, another deployment is proven optimal within 0.50%"
    )
