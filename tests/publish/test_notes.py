"""Notes: exact for the agency, counts as ranges and days as months for all others."""

from __future__ import annotations

import copy
import pickle
from datetime import date

import pytest

from coresponse.data.notes import Count, Note
from coresponse.publish.disclosure import INTERNAL, PUBLIC


@pytest.mark.parametrize(
    ("note", "exact", "told"),
    [
        (
            Note("{n} call{n.s} with a time blanked: {what}", n=Count(3), what="arrived"),
            "3 calls with a time blanked: arrived",
            "1-10 calls with a time blanked: arrived",
        ),
        (
            Note("{n} call{n.s} with a time blanked: {what}", n=Count(1), what="arrived"),
            "1 call with a time blanked: arrived",
            "1-10 calls with a time blanked: arrived",
        ),
        (
            Note("{file}: {n} values of 12 {column}", file="{n}.csv", n=Count(1007), column="h"),
            "{n}.csv: 1,007 values of 12 h",
            "{n}.csv: 1,001-2,500 values of 12 h",
        ),
        (
            Note("no call from {last}", last=date(2024, 1, 3)),
            "no call from 2024-01-03",
            "no call from 2024-01",
        ),
        (Note("{n} x {weeks} weeks", n=20, weeks=52), "20 x 52 weeks", "20 x 52 weeks"),
    ],
)
def test_a_note_is_exact_and_told_in_ranges_and_months(note: Note, exact: str, told: str) -> None:
    for one in (note, copy.deepcopy(note), pickle.loads(pickle.dumps(note))):
        assert str(one) == exact
        assert PUBLIC.note(one) == told
        assert INTERNAL.note(one) == exact


def test_text_of_which_nobody_knows_the_counts_is_refused() -> None:
    with pytest.raises(TypeError, match="not a note"):
        PUBLIC.note("3 calls at 5 Elm Street")  # type: ignore[arg-type]
