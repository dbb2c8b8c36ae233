"""A flag, disposition or words that say which calls were about mental health: into classes, demand, replay and bands."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from coresponse.coverage.demand import demand_cells
from coresponse.coverage.hidden import codes_and_hidden
from coresponse.coverage.service.arrivals import fit_arrivals
from coresponse.coverage.service.real_calls import real_calls
from coresponse.data.calls.history import CallHistory
from coresponse.data.calls.mental_health import MentalHealthColumn, proposed, resolved
from coresponse.data.calls.read import read_calls
from coresponse.data.errors import InputError
from coresponse.data.hours import WHOLE_WEEK
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.programs.natures import classify_noted
from coresponse.publish.history import publish_history
from coresponse.results.report.codes import codes_table
from coresponse.study.new import new_study
from coresponse.study.read import read_study
from tests.coresponse.test_new_looks import files
from tests.coverage.test_hidden_calls import STREETS, history, own_program
from tests.publish.test_codes_and_hidden import city

PLAIN = ""
STAR = load_program("star")
WELFARE = '[call_classes.crisis_low.natures]\n"MENTAL*" = {}\n"WELFARE*" = { share = [0.2, 0.3] }\n'


def noted(natures: list[str], says: list[str], program: Program) -> CallHistory:
    calls = history(natures, program)
    frame = calls.frame.assign(mental_health=says)
    frame["call_class"] = classify_noted(frame["nature"], frame["mental_health"], program)
    return replace(calls, frame=frame)


def per_class(calls: CallHistory, program: Program, hidden: float = 0.5) -> dict[str, float]:
    cells = demand_cells(calls, program, STREETS, periods=[WHOLE_WEEK]).at(hidden)
    names = np.array(cells.class_names)[cells.call_class]
    return {str(k): 10 * v for k, v in pd.Series(cells.calls_per_week).groupby(names).sum().items()}


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["Y", "n", "", "Yes"], ["yes", "no", "", "yes"]),  # a blank beside a no is not known
        (["X", "", None, "x"], ["yes", "no", "no", "yes"]),  # who marks only yes says no by a blank
        ([1.0, 0.0, np.nan, 1.0], ["yes", "no", "", "yes"]),
        (["MENTAL HEALTH TRANSPORT", "REPORT", "GOA", ""], ["yes", "no", "no", ""]),
        (["Not mental", "5150 hold", "NONE", "psych eval"], ["yes", "yes", "no", "yes"]),
    ],
)
def test_what_cells_say(cells: list[object], wanted: list[str]) -> None:
    assert resolved(MentalHealthColumn("c").noted(pd.Series(cells))).tolist() == wanted


def test_the_planners_own_words_decide() -> None:
    column = MentalHealthColumn("c", ("EVAL*",), ("EVAL REFUSED",))
    said = column.noted(pd.Series(["eval at er", "Eval refused", "MENTAL"]))
    assert said.tolist() == ["yes", "no", "no"]


def test_noted_calls_are_of_their_class_whatever_their_code(tmp_path: Path) -> None:
    """600 welfare checks of which 90 are noted, 300 calls of noise of which 15 are, 40 coded ones."""
    program = own_program(tmp_path, PLAIN)
    natures = ["WELFARE CHECK"] * 600 + ["NOISE"] * 300 + ["MENTAL HEALTH"] * 40
    says = ["yes"] * 90 + ["no"] * 510 + ["yes"] * 15 + ["no"] * 285 + ["yes"] * 20 + ["no"] * 20
    calls = noted(natures, says, program)
    assert per_class(calls, program) == {
        "crisis_low": pytest.approx(145),
        "welfare": pytest.approx(510),
    }
    model = fit_arrivals(calls, program)
    assert not model.ranged  # all is known
    taken = real_calls(calls, program)
    low = taken.call_class == taken.class_names.index("crisis_low")
    assert low.sum() == 145
    table = codes_and_hidden(calls, program).set_index(["nature", "call_class"])
    assert table.loc[("WELFARE CHECK", "crisis_low"), "says"] == "its calls noted as mental health"
    assert table.loc[("WELFARE CHECK", "crisis_low"), "hidden_per_week"] == pytest.approx(9.0)
    assert table.loc[("WELFARE CHECK", "welfare"), "share"] == pytest.approx(510 / 600)
    assert table.loc[("MENTAL HEALTH", "crisis_low"), "says"] == "all of its calls"
    assert table.loc[("NOISE", "crisis_low"), "expected_per_week"] == pytest.approx(1.5)


def test_calls_of_which_it_is_not_known_count_by_the_share_of_the_others(tmp_path: Path) -> None:
    program = own_program(tmp_path, PLAIN)
    says = ["yes"] * 60 + ["no"] * 240 + [""] * 300
    rng = np.random.default_rng(2)
    calls = noted(["WELFARE CHECK"] * 600, [says[k] for k in rng.permutation(600)], program)
    known = stats.binomtest(60, 300).proportion_ci(method="wilson")
    for hidden, share in ((0.0, known.low), (0.5, (known.low + known.high) / 2), (1.0, known.high)):
        found = per_class(calls, program, hidden)
        assert found["crisis_low"] == pytest.approx(60 + 300 * share, rel=1e-6)
        assert sum(found.values()) == pytest.approx(600)
    model = fit_arrivals(calls, program)
    assert model.ranged
    few, many = (model.at(h).rate_per_h.sum(axis=1) * 10 for h in (0.0, 1.0))
    low = model.class_names.index("crisis_low")
    assert few[low] == pytest.approx(60 + 300 * known.low, rel=1e-6)
    assert many[low] == pytest.approx(60 + 300 * known.high, rel=1e-6)


def test_a_stated_share_holds_for_noted_and_others_together(tmp_path: Path) -> None:
    """The planner says 20 to 30% of welfare checks; 60 of 600 are noted: the others hide the rest of it."""
    program = own_program(tmp_path, WELFARE)
    says = ["yes"] * 60 + ["no"] * 540
    calls = noted(["WELFARE CHECK"] * 600, says, program)
    for hidden, wanted in ((0.0, 120), (0.5, 150), (1.0, 180)):
        found = per_class(calls, program, hidden)
        assert found["crisis_low"] == pytest.approx(wanted)
        assert sum(found.values()) == pytest.approx(600)
    more = noted(["WELFARE CHECK"] * 600, ["yes"] * 240 + ["no"] * 360, program)
    # what was noted is never less
    assert per_class(more, program)["crisis_low"] == pytest.approx(240)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["yes", "no", ""])), min_size=1, max_size=80
    )
)
@settings(deadline=None, max_examples=15)
def test_no_call_is_counted_twice_or_lost(calls: list[tuple[int, str]]) -> None:
    natures = [
        ("WELFARE CHECK", "MENTAL HEALTH", "DRUNK PERSON", "INTOXICATED")[k] for k, _ in calls
    ]
    made = noted(natures, [said for _, said in calls], STAR)
    for hidden in (0.0, 0.5, 1.0):
        assert sum(per_class(made, STAR, hidden).values()) == pytest.approx(len(calls), rel=1e-6)


def test_a_program_without_a_class_for_it_is_refused(tmp_path: Path) -> None:
    program = own_program(tmp_path, PLAIN)
    classes = {
        name: one.model_copy(update={"about_mental_health": False})
        for name, one in program.call_classes.items()
    }
    bare = program.model_copy(update={"call_classes": classes})
    with pytest.raises(InputError, match="about_mental_health = true"):
        classify_noted(pd.Series(["X"]), pd.Series(["yes"]), bare)


def test_what_is_published_tells_no_small_count(tmp_path: Path) -> None:
    made = city(["WELFARE CHECK"] * 600 + ["NOISE"] * 400, tmp_path, PLAIN)
    made.calls = noted(
        ["WELFARE CHECK"] * 600 + ["NOISE"] * 400, ["yes"] * 90 + ["no"] * 510 + ["yes"] * 7 + ["no"] * 393, made.program
    )  # fmt: skip
    made.calls = replace(made.calls, funnel=city(["A"], tmp_path, PLAIN).calls.funnel)
    (table,) = codes_table(publish_history(made), made.program)
    names = {one.title: name for name, one in made.program.call_classes.items()}
    rows = {(row[0], names.get(row[2])): row[4] for row in table.rows}
    assert rows["WELFARE CHECK", "crisis_low"] == "15%"
    assert rows["WELFARE CHECK", "welfare"] == "85%"
    assert rows["NOISE", "crisis_low"] == "0% to 2%"  # 7 calls


def with_disposition(folder: Path, name: str = "Final Dispo") -> pd.DataFrame:
    calls = pd.read_csv(folder / "calls.csv")
    # parking calls that turned out to be something else
    calls[name] = np.resize(
        ["REPORT", "GOA", "MENTAL HEALTH EVALUATION", "REPORT", "GOA", "CITATION"], len(calls)
    )
    calls.to_csv(folder / "calls.csv", index=False)
    return calls


def test_new_proposes_the_column_and_the_study_plans_with_it(tmp_path: Path) -> None:
    start = files(tmp_path)
    with_disposition(tmp_path)
    started = new_study(tmp_path / "city", start)
    line = next(one for one in started.decided if one.key == "mental_health")
    assert line.line == 'mental_health = { column = "Final Dispo", says_so = ["*MENTAL*"] }'
    assert "of 16.7% of rows" in line.why
    written = (tmp_path / "city" / "study.toml").read_text(encoding="utf-8")
    assert tomllib.loads(written)["calls"]["mental_health"] == line.value
    frame = read_study(tmp_path / "city").city.calls.frame
    assert (frame["mental_health"] == "yes").sum() == 10
    moved = frame[frame["mental_health"] == "yes"]
    assert set(moved["nature"]) == {"PARK"}
    assert set(moved["call_class"]) == {"crisis_low"}
    # a planner who does not agree has the study without it
    never = new_study(tmp_path / "plain", start, ask=lambda p: p.key != "mental_health")
    assert all(one.key != "mental_health" for one in never.decided)
    assert "mental_health" not in (tmp_path / "plain" / "study.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "cells", "found"),
    [
        ("MH_FLAG", ["Y", "N", "N", "N"], True),
        ("mental_health_related", ["true", "false", "", "false"], True),
        ("Remarks", ["caller reports psych history", "loud music", "", "x"], True),
        ("CIT", ["0", "0", "0", "0"], False),  # nobody is noted
        ("MH_FLAG", ["Y"] * 4, False),  # everybody is
        ("Beat", ["MENTAL", "A", "B", "C"], False),  # no column of that kind
    ],
)
def test_columns_that_say_it_are_found(name: str, cells: list[str], found: bool) -> None:
    frame = pd.DataFrame({"nature": list("abcd"), name: cells})
    assert bool(proposed(frame, ["nature"], "calls.csv")) == found
    assert proposed(frame, ["nature", name], "calls.csv") == ()


def test_a_column_that_no_file_has_is_refused(tmp_path: Path) -> None:
    start = files(tmp_path, "EPSG:4326")
    program = own_program(tmp_path, PLAIN)
    with pytest.raises(InputError, match="no column 'DISPO'"):
        read_calls(
            [start.calls[0]],
            network=STREETS,
            program=program,
            mental_health=MentalHealthColumn("DISPO"),
        )
