"""Plans with speeds fitted to the records: in a city 30% slower than its map they promise what unseen calls then meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import coresponse as cr
from coresponse.coverage.replay.holdout import split_by_time
from coresponse.coverage.replay.measures import ReplayMeasures
from coresponse.coverage.settings import EvaluationSettings
from coresponse.coverage.validation.city import (
    CityFit,
    calibrated_city,
    fit_city,
    speeds_sentence,
)
from coresponse.coverage.validation.recorded import Recorded
from coresponse.data.calls.history import CallHistory
from coresponse.data.city import City
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment
from coresponse.publish.validation import publish_validation
from tests.questions.test_validate import case
from tests.recorded_city import TARGET_S, TODAY, TYPE, bare_calls, recorded

SPEED = 0.7
SETTINGS = EvaluationSettings(replications=4, weeks=26, holdout_share=0.0)


def asked(calls: CallHistory) -> cr.Case:
    made = case(calls)
    return made.with_(evaluation=SETTINGS, limits=Limits(units={TYPE: 4}), target_min=TARGET_S / 60)


def fitted(asked: cr.Case) -> tuple[City, CityFit]:
    known = Recorded.of(asked.city)
    runs = known.replayed(asked.evaluation, target_s=asked.target_s, seed=1)
    found = fit_city(known, runs)
    return calibrated_city(asked.city, found), found


@pytest.fixture(scope="module")
def halves() -> tuple[CallHistory, CallHistory]:
    return split_by_time(recorded(bare_calls(2_400), TODAY, speed=SPEED, seed=50))


def test_validation_says_30_percent_fast_within_3_points(
    halves: tuple[CallHistory, CallHistory],
) -> None:
    told = publish_validation(cr.validate(asked(halves[0])))
    assert told.verdict == "off"
    said = told.sentences[-1]
    fast = int(said.split("the model is ")[1].split("% fast")[0])
    assert fast == pytest.approx(30, abs=3)


def promised(asked: cr.Case, deployment: Deployment) -> ReplayMeasures:
    replay = cr.evaluate(asked, deployment).replay
    assert replay is not None
    return replay


def test_the_calibrated_plan_promises_what_unseen_calls_meet(
    halves: tuple[CallHistory, CallHistory],
) -> None:
    first, later = halves
    stated = asked(first)
    city, found = fitted(stated)
    assert "Speeds are calibrated: units drive at 7" in speeds_sentence(stated.city, found)
    calibrated = replace(stated, city=city)
    deployment = cr.plan(calibrated).deployment
    # what it then does with later calls, many times over, on streets as slow as they are
    shares, waits = [], []
    for seed in range(6):
        frame = recorded(later, deployment, speed=SPEED, seed=70 + seed).frame
        crews = frame["unit_id"] != "POLICE"
        waited_s = (frame["arrived_at"] - frame["received_at"]).dt.total_seconds()
        shares.append(((waited_s <= TARGET_S) & crews).mean())
        waits.append(waited_s[crews].quantile(0.9))
    truth, p90_s = float(np.mean(shares)), float(np.mean(waits))
    found_so = promised(calibrated, deployment)
    assert found_so.figure("share_in_time").holds(truth)
    assert found_so.figure("share_in_time").mean == pytest.approx(truth, abs=0.03)
    assert found_so.figure("p90_s").mean == pytest.approx(p90_s, rel=0.04)
    assert promised(stated, deployment).figure("share_in_time").mean > truth + 0.10
    # fitted speeds alone are not enough: drives that never vary have too few long ones
    kinds = {
        name: kind.model_copy(update={"drive_spread": None})
        for name, kind in city.program.responder_types.items()
    }
    even = city.program.model_copy(update={"responder_types": kinds})
    without = promised(replace(stated, city=replace(city, program=even)), deployment)
    assert without.figure("p90_s").mean < 0.95 * p90_s
