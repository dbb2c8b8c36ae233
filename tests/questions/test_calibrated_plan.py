"""Plans with speeds fitted to the records: in a city 30% slower than its map they promise what unseen calls then meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import coresponse as cr
from coresponse.coverage.evaluation_setup import history_setup
from coresponse.coverage.replay.holdout import split_by_time
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.coverage.settings import EvaluationSettings
from coresponse.coverage.validation.city import calibrated_city, fit_city, speeds_sentence
from coresponse.coverage.validation.findings import CityFit
from coresponse.coverage.validation.recorded import Recorded
from coresponse.coverage.validation.stages import fit_stage
from coresponse.data.calls.history import CallHistory
from coresponse.data.city import City
from coresponse.data.limits import Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.sourced import SourcedNumber
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
    assert [cr.evaluate(one, TODAY).drives_vary for one in (calibrated, stated)] == [True, False]
    # fitted speeds alone are not enough: drives that never vary have too few long ones
    kinds = {
        name: kind.model_copy(update={"drive_spread": None})
        for name, kind in city.program.responder_types.items()
    }
    even = city.program.model_copy(update={"responder_types": kinds})
    without = promised(replace(stated, city=replace(city, program=even)), deployment)
    assert without.figure("p90_s").mean < 0.95 * p90_s


def two_types(slow: dict[str, float], n: int = 3_000) -> cr.Case:
    """A city of two crews, each with its own true speed, at posts that are not named."""
    made = case(bare_calls(n))
    kind = made.city.program.responder_types[TYPE]
    kinds = {TYPE: kind, "second": kind.model_copy(update={"title": "Second crew"})}
    program = made.city.program.model_copy(update={"responder_types": kinds})
    options = {
        Option(name, post, "always"): 1
        for name, post in (("second", "C"), (TYPE, "A"), (TYPE, "B"))
    }
    today = Deployment.of("today", options)
    city = replace(made.city, program=program, today=today)
    true = program.model_copy(
        update={
            "responder_types": {
                name: one.model_copy(
                    update={
                        "speed_factor": SourcedNumber(value=one.speed_factor.value * slow[name]),
                        "drive_spread": SourcedNumber(value=0.3),
                    }
                )
                for name, one in kinds.items()
            }
        }
    )
    setup = history_setup(
        replace(city, program=true), EvaluationSettings(replications=2), city.calls,
        target_s=TARGET_S, seed=11,
    )  # fmt: skip
    run, frame = setup.replay(today)[0], city.calls.frame
    labels = np.array([*run.fleet.labels(), "POLICE"], dtype=object)

    def stamps(seconds: np.ndarray) -> pd.Series:
        since = np.round(np.nan_to_num(seconds - run.scenario.calls.received_s, nan=240.0))
        return frame["received_at"] + pd.to_timedelta(since, unit="s")

    told = frame.assign(
        dispatched_at=stamps(run.record.sent_s),
        arrived_at=stamps(run.record.arrived_s),
        cleared_at=stamps(run.record.cleared_s),
        unit_id=labels[run.record.server],
    )
    units = {f"{TYPE}*": TYPE, "second*": "second"}
    known = replace(city, calls=replace(city.calls, frame=told), today_units=units)
    return replace(made, city=known, evaluation=SETTINGS)


def test_each_crew_with_enough_records_has_its_own_speed() -> None:
    asked = two_types({TYPE: 0.7, "second": 0.9})
    city, found = fitted(asked)
    assert [fit.responder_type for fit in found.types] == [TYPE, "second"]
    assert all(fit.enough and fit.calibration.used for fit in found.types)
    speed = city.periods[0].speed_factor
    stated = asked.city.program.responder_types
    ratio = {
        name: speed * city.program.responder_types[name].speed_factor.value / one.speed_factor.value
        for name, one in stated.items()
    }
    assert ratio[TYPE] == pytest.approx(0.7, abs=0.05)
    assert ratio["second"] == pytest.approx(0.9, abs=0.07)
    for fit in found.types:
        assert fit.drive_spread == pytest.approx(0.3, abs=0.08)
    told = publish_validation(cr.validate(asked))
    assert told.calibration is not None
    assert list(told.calibration.crews["applies_to"]) == [stated[TYPE].title, "Second crew"]
    assert set(told.calibration.crews["better"]) == {"yes"}


def test_recorded_call_taking_takes_the_programs_place_where_days_bear_it_out() -> None:
    """A desk that takes three minutes where the program says two; and one that takes two."""
    for minutes, used in ((3.0, True), (2.0, False)):
        rng = np.random.default_rng(5)
        observed = rng.lognormal(np.log(minutes * 60) - 0.125, 0.5, 600)
        observed[::20] *= 30  # stamps of other calls
        stage = fit_stage(observed, np.arange(600) % 60, 120.0)
        assert stage.used == used
        assert stage.fitted_s == pytest.approx(minutes * 60, rel=0.07)
    assert not fit_stage(np.full(150, 300.0), np.arange(150) % 60, 120.0).used


def test_recorded_turn_outs_are_told_apart_from_drives() -> None:
    """With the moment of leaving recorded, turn-out is what lies before it, whatever the drives are."""
    asked = two_types({TYPE: 0.7, "second": 0.9}, n=2_000)
    frame = asked.city.calls.frame
    stated_s = asked.city.program.responder_types[TYPE].delay_min.value * 60
    rng = np.random.default_rng(9)
    turn_s = rng.lognormal(np.log(1.5 * stated_s) - 0.125, 0.5, len(frame))
    later = pd.to_timedelta(np.round(turn_s - stated_s), unit="s")
    crews = frame["unit_id"] != "POLICE"
    told = frame.assign(
        en_route_at=(frame["dispatched_at"] + pd.to_timedelta(np.round(turn_s), unit="s")).where(
            crews
        ),
        arrived_at=frame["arrived_at"] + later,
        cleared_at=frame["cleared_at"] + later,
    )
    city = replace(asked.city, calls=replace(asked.city.calls, frame=told))
    made, found = fitted(replace(asked, city=city))
    kind = made.program.responder_types[TYPE]
    assert kind.delay_min.value == pytest.approx(1.5 * stated_s / 60, rel=0.06)
    assert kind.delay_spread is not None
    assert kind.delay_spread.value == pytest.approx(0.5, abs=0.06)
    assert made.periods[0].speed_factor == pytest.approx(0.7, abs=0.03)
    assert found.types[0].calibration.fit.delay_s == 0
