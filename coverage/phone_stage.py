"""The phone before the field: which calls clinicians on the phone take, end, and pass on, and who must sit there.

Hours of the week are taken as steady one by one, which is right where calls are short against an
hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes, rows_by_class
from coresponse.coverage.queueing.phone import MOST_CLINICIANS, PhoneDesk, clinicians_needed
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK, hour_of_week
from coresponse.data.known_city import KnownCity
from coresponse.data.programs.phone import PhoneStage
from coresponse.data.sourced import SourcedNumber

ENDS = ("low", "value", "high")


@dataclass(frozen=True, eq=False)
class PhoneAnswer:
    """What a desk does with a week's calls.

    Attributes
    ----------
    flows
        One row a call class and channel, calls a week: `calls`; `straight_to_field` (the phone does
        not take them); `hung_up` (gave up waiting: to the field); `ended` (on the phone, for good);
        `passed_on` (to the field after the phone); `came_later` (ended on the phone, but came to
        the field after all); `field` (straight, hung up, passed on and later) with `field_low` and
        `field_high` (all rates at the ends of their ranges that make the field's work least and
        most); `passed_on_needlessly`.
    by_hour
        One row an hour of the week (0: Monday 00:00): `calls` at the desk, `clinicians`, `busy_share`,
        `share_waiting`, `mean_wait_s`, `share_in_time`, `share_hung_up`, `clinicians_needed` for
        the standard.
    shifts
        Seats of the desk by the hours of a shift, in words; empty where clinicians were given by
        the hour.
    """

    flows: pd.DataFrame
    by_hour: pd.DataFrame
    shifts: Mapping[str, int] = field(default_factory=dict)

    @property
    def clinician_hours_per_week(self) -> float:
        """Hours a week at the desk, as staffed."""
        return float(self.by_hour["clinicians"].sum())


def phone_answer(
    calls: pd.DataFrame, stage: PhoneStage, clinicians: NDArray[np.integer] | None = None
) -> PhoneAnswer:
    """Work out what the phone does.

    Parameters
    ----------
    calls
        One row a call class, channel and hour of the week: `call_class`, `channel`, `hour`
        (0..167), `calls_per_week`.
    stage
        Shares taken first, times and rates.
    clinicians
        (168,) at the desk in each hour of the week, 0: the desk is closed and all calls go to the
        field; None: as many as the standard takes.

    Raises
    ------
    InputError
        If an hour is no hour of the week, or clinicians are not given for each.
    """
    if not calls["hour"].between(0, HOURS_A_WEEK - 1).all():
        raise InputError("hours of the week go from 0 (Monday 00:00) to 167")
    if clinicians is not None and (len(clinicians) != HOURS_A_WEEK or (clinicians < 0).any()):
        raise InputError(
            "clinicians on the phone must be 0 or more in each of the week's 168 hours"
        )
    share = np.array(
        [
            [_end(stage.share_first(name, channel), end) for end in ENDS]
            for name, channel in zip(calls["call_class"], calls["channel"], strict=True)
        ]
    ).reshape(len(calls), 3)
    hour, amount = calls["hour"].to_numpy(), calls["calls_per_week"].to_numpy(dtype=np.float64)
    at_desk = np.zeros(HOURS_A_WEEK)
    np.add.at(at_desk, hour, amount * share[:, 1])
    by_hour = _desk_by_hour(at_desk, stage, clinicians)
    hung_up = by_hour["share_hung_up"].to_numpy()[hour]
    flows = pd.DataFrame(
        {
            "call_class": calls["call_class"],
            "channel": calls["channel"],
            **_flows(amount, share, hung_up, stage),
        }
    )
    return PhoneAnswer(flows.groupby(["call_class", "channel"], sort=False).sum(), by_hour)


def phone_of(calls: pd.DataFrame, stage: PhoneStage) -> PhoneAnswer:
    """Work out what a desk as its program staffs it does with a week's calls, see :func:`calls_by_channel`."""
    keys = ["call_class", "channel", "hour"]
    calls = calls.groupby(keys, sort=True)["calls_per_week"].sum().reset_index()
    by_hour = phone_answer(calls, stage, stage.hours.mask().astype(np.int64)).by_hour
    staffed, shifts = np.zeros(HOURS_A_WEEK, dtype=np.int64), {}
    for hours in stage.shifts:
        inside = hours.mask()
        seats = stage.clinicians
        if seats is None:
            seats = _seats(by_hour["calls"].to_numpy()[inside], stage)
        staffed += seats * inside
        if seats:
            shifts[hours.words()] = seats
    return replace(phone_answer(calls, stage, staffed), shifts=shifts)


def _seats(calls: NDArray[np.float64], stage: PhoneStage) -> int:
    """Return the fewest seats with which a shift answers the standard's share of its calls in time.

    The same on all its days, and over all its hours together: a few numbers tell little of an
    hour's few calls, which are mostly chance.
    """
    handle, patience = stage.handle_min.value, stage.patience_min.value
    values, hours = np.unique(calls[calls > 0], return_counts=True)
    if not len(values):
        return 0
    for seats in range(1, MOST_CLINICIANS + 1):
        desks = (PhoneDesk(float(value), handle, seats, patience) for value in values)
        in_time = np.array([desk.share_within(stage.within_s.value) for desk in desks])
        if in_time @ (values * hours) >= stage.within_share.value * (values @ hours):
            return seats
    raise InputError(f"{calls.sum():g} calls need more than {MOST_CLINICIANS:,} clinicians at once")


def calls_by_channel(city: KnownCity, district: NDArray[np.integer] | None = None) -> pd.DataFrame:
    """Return a week of the city's calls that a responder or the desk takes.

    Calls that are of a class by a share count as it. The desk takes its classes whichever crews
    there are: so it is the same desk whatever program it stands beside.

    Parameters
    ----------
    district
        (calls,) position of each call's district, -1 outside; None: no districts.

    Returns
    -------
    pandas.DataFrame
        `call_class`, `channel`, `hour` of the week, `district`, `calls_per_week`.
    """
    stage, program = city.program.phone, city.program
    names = eligible_classes(program)
    if stage is not None:
        names += tuple(name for name in stage.first if name not in names)
    frame = city.calls.frame
    frame = frame.assign(position=-1 if district is None else np.asarray(district))
    rows = rows_by_class(frame, program, names)
    received = rows["received_at"].dt
    told = pd.DataFrame(
        {
            "call_class": rows["call_class"].astype(str),
            "channel": rows["channel"].astype(str),
            "hour": hour_of_week(received.day_of_week.to_numpy(), received.hour.to_numpy()),
            "district": rows["position"],
            "calls_per_week": rows["middle"] / (city.calls.days / 7),
        }
    )
    keys = ["call_class", "channel", "hour", "district"]
    return told.groupby(keys, sort=True, as_index=False).sum()


def ended_on_phone(answer: PhoneAnswer) -> dict[str, float]:
    """Return the share of each class's calls that the phone ends for good, by class."""
    by_class = answer.flows.groupby(level="call_class")[["calls", "ended"]].sum()
    share = by_class["ended"] / by_class["calls"]
    return {str(name): float(value) for name, value in share.items() if value > 0}


def _desk_by_hour(
    at_desk: NDArray[np.float64], stage: PhoneStage, clinicians: NDArray[np.integer] | None
) -> pd.DataFrame:
    rows = []
    handle, patience = stage.handle_min.value, stage.patience_min.value
    standard = {"within_s": stage.within_s.value, "share": stage.within_share.value}
    needs = {
        calls: clinicians_needed(calls, handle, patience_min=patience, **standard)
        for calls in np.unique(at_desk)
    }
    for hour, calls in enumerate(at_desk):
        needed = needs[calls]
        there = needed if clinicians is None else int(clinicians[hour])
        if there == 0:
            busy, waiting, wait_s, in_time, gone = np.nan, np.nan, np.nan, np.nan, 1.0
        else:
            desk = PhoneDesk(calls, handle, there, patience)
            busy, waiting, wait_s = desk.busy_share, desk.share_waiting, desk.mean_wait_s
            in_time, gone = desk.share_within(stage.within_s.value), desk.share_hung_up
        rows.append((calls, there, busy, waiting, wait_s, in_time, gone, needed))
    columns = ["calls", "clinicians", "busy_share", "share_waiting", "mean_wait_s"]
    columns += ["share_in_time", "share_hung_up", "clinicians_needed"]
    return pd.DataFrame(rows, columns=columns).rename_axis("hour")


def _flows(
    amount: NDArray[np.float64],
    share: NDArray[np.float64],
    hung_up: NDArray[np.float64],
    stage: PhoneStage,
) -> dict[str, NDArray[np.float64]]:
    def reaching(first: NDArray[np.float64], ended: float, later: float) -> NDArray[np.float64]:
        answered = amount * first * (1 - hung_up)
        return amount - answered * ended * (1 - later)

    resolved, under, over = stage.resolved_share, stage.under_triage_share, stage.over_triage_share
    taken = amount * share[:, 1]
    answered = taken * (1 - hung_up)
    ended = answered * resolved.value
    passed_on = answered - ended
    least = reaching(share[:, 2], _end(resolved, "high"), _end(under, "low"))
    most = reaching(share[:, 0], _end(resolved, "low"), _end(under, "high"))
    return {
        "calls": amount,
        "straight_to_field": amount - taken,
        "hung_up": taken - answered,
        "ended": ended * (1 - under.value),
        "passed_on": passed_on,
        "came_later": ended * under.value,
        "field": reaching(share[:, 1], resolved.value, under.value),
        "field_low": least,
        "field_high": most,
        "passed_on_needlessly": passed_on * over.value,
    }


def _end(figure: SourcedNumber, end: str) -> float:
    found = getattr(figure, end)
    return figure.value if found is None else float(found)
