"""The dictionary of figures, and that what is not in it is not published."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from coresponse.data.errors import CoresponseError
from coresponse.data.figures.dictionary import (
    Better,
    Publication,
    Unit,
    UnknownFigureError,
    figure,
    figure_of_column,
    figures,
)
from coresponse.data.figures.text import columns_alike
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.rounding import rounded


def test_every_row_is_whole_and_stands_once() -> None:
    for key, one in figures().items():
        assert one.title, key
        assert one.unit in get_args(Unit), key
        assert one.better in get_args(Better), key
    text = (Path(__file__).parents[2] / "data/figures/figures.csv").read_text(encoding="utf-8")
    assert len(text.splitlines()) == len(figures()) + 1


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("mean_s_plan@night", "mean_s"),
        ("mean_with_fallback_min_low", "mean_with_fallback_s"),
        ("calls_band@day", "calls_band"),
        ("share_in_time_if_free", "share_in_time"),
        ("busy_share_unit", "busy_share_*"),
        ("h07", "h##"),
        ("in_time_per_week_change", "in_time_per_week"),
    ],
)
def test_a_column_is_of_its_figure(column: str, key: str) -> None:
    assert figure_of_column(column) is figures()[key]


@pytest.mark.parametrize("unknown", ["share_of_women", "households", "x_per_week", "longest_s"])
def test_a_figure_that_nobody_has_described_is_refused(unknown: str, tmp_path: Path) -> None:
    """By how a name ends it would have been rounded, or, with another ending, published as it is."""
    town = CityRounding(266, 20.0)
    for ask in (figure, figure_of_column, town.step, lambda key: town.figure(key, 1.5)):
        with pytest.raises(UnknownFigureError, match=unknown):
            ask(unknown)
    with pytest.raises(UnknownFigureError):
        rounded(unknown, pd.DataFrame({unknown: [1.5]}), pd.Series([20]).to_numpy())
    with pytest.raises(CoresponseError, match="say there how"):
        PUBLIC.write_table(pd.DataFrame({unknown: [1.5]}), tmp_path / "table.csv")
    assert not (tmp_path / "table.csv").exists()


def test_the_rules_of_every_class_are_stated() -> None:
    rules = (Path(__file__).parents[2] / "docs/publishing.md").read_text(encoding="utf-8")
    unsaid = [one for one in Publication if f"`{one}`" not in rules]
    assert unsaid == [Publication.RANGE]  # which is not rounded
    assert "**Ranges.**" in rules


def test_every_figure_is_rounded_by_its_class_whatever_its_name_ends_in() -> None:
    town = CityRounding(266, 266 / (90 / 7))
    of_calls = set(Publication) - {
        Publication.FREE, Publication.PUBLISHED, Publication.RANGE, Publication.COST,
        Publication.HOURS, Publication.UTILIZATION, Publication.TENTH,
    }  # fmt: skip
    for key, one in figures().items():
        if one.publication in of_calls:
            value = 0.123456 if one.unit == "share" else 1234.56789
            assert town.figure(key, value) != value, key
            assert math.isnan(town.figure(key, math.nan))
        elif one.publication is not Publication.FREE:
            with pytest.raises(ValueError, match=one.publication):
                town.figure(key, 1.0)


UNITS = {
    "share": "share", "min": "min", "s": "s", "hours": "hours a week", "per_week": "calls a week",
    "text": "text", "count": "number", "number": "number", "dollars": "dollars",
}  # fmt: skip
"""How docs/results.md says units."""


def test_the_page_of_columns_names_known_figures_in_their_units() -> None:
    page = (Path(__file__).parents[2] / "docs/results.md").read_text(encoding="utf-8")
    page = page.split("## What `plan.json` says")[0]  # parts of a file, not columns
    rows = re.findall(r"^\| (`.*?`) \| (.*?) \|", page, re.MULTILINE)
    assert len(rows) > 20
    for names, unit in rows:
        for name in re.findall("`(.*?)`", names):
            known = figure_of_column(name)
            said = {part.strip() for part in unit.split(",")}
            told = {UNITS[known.unit], UNITS[known.shown_unit]}
            if name.endswith("_h_per_year"):
                told = {"hours a year"}
            assert said & told or said <= {"words", "range", "text or form", "as `unit`"}, name


def test_shares_of_a_column_have_one_form() -> None:
    """``29%`` stood beside ``25.2%``, as if it were less sure."""
    rows = [
        ("Today", "29%", "9%", "62%\n55-68%", "$29"),
        ("Plan", "25.2%", "10%", "73.5%\n70.5-76%", "about 30"),
        ("Nobody", "-", "100%", "none", "1,234"),
    ]
    assert columns_alike(rows) == [
        ("Today", "29.0%", "9%", "62.0%\n55.0-68.0%", "$29"),
        ("Plan", "25.2%", "10%", "73.5%\n70.5-76.0%", "about 30"),
        ("Nobody", "-", "100%", "none", "1,234"),
    ]
    assert columns_alike(columns_alike(rows)) == columns_alike(rows)
    assert columns_alike([]) == []
