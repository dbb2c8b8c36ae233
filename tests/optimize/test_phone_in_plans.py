"""A desk of clinicians on the phone in a plan: what it ends leaves model and replay, and stands in funnel, people and cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_cities import Judged, case_of, city

from coresponse.coverage.phone_stage import calls_by_channel
from coresponse.coverage.queueing.phone import clinicians_needed
from coresponse.coverage.service.arrivals import fitted_arrivals
from coresponse.data.hours import WeekHours
from coresponse.data.programs.phone import PhoneStage
from coresponse.data.sourced import SourcedNumber
from coresponse.optimize.case import Case
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.phone import publish_phone


def exactly(value: float) -> SourcedNumber:
    return SourcedNumber(value=value)


STAGE = PhoneStage(
    first={"crisis_low": {"*": exactly(0.6)}},
    handle_min=exactly(30.0),
    patience_min=exactly(10.0),
    resolved_share=exactly(0.8),
    under_triage_share=exactly(0.1),
)


def with_phone(stage: PhoneStage | None, seed: int = 2) -> Case:
    made = city(seed, n_posts=5)
    return case_of(replace(made, program=made.program.model_copy(update={"phone": stage})))


def calls_by_class(case: Case) -> dict[str, float]:
    cells = case.table.cells
    sums = np.bincount(cells.call_class, weights=cells.calls_per_week)
    return dict(zip(cells.class_names, sums.tolist(), strict=False))


def test_what_the_phone_ends_comes_neither_to_the_model_nor_to_the_replay() -> None:
    without, case = with_phone(None), with_phone(STAGE)
    desk = case.phone
    assert desk is not None
    hung_up = float(desk.flows["hung_up"].sum() / desk.flows.loc["crisis_low", "calls"].sum() / 0.6)
    ended = 0.6 * (1 - hung_up) * 0.8 * 0.9
    assert case.by_phone == pytest.approx({"crisis_low": ended})
    assert 0.3 < ended < 0.6 * 0.8 * 0.9
    before, after = calls_by_class(without), calls_by_class(case)
    assert after["crisis_low"] == pytest.approx(before["crisis_low"] * (1 - ended))
    assert after["crisis_high"] == before["crisis_high"]

    setup = Judged(case).setup
    assert setup.drawn is not None
    fitted, arrivals = fitted_arrivals(case.world), setup.drawn.arrivals
    low = fitted.class_names.index("crisis_low")
    assert arrivals.rate_per_h[low] == pytest.approx(fitted.rate_per_h[low] * (1 - ended))
    assert arrivals.rate_per_h.sum() + arrivals.by_phone_per_week == pytest.approx(
        fitted.rate_per_h.sum()
    )
    found = setup.evaluate(
        case.table, case.deployment(np.eye(len(case.options), dtype=np.int64)[0]), None, workers=1
    ).replay
    assert found is not None
    first, second = found.funnel[:2]
    lost = {reason: one.mean for reason, one in second.lost}
    assert lost["ended by a clinician on the phone"] == pytest.approx(arrivals.by_phone_per_week)
    assert first.calls.mean == pytest.approx(second.calls.mean + sum(lost.values()))
    assert "ended by a clinician on the phone" not in {
        reason
        for row in Judged(without)
        .setup.evaluate(
            without.table,
            without.deployment(np.eye(len(without.options), dtype=np.int64)[0]),
            None,
            workers=1,
        )
        .replay.funnel
        for reason, _ in row.lost
    }


def test_a_case_without_its_calls_keeps_what_the_phone_ends() -> None:
    case = with_phone(STAGE)
    assert case.lean().by_phone == case.by_phone
    assert case.with_(budget_per_year=1e6).by_phone == case.by_phone


def test_a_desk_has_the_clinicians_that_it_is_given_and_no_calls_while_it_is_closed() -> None:
    day = WeekHours.parse("Mon-Fri 08:00-18:00")
    given = with_phone(STAGE.model_copy(update={"clinicians": 2, "hours": day})).phone
    needed = with_phone(STAGE.model_copy(update={"hours": day})).phone
    assert given is not None
    assert needed is not None
    assert given.by_hour["clinicians"].tolist() == (2 * day.mask()).tolist()
    closed = ~day.mask()
    assert (given.by_hour["share_hung_up"][closed] == 1).all()
    assert (needed.by_hour["clinicians"][closed] == 0).all()
    # two shifts of five hours, each with the same seats on all its days
    for words, seats in needed.shifts.items():
        assert words in {"Mon-Fri 08:00-13:00", "Mon-Fri 13:00-18:00"}
        assert (needed.by_hour["clinicians"][WeekHours.parse(words).mask()] == seats).all()


def test_the_desks_people_and_dollars_re_add_by_hand() -> None:
    case = with_phone(STAGE)
    calls = calls_by_channel(case.city)
    low = calls[calls["call_class"] == "crisis_low"].groupby("hour")["calls_per_week"].sum()
    told = publish_phone(case, INTERNAL)
    assert told is not None
    # no shift has more seats than its busiest hour takes by itself, and each has some
    clock = low.groupby(low.index % 24).max()
    for first in (7, 15, 23):
        busiest = max(float(clock.get((first + k) % 24, 0)) for k in range(8))
        seats = told.shifts[f"daily {first:02d}:00-{(first + 8) % 24:02d}:00"]
        alone = {"within_s": 60, "share": 0.9, "patience_min": 10.0}
        assert 1 <= seats <= clinicians_needed(0.6 * busiest, 30.0, **alone)
    hours = told.hours_per_week
    assert hours == 56 * sum(told.shifts.values())
    program = case.program
    pay = program.crew_roles["clinician"].cost_per_hour.value
    year = hours * 365.25 / 7
    supervision = program.staffing.supervision_share
    assert told.cost_per_year == pytest.approx(year * pay * (1 + supervision), abs=0.01)
    fte = year / program.productive_hours_per_year.value
    role = program.crew_roles["clinician"]
    learning = fte * role.turnover_share.value * role.onboarding_months.value / 12
    assert told.staff.positions == pytest.approx(fte)
    assert told.staff.people == int(np.ceil(fte + learning))
    flows = told.flows
    assert flows["field"] + flows["ended"] == pytest.approx(flows["calls"])
    public = publish_phone(case, PUBLIC)
    assert public is not None
    assert (public.hours_per_week, public.cost_per_year) == (hours, told.cost_per_year)
    # calls are rounded as those before the phone are: fewer come to the field than there are
    assert public.flows["calls"] == pytest.approx(flows["calls"], rel=0.01)
    assert public.flows["field"] == pytest.approx(flows["field"], rel=0.02)
    assert "Clinicians on the phone answer" in public.sentences[0]
    assert publish_phone(with_phone(None), PUBLIC) is None
