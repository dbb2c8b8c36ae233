"""What a sweep comes to, in a sentence: only what its table holds."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest
from rich.console import Console

from coresponse.cli.show_alternatives import beyond
from coresponse.cli.show_scenarios import show_scenarios
from coresponse.data.options import Deployment, Option
from coresponse.publish.answers import (
    CandidatePublication,
    ScenarioPublication,
    ScenariosPublication,
)
from coresponse.questions.sweep.grid import Axis
from coresponse.results.sentences import comparison_sentences, sweep_sentences


def swept(*axes: Axis, **columns: list[Any]) -> Any:
    size = len(next(iter(columns.values())))
    frame = pd.DataFrame({"mode": ["re-optimized"] * size, **columns})
    return SimpleNamespace(
        frame=frame, axes=axes, facts=SimpleNamespace(target_min=15.0, standard="15 min")
    )


def figures(
    share: list[float | None], left: list[float], cost: list[float]
) -> dict[str, list[Any]]:
    return {
        "share_in_time": share,
        "left_to_police_per_week": left,
        "cost_as_called_per_year": cost,
    }


UNITS = Axis("units.car", "Car, at most", (4.0, 8.0, 12.0), relaxing=True)
TABLE = figures([0.41, 0.8, 0.93], [90.0, 40.0, 4.0], [2.0e6, 3.5e6, 5.25e6])


def test_the_ends_and_where_shares_are_first_reached() -> None:
    said = sweep_sentences(swept(UNITS, **{"units.car": [4.0, 8.0, 12.0]}, **TABLE))
    assert said == (
        (
            "From 4 to 12 (Car, at most): 93% of calls (before: 41%) are reached within 15 min, 4.0 a week (before: 90.0) "
            "are left to police, and it costs $5.25 million a year (before: $2.00 million)."
        ),
        "80% of calls are reached within 15 min from 8 on (Car, at most), for $3.50 million a year.",
        "90% of calls are reached within 15 min from 12 on (Car, at most), for $5.25 million a year.",
    )


def test_a_share_that_is_lost_again_is_reached_from_where_it_stays() -> None:
    """A larger budget may buy a shorter mean wait with fewer calls in time: it said from 4 on."""
    table = figures([0.81, 0.6, 0.83], [9.0, 5.0, 4.0], [2.0e6, 3.5e6, 5.25e6])
    said = sweep_sentences(swept(UNITS, **{"units.car": [4.0, 8.0, 12.0]}, **table))
    (reached,) = said[1:]
    assert reached.startswith("80% of calls are reached within 15 min from 12 on")
    table = figures([0.81, 0.85, 0.6], [9.0, 5.0, 4.0], [2.0e6, 3.5e6, 5.25e6])
    assert len(sweep_sentences(swept(UNITS, **{"units.car": [4.0, 8.0, 12.0]}, **table))) == 1


def test_a_standard_that_is_stated_is_the_one_that_is_said() -> None:
    one = Axis("target_min", "standard, minutes", (20.0,), relaxing=False)
    said = sweep_sentences(
        swept(one, UNITS, **{"target_min": [20.0] * 3, "units.car": [4.0, 8.0, 12.0]}, **TABLE)
    )
    assert all("within 20 min" in sentence for sentence in said)
    many = Axis("target_min", "standard, minutes", (10.0, 20.0, 30.0), relaxing=False)
    (said_of,) = sweep_sentences(swept(many, target_min=[10.0, 20.0, 30.0], **TABLE))
    assert "within the standard" in said_of


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("wage.nurse", (1.0, 1.08), "From 100% to 108%"),
        ("988", (0.0, 0.33), "From 0% to 33%"),
        ("open.day, day+evening", (1.0, 2.0), "From day to day+evening (open)"),
        ("budget_per_year", (2e6, 2.5e6), "From $2,000,000 to $2,500,000"),
        ("busy", (0.1, 0.25), "From 0.1 to 0.25"),
    ],
)
def test_values_read_as_they_were_asked(name: str, values: tuple[float, ...], text: str) -> None:
    axis = Axis(
        name, "open (1 day, 2 day+evening)" if "open" in name else "x", values, relaxing=False
    )
    table = figures([0.5, 0.5], [3.0, 2.0], [1e6, 1e6])
    said = sweep_sentences(swept(axis, **{name: list(values)}, **table))
    assert said[0].startswith(text)
    assert "50% of calls (as before) are reached" in said[0]
    assert "$1.00 million a year (as before)." in said[0]


def test_nothing_is_said_of_what_was_not_found_or_has_two_axes() -> None:
    other = Axis("demand", "calls", (1.0, 1.2), relaxing=False)
    two = swept(
        UNITS, other, **{"units.car": [4.0], "demand": [1.0]}, **figures([0.1], [1.0], [1.0])
    )
    assert sweep_sentences(two) == ()
    none = swept(UNITS, **{"units.car": [4.0, 8.0]}, **figures([None, 0.5], [1.0, 1.0], [1.0, 1.0]))
    assert sweep_sentences(none) == ()


def test_a_program_that_is_first_in_both_is_named_once() -> None:
    columns = {
        "program": ["a", "b"],
        "served_per_week": [9.0, 5.0],
        "share_all_in_time": [0.5, 0.4],
    }
    frame = pd.DataFrame({**columns, "cost_per_call": [None, None]})
    told: Any = SimpleNamespace(
        frame=lambda: frame,
        budget_per_year=1e6,
        facts=SimpleNamespace(standard="15 min"),
        programs=(),
    )
    (said,) = comparison_sentences(told)
    assert said.endswith(
        "a serves the most calls (9.0 a week), and also reaches the most of all calls within 15 min (50%)."
    )


def test_programs_that_were_not_planned_are_passed_over() -> None:
    frame = pd.DataFrame(
        {
            "program": ["a", "b", "c"],
            "served_per_week": [120.0, None, 90.0],
            "share_all_in_time": [0.1, None, 0.3],
            "cost_per_call": [None, None, 800.0],
        }
    )
    told: Any = SimpleNamespace(
        frame=lambda: frame,
        budget_per_year=2.5e6,
        facts=SimpleNamespace(target_min=15.0, standard="15 min"),
        programs=(),
    )
    assert comparison_sentences(told) == (
        (
            "For $2.50 million a year a serves the most calls (120.0 a week), and c reaches the most of all calls within 15 min "
            "(30%)."
        ),
    )


@pytest.mark.parametrize(
    ("unit", "least", "shown"),
    [
        ("share of calls late", 0.284, ("points of calls late (model)", "28.4", "3.0")),
        (
            "share of calls with police",
            0.284,
            ("points of calls with police (model)", "28.4", "3.0"),
        ),
        ("minutes a call", 13.2, ("minutes a call (model)", "13.2", "0.0")),
    ],
)
def test_how_far_plans_are_from_the_least_reads_in_points_where_the_goal_is_a_share(
    unit: str, least: float, shown: tuple[str, ...]
) -> None:
    """It read 0.3 and 0.0, shares of calls late."""
    world = ScenarioPublication("base", "As it is", 1.0, 40.0, least, (), {}, {}, {}, None)
    row = {"plan": "plan", "worst_regret": 0.03, "worst_scenario": "base", "base": 0.03}
    told = ScenariosPublication(
        facts=cast("Any", SimpleNamespace(notice="", standard="15 min")),
        scenarios=(world,),
        candidates=(CandidatePublication("plan", "Plan", None, Deployment("plan")),),
        regret=pd.DataFrame([row]),
        figures=pd.DataFrame({"plan": ["plan"], "share_in_time": [0.7]}),
        unit=unit,
        dropped=(),
        tail_weight=1.0,
        alpha=0.75,
    )
    out = Console(record=True, width=140, file=StringIO())
    show_scenarios(told, cast("Any", SimpleNamespace(folder="out")), out)
    text = out.export_text()
    assert all(one in text for one in shown), text


def test_a_plan_that_doubles_up_at_a_post_says_what_it_adds() -> None:
    """Its column of added posts was empty: one unit had moved to a post that the best plan has, too."""
    names = {"A": "North", "B": "Center", "C": "South"}

    def of(**units: int) -> Deployment:
        return Deployment.of("p", [(Option("unit", post, "day"), n) for post, n in units.items()])

    best, other = of(A=1, B=1, C=2), of(B=3, C=1)
    assert beyond(other, best, names, "more") == "two more at Center"
    assert beyond(best, other, names, "fewer") == "North; one fewer at South"
    assert not beyond(best, best, names, "more")
