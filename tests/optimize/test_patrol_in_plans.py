"""A patrol in a program: every replay of a plan shares its officers, and says what they did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_cities import CLINICIAN, Judged, case_of, city

from coresponse.cli.show_evaluations import officer_words
from coresponse.coverage.replay.officers import officer_figures, patrol_of_city
from coresponse.data.errors import InputError
from coresponse.data.hours import WeekHours
from coresponse.data.programs.patrol import OfficersOn, PatrolStage
from coresponse.data.sourced import SourcedNumber
from coresponse.optimize.case import Case
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.evaluation import publish_evaluation

ALWAYS = WeekHours.of(range(168))


def patrol(count: int, calls_per_h: float | None = 4.0) -> PatrolStage:
    """Officers around the clock, each of whose own calls takes half an hour."""
    stated = None if calls_per_h is None else SourcedNumber(value=calls_per_h)
    on = (OfficersOn(hours=ALWAYS, count=count),)
    return PatrolStage(officers=on, calls_per_h=stated, job_min=SourcedNumber(value=30.0))


def with_patrol(stage: PatrolStage | None) -> Case:
    made = city(2, n_posts=5)
    return case_of(replace(made, program=made.program.model_copy(update={"patrol": stage})))


def clinicians(case: Case) -> np.ndarray:
    return np.array([o.responder_type == CLINICIAN for o in case.options], dtype=np.int64)


def test_searches_and_figures_meet_the_same_officers() -> None:
    judged = Judged(with_patrol(patrol(3)))
    case, quick, counts = judged.case, judged.trials.quick, clinicians(judged.case)
    scenes = judged.setup.scenes[:2]
    runs = judged.setup.replay(case.deployment(counts), scenes, workers=1)
    for scene, run in zip(scenes, runs, strict=True):
        ready = quick.scene(scene)
        for _ in range(2):  # officers of one trial are not tired by the one before
            found = quick.replay(ready, counts)
            waited = np.nan_to_num(run.response_s(), nan=np.inf)
            assert np.array_equal(found.wait_s, waited)
        assert run.patrol is not None
        sent = run.record.server >= 0
        there = run.patrol.sent_s + run.patrol.drive_s
        contact = np.maximum(run.record.arrived_s, there)
        assert np.array_equal(run.record.contact_s[sent], contact[sent])


def test_fewer_officers_make_clinicians_and_callers_wait() -> None:
    told = []
    for count in (3, 12):
        judged = Judged(with_patrol(patrol(count)))
        case = judged.case
        found = judged.setup.evaluate(
            case.table, case.deployment(clinicians(case)), None, workers=1
        )
        assert found.replay is not None
        assert found.replay.officers is not None
        told.append((found.replay.officers, found.replay.figure("mean_s").mean))
        shown = publish_evaluation(found, case.program, INTERNAL).replay
        assert shown is not None
        assert shown.officers == found.replay.officers
        assert "patrol officers: busy" in officer_words(shown.officers)
    (few, few_mean_s), (many, many_mean_s) = told
    assert few.busy_share > 3 * many.busy_share
    assert few.wait_min > many.wait_min + 1
    assert few_mean_s > many_mean_s + 30
    assert many.wait_min < 0.1
    # the load of 4 own calls an hour of half an hour, and what they do with clinicians and alone
    hours = 12 * 168 * many.busy_share
    assert hours == pytest.approx(
        4 * 168 * 0.5 + many.with_clinicians_h_per_week + many.alone_h_per_week, rel=0.01
    )


def test_without_a_patrol_nothing_is_told_of_officers() -> None:
    judged = Judged(with_patrol(None))
    run = judged.setup.replay(
        judged.case.deployment(clinicians(judged.case)), judged.setup.scenes[:1], workers=1
    )[0]
    assert run.patrol is None
    with pytest.raises(InputError, match="no patrol fleet"):
        officer_figures(run, judged.case.program)


def test_the_patrol_is_as_stated_hour_by_hour_and_its_own_work_must_be_known() -> None:
    night = OfficersOn(hours=WeekHours.parse("Mon-Sun 20:00-04:00"), count=2)
    stage = patrol(5).model_copy(update={"officers": (*patrol(5).officers, night)})
    fleet = patrol_of_city(with_patrol(stage).city)
    assert fleet is not None
    assert fleet.officers[:24].tolist() == [7] * 4 + [5] * 16 + [7] * 4
    assert set(fleet.calls_per_h) == {4.0}
    assert fleet.job_min == 30.0
    assert patrol_of_city(with_patrol(None).city) is None
    with pytest.raises(InputError, match="state calls_per_h under"):
        patrol_of_city(with_patrol(patrol(5, None)).city)
    assert list(patrol(5, -1.0).faults()) == ["patrol: calls_per_h must be 0 or more"]
