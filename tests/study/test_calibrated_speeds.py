"""``speeds = "calibrated"`` in study.toml: used where days that were not fitted bear it out, and said wherever the study is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coresponse.data.errors import CoresponseError
from coresponse.data.programs.load import load_program
from coresponse.data.sample_city import sample_folder
from coresponse.publish.history import facts_of
from coresponse.study.files import copy_study
from coresponse.study.read import LoadedStudy, read_study
from tests.questions.small_study import without_today

CREW = "co_responder_unit"


def calibrated(folder: Path, *, slower: float = 1.0) -> LoadedStudy:
    """The sample at calibrated speeds, its crews' travels as many times as long."""
    copy_study(sample_folder(), folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        text.replace("seed = 1\n", 'seed = 1\nspeeds = "calibrated"\n', 1), encoding="utf-8"
    )
    calls = pd.read_parquet(folder / "calls.parquet")
    crews = calls["unit_id"].str.startswith("CRU").to_numpy()
    way = (calls["arrived_at"] - calls["dispatched_at"]) * np.where(crews, slower - 1, 0.0)
    for name in ("arrived_at", "cleared_at"):
        calls[name] += way.fillna(pd.Timedelta(0))
    calls.to_parquet(folder / "calls.parquet", index=False)
    return read_study(folder)


def test_a_sample_whose_crews_are_slow_is_planned_with_slow_crews(tmp_path: Path) -> None:
    study = calibrated(tmp_path / "slow", slower=1.4)
    assert study.stated is not None
    assert "Speeds are calibrated: units drive at " in study.city.notice
    said = facts_of(study.case).notice
    assert said.startswith("SYNTHETIC calls")
    assert "off the model as stated and" in said
    stated = [p.speed_factor for p in study.stated.periods]
    speeds = [p.speed_factor for p in study.city.periods]
    ratio = np.array(speeds) / stated
    # turn-out is stretched with the drives: all of a travel takes 1.4 times as long
    assert ratio == pytest.approx(1 / 1.4, abs=0.06)
    kind = study.city.program.responder_types[CREW]
    assert kind.delay_min.value > study.stated.program.responder_types[CREW].delay_min.value
    assert kind.delay_min.mark == "derived"
    assert kind.drive_spread is not None
    assert 0.2 < kind.drive_spread.value < 0.45
    # who has no records drives on the same streets; what helps by phone does not drive
    on_call = study.city.program.responder_types["on_call_clinician"]
    assert on_call.drive_spread is not None
    assert on_call.drive_spread.value == kind.drive_spread.value
    assert on_call.delay_min == study.stated.program.responder_types["on_call_clinician"].delay_min
    # another program is compared on the same streets, from the same desk
    other = study.city.with_program(load_program("on-call"))
    slowest = min(p.speed_factor for p in study.city.periods)
    assert min(p.speed_factor for p in other.periods) == slowest
    drivers = [k for k in other.program.responder_types.values() if k.kind != "tele"]
    assert {k.drive_spread.value for k in drivers if k.drive_spread} == {kind.drive_spread.value}
    taking = study.city.program.standards.call_taking_min
    assert taking.mark == "derived"
    assert other.program.standards.call_taking_min == taking
    assert f"call-taking is {taking.value:.1f} min, as recorded" in said
    # records are held against the model as stated, whatever is planned with
    assert study.stated_case.city is study.stated
    assert study.case.city is study.city


def test_speeds_that_are_right_stay_and_only_their_spread_is_added(tmp_path: Path) -> None:
    study = calibrated(tmp_path / "right")
    assert study.stated is not None
    assert "Speeds are as stated, which no fitted ones beat" in study.city.notice
    assert study.city.periods == study.stated.periods
    assert study.city.roads is study.stated.roads
    spread = study.city.program.responder_types[CREW].drive_spread
    assert spread is not None
    assert spread.value == pytest.approx(0.3, abs=0.1)


def test_without_todays_crews_calibrated_speeds_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    copy_study(sample_folder(), folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    bare = without_today(text).replace("seed = 1\n", 'seed = 1\nspeeds = "calibrated"\n', 1)
    (folder / "study.toml").write_text(bare, encoding="utf-8")
    with pytest.raises(CoresponseError, match="needs today's crews"):
        read_study(folder)


def test_a_study_that_says_nothing_has_speeds_as_stated() -> None:
    study = read_study(sample_folder())
    assert study.stated is None
    assert study.stated_case is study.case
    assert all(k.drive_spread is None for k in study.city.program.responder_types.values())
