"""What is said of a plan's last units where nothing limits how many there may be."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.load import load_program
from coresponse.publish.ladder import without_limits

UNIT, CLINICIAN = "co_responder_unit", "on_call_clinician"
DEPLOYMENT = Deployment.of(
    "plan", {Option(UNIT, "A", "always"): 400, Option(CLINICIAN, "A", "always"): 300}
)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(), "how many co-responder units and on-call clinicians there may be"),
        (Limits(units={UNIT: 400}), "how many on-call clinicians there may be"),
        (Limits(units={UNIT: 400, CLINICIAN: 300}), ""),
        (Limits(budget_per_year=9e9), ""),
        (Limits(roles={"clinician": 900}), ""),
    ],
)
def test_types_that_nothing_limits_are_named(limits: Limits, said: str) -> None:
    case = SimpleNamespace(limits=limits, program=load_program("mixed"))
    text = without_limits(SimpleNamespace(case=case, deployment=DEPLOYMENT))  # type: ignore[arg-type]
    assert said in text
    assert bool(text) == bool(said)
