"""The model beside the records: a city 30% slower than its map, one that fits, records of nobody knows whom, a day of police."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

import coresponse as cr
from coresponse.coverage.validation.units import check_units, todays_units
from coresponse.data.calls.history import CallHistory
from coresponse.data.city import City
from coresponse.data.districts import Districts
from coresponse.data.errors import InputError
from coresponse.data.posts import Posts
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.validated import ValidationPublication
from coresponse.publish.validation import APART, publish_validation
from coresponse.questions.further import Validation
from tests.recorded_city import GRID, POSTS, PROGRAM, TODAY, TYPE, bare_calls, recorded

UNITS = {f"* at {post} (*": post for post in "ABC"}


def posts() -> Posts:
    node = POSTS.frame["node"].to_numpy()
    frame = POSTS.frame.assign(
        name=POSTS.frame["post_id"],
        kind="station",
        x=GRID.node_x[node],
        y=GRID.node_y[node],
        snap_m=0.0,
        at_most=pd.array([pd.NA] * len(node), dtype="Int64"),
    )
    return replace(POSTS, frame=frame)


def quarters() -> Districts:
    """Cut the city in four, the last of which has a corner of its own with hardly a call."""
    west, east = float(GRID.node_x.min()) - 1, float(GRID.node_x.max()) + 1
    south, north = float(GRID.node_y.min()) - 1, float(GRID.node_y.max()) + 1
    x, y, corner = (west + east) / 2, (south + north) / 2, 450.0
    last = box(x, y, east, north).difference(box(east - corner, north - corner, east, north))
    shapes = {
        "NW": box(west, y, x, north),
        "SE": box(x, south, east, y),
        "SW": box(west, south, x, y),
        "NE": last,
        "Corner": box(east - corner, north - corner, east, north),
    }
    frame = gpd.GeoDataFrame(
        {"district_id": list(shapes), "name": list(shapes), "population": np.nan},
        geometry=list(shapes.values()),
        crs=GRID.crs,
    )
    return Districts(frame.sort_values("district_id", ignore_index=True))


def case(calls: CallHistory, units: dict[str, str] | None = None) -> cr.Case:
    frame = calls.frame.assign(nature="", channel="", priority="", x=0.0, y=0.0, snap_m=0.0)
    city = City(
        GRID,
        replace(calls, frame=frame),
        posts(),
        PROGRAM,
        districts=quarters(),
        today=TODAY,
        today_units=UNITS if units is None else units,
    )
    return cr.Case(city, target_min=15.0)


@pytest.fixture(scope="module")
def slow() -> CallHistory:
    return recorded(bare_calls(1_600), TODAY, speed=0.7, seed=50)


@pytest.fixture(scope="module")
def found(slow: CallHistory) -> Validation:
    return cr.validate(case(slow))


@pytest.fixture(scope="module")
def told(found: Validation) -> ValidationPublication:
    return publish_validation(found)


def test_a_city_30_percent_slower_than_its_map_is_told(
    found: Validation, told: ValidationPublication
) -> None:
    assert found.verdict == "off"
    assert found.start == "stated"
    assert found.calibration is not None
    assert found.calibration.used
    assert float(found.calibration.speed[0]) == pytest.approx(0.7, abs=0.03)
    assert abs(found.calibration.after) < 0.03 < found.calibration.before
    assert told.sentences[0].startswith("The model is off: recorded times are ")
    assert "longer than modeled" in told.sentences[0]
    fast = round(100 * (1 - float(found.calibration.speed[0])))
    assert f"the model is {fast}% fast" in told.sentences[-1]
    assert "from the posts that you named" in told.sentences[-1]
    kinds = set(told.table["grouped_by"])
    assert kinds == {"all", "district", "hour", "unit", "class"}


def test_other_posts_than_stated_are_not_taken_for_another_speed() -> None:
    calls = recorded(bare_calls(1_600), TODAY, speed=1.0, seed=50)
    asked = case(calls)
    (first, *_) = TODAY.counts
    crowded = cr.Deployment.of("today", {first[0]: 3})  # as stated; the crews start from A, B and C
    city = replace(asked.city, today=crowded)
    told = publish_validation(cr.validate(asked.with_(city=city)))
    assert told.verdict == "off"
    assert "shorter than modeled" in told.sentences[0]
    assert "So it is not the speed: other units go, or from other posts" in told.sentences[-1]
    right = publish_validation(cr.validate(asked))
    assert right.verdict == "fits"
    assert "not the speed" not in " ".join(right.sentences)


def test_speeds_by_class_of_road_are_told_apart(found: Validation) -> None:
    assert found.calibration is not None
    fit = found.calibration.fit
    by_class = replace(
        found.calibration,
        fit=replace(fit, terms=replace(fit.terms, groups=True)),
        speed=np.array([0.8]),
        group_speed=np.array([1.1, 1.0, 0.75]),
    )
    assert found.fit is not None
    assert found.lead is not None
    lead = replace(found.lead, calibration=by_class)
    told = publish_validation(replace(found, fit=replace(found.fit, types=(lead,)))).calibration
    assert told is not None
    assert "88% on motorways to primary roads, 80% on secondary" in told.sentence
    assert "60% on other roads" in told.sentence
    assert list(told.speeds["speed_of_stated"]) == [0.8, 1.1, 1.0, 0.75]
    assert next(iter(told.speeds["applies_to"])) == "whole week"


def test_posts_that_nobody_named_are_guessed(slow: CallHistory) -> None:
    guessed = cr.validate(case(slow, {f"{TYPE}*": ""}))
    assert guessed.start == "guessed"
    assert guessed.calibration is not None
    assert float(guessed.calibration.speed[0]) == pytest.approx(0.7, abs=0.05)


def test_a_model_that_is_right_is_left_alone() -> None:
    fits = cr.validate(case(recorded(bare_calls(1_600), TODAY, speed=1.0, seed=51)))
    assert fits.verdict == "fits"
    assert fits.calibration is not None
    assert not fits.calibration.used
    told = publish_validation(fits)
    assert told.sentences[0].startswith("The model fits the records")
    # records that no other speed fits better do not make the stated one right
    assert told.sentences[-1].startswith("Speeds stay as stated: fitted speeds do no better")


def test_small_districts_and_what_would_tell_them_are_not_shown(
    found: Validation, told: ValidationPublication
) -> None:
    exact = found.comparison.groups["district"]
    assert 1 <= exact.loc["Corner", "records"] <= 10
    shown = told.group("district")
    assert "Corner" not in set(shown["group"])
    # one small part of a known total alone would be what is left of it
    assert told.left_out["district"] >= 2
    assert len(shown) == len(exact) - told.left_out["district"]
    assert not any("Corner" in sentence for sentence in told.sentences)
    assert set(told.table["records_band"]) <= {
        "11-25", "26-50", "51-100", "101-250", "251-500", "501-1,000", "1,001-2,500",
    }  # fmt: skip
    inside = publish_validation(found, INTERNAL)
    assert "Corner" in set(inside.group("district")["group"])


def test_figures_are_rounded_by_how_many_records_they_are_of(told: ValidationPublication) -> None:
    steps = {"11-25": 0.1, "26-50": 0.05, "51-100": 0.02, "101-250": 0.01, "251-500": 0.005}
    for _, row in told.table.iterrows():
        step = steps.get(row["records_band"], 0.001)
        for end in ("", "_low", "_high"):
            times = row[f"{APART}{end}"] / step
            assert times == pytest.approx(round(times), abs=1e-6)
        assert row[f"{APART}_low"] <= row[APART] <= row[f"{APART}_high"]


def test_1_to_10_records_tell_nothing() -> None:
    calls = recorded(bare_calls(400), TODAY, speed=0.7, seed=50)
    few = calls.frame["unit_id"] == "POLICE"
    few.iloc[8:] = True
    frame = calls.frame.copy()
    frame.loc[few, "unit_id"] = "POLICE"
    told = publish_validation(cr.validate(case(replace(calls, frame=frame))))
    assert told.verdict == "cannot tell"
    assert not len(told.table)
    assert told.sentences[0].startswith("Cannot tell")
    assert told.calibration is None


def test_speeds_that_no_crew_drives_at_ask_for_units_and_posts(found: Validation) -> None:
    assert found.calibration is not None
    assert found.fit is not None
    assert found.lead is not None
    fast = replace(found.calibration, speed=3 * found.calibration.speed, used=False)
    fit = replace(found.fit, types=(replace(found.lead, calibration=fast),))
    said = publish_validation(replace(found, fit=fit)).sentences[-1]
    assert "no crew drives as these records would have it: Units drive at 2" in said
    assert "are their posts right?" in said


def test_records_of_nobody_knows_whom_cannot_tell(slow: CallHistory) -> None:
    unnamed = cr.validate(case(slow, {}))
    assert unnamed.reasons == ("units not named",)
    assert unnamed.verdict == "cannot tell"
    assert unnamed.calibration is None
    told = publish_validation(unnamed)
    assert "say which units in the calls are today's crews" in told.sentences[0]
    assert "whichever unit arrived" in told.sentences[1]
    assert set(told.group("district")["stands_out"]) == {"unknown"}
    without = replace(slow, frame=slow.frame.assign(unit_id=""))
    assert cr.validate(case(without, {})).reasons == ("no units",)


def test_one_day_of_police_cannot_tell() -> None:
    """A fifth of a large city's day: travels that the roads do not explain, by units nobody has."""
    rng = np.random.default_rng(7)
    calls = bare_calls(1_000)
    received = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(
        np.sort(rng.integers(0, 86_400, 1_000)), unit="s"
    )
    arrived = received + pd.to_timedelta(rng.lognormal(6, 0.8, 1_000).round(), unit="s")
    frame = calls.frame.assign(
        received_at=received, dispatched_at=received, arrived_at=arrived, unit_id=""
    )
    day = cr.validate(case(replace(calls, frame=frame, days=1.0), {}))
    assert day.verdict == "cannot tell"
    assert day.reasons == ("no units", "one day")
    # who says that all of them are today's crews is told the same: a day does not tell
    stated = cr.validate(case(replace(calls, frame=frame, days=1.0), {"*": ""}))
    assert stated.verdict == "cannot tell"
    assert stated.reasons == ("one day",)
    assert stated.calibration is not None
    assert not stated.calibration.used
    told = publish_validation(stated)
    assert "all records are of one day" in told.sentences[0]
    assert "band" not in told.sentences[1]


def test_without_times_or_todays_deployment_it_is_said(slow: CallHistory) -> None:
    blank = slow.frame.assign(arrived_at=pd.Series(pd.NaT, index=slow.frame.index, dtype="datetime64[ns, UTC]"))  # fmt: skip
    told = publish_validation(cr.validate(case(replace(slow, frame=blank))))
    assert told.verdict == "cannot tell"
    assert "no times of arrival" in told.sentences[0]
    none = publish_validation(cr.validate(case(slow, {"CRT-9": "A"})))
    assert "no arrival is by a unit" in none.sentences[0]
    asked = case(slow)
    with pytest.raises(InputError, match="today's deployment is not known"):
        cr.validate(replace(asked, city=replace(asked.city, today=None)))


def test_units_are_found_by_name_before_patterns_and_by_type() -> None:
    stated = {"CRT-*": "", "crt-1": "B", "Team?": TYPE}
    units = todays_units(stated, ["CRT-1", "CRT-2", "Team7", "4A12"], TODAY, PROGRAM)
    assert units.post == {"CRT-1": "B", "CRT-2": "", "Team7": ""}
    assert set(units.responder_type.values()) == {TYPE}
    with pytest.raises(InputError, match="neither a post nor a responder type"):
        check_units({"CRT-1": "Z"}, posts(), PROGRAM)


def test_a_share_of_records_is_told_in_steps_of_five_records(found: Validation) -> None:
    """Of 30 records 83% would be 25: no other number of the range 26-50 gives that."""
    few = replace(found.comparison.overall, records=30)
    compared = replace(
        found.comparison, overall=few, share_in_time=(25 / 30, 0.667), share_off=True
    )
    told = publish_validation(replace(found, comparison=compared))
    assert "Of recorded responses 80% were in time; the model says 70%." in told.sentences
