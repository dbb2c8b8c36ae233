"""The memory that a plan needs is said before the work starts, and counts what it says it counts."""

from __future__ import annotations

import pytest

from coresponse import inputs as reading
from coresponse import memory
from coresponse.data.sample_city import sample_folder
from coresponse.inputs import read_inputs
from coresponse.memory import COPIES_OF_TABLE, PROGRAM, TELL_FROM, Estimate, estimate
from coresponse.planning import study_table
from coresponse.study import open_study


def test_the_table_is_the_one_that_planning_makes() -> None:
    found = read_inputs(open_study(sample_folder()))
    told = estimate(found.network, found.calls, found.posts, found.program, found.periods)
    table = study_table(found)
    assert (told.options, told.columns) == table.response_s.shape
    assert told.table == COPIES_OF_TABLE * table.response_s.nbytes
    assert told.total == PROGRAM + told.roads + told.calls + told.table
    assert told.total < TELL_FROM  # a city needs no word about it


def test_large_studies_hear_of_it_before_the_work_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(reading, "TELL_FROM", 0.0)
    read_inputs(open_study(sample_folder()), progress=lambda stage, *_: said.append(stage))
    assert said[-1].startswith("planning this needs about 0.")
    assert "GB of memory" in said[-1]


def test_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Estimate(roads=1e9, calls=2e9, table=2.35e9, options=1, columns=1)
    monkeypatch.setattr(memory, "available", lambda: None)
    assert str(told) == "planning this needs about 6.0 GB of memory"
    monkeypatch.setattr(memory, "available", lambda: 2.1e9)
    assert str(told) == "planning this needs about 6.0 GB of memory; 2.1 GB are free"
