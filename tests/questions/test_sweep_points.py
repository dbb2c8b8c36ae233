"""Curves of a sweep on a known instance.

Every deployment counted, re-optimized, nested, by phases, over a budget.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coresponse.data.programs.cost import annual_cost
from coresponse.data.programs.people import people_of, to_hire
from coresponse.optimize.solution import Status
from coresponse.publish.sweep import over_budget
from coresponse.questions.sweep.answer import SCHEMA, Answer, Kept
from coresponse.questions.sweep.grid import Mode
from coresponse.questions.sweep.tables import (
    Sweep,
    phases_frame,
    points_frame,
    steps_frame,
    sweep_points,
)
from coresponse.questions.sweep.tidy import tidy
from coresponse.study.read import LoadedStudy, read_study
from coresponse.study.sweep import PhaseInput, SweepInput
from tests.conftest import PATIENCE_S
from tests.questions.small_study import elsewhere, limited, small_study, stating, swept, written

FREE = SweepInput(busy_units="free", time_limit_s=PATIENCE_S)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> LoadedStudy:
    """The small city, without limits by type, where a call-out costs nothing: so budgets can be counted."""
    folder = small_study(tmp_path_factory.mktemp("small") / "study")
    text = (folder / "study.toml").read_text()
    units = "units = { co_responder_unit = 6, on_call_clinician = 3 }"
    assert units in text
    (folder / "study.toml").write_text(text.replace(units, ""))
    loaded = read_study(folder)
    program = loaded.city.program
    factor = program.staffing.call_back_pay_factor.model_copy(update={"value": 0.0})
    staffing = program.staffing.model_copy(update={"call_back_pay_factor": factor})
    program = program.model_copy(update={"staffing": staffing})
    return replace(loaded, city=replace(loaded.city, program=program))


def asked(study: LoadedStudy, settings: SweepInput, folder: Path) -> LoadedStudy:
    """Return the study with another ``[sweep]``, keeping points in another folder."""
    return stating(elsewhere(study, folder), sweep=settings)


class Counted:
    """All deployments of up to four responders on the study's table.

    The wait of each, and what each costs.
    """

    def __init__(self, study: LoadedStudy) -> None:
        case = study.case
        self.table = case.table
        self.options = self.table.options
        cells = self.table.cells
        self.weight = cells.calls_per_week / cells.calls_per_week.sum()
        self.wait = np.minimum(self.table.response_s[:, self.table.column].astype(float), 3600.0)
        self.cost = np.array(
            [
                annual_cost(case.program, o.responder_type, o.shift_pattern).total
                for o in self.options
            ]
        )
        self.unit = np.array([o.responder_type == "co_responder_unit" for o in self.options])
        sizes = range(5)
        self.all = [
            c
            for n in sizes
            for c in itertools.combinations_with_replacement(range(len(self.options)), n)
        ]
        self.value = {c: self.mean(c) for c in self.all}

    def mean(self, chosen: tuple[int, ...]) -> float:
        if not chosen:
            return 3600.0
        return float(self.wait[list(set(chosen))].min(axis=0) @ self.weight)

    def fits(self, chosen: tuple[int, ...], units: int, clinicians: int, budget: float) -> bool:
        of_unit = sum(bool(self.unit[o]) for o in chosen)
        posts = [self.options[o].post_id for o in chosen]
        crowded = any(posts.count(post) > 2 for post in posts)
        cost = float(self.cost[list(chosen)].sum()) if chosen else 0.0
        return (
            of_unit <= units
            and len(chosen) - of_unit <= clinicians
            and cost <= budget + 1e-6
            and not crowded
        )

    def least(
        self,
        units: int,
        clinicians: int,
        budget: float = np.inf,
        stays: tuple[int, ...] = (),
        only: set[int] | None = None,
    ) -> tuple[float, tuple[int, ...]]:
        best: tuple[float, tuple[int, ...]] = (np.inf, ())
        for chosen in self.all:
            keeps = all(chosen.count(o) >= stays.count(o) for o in set(stays))
            allowed = only is None or set(chosen) <= only
            if keeps and allowed and self.fits(chosen, units, clinicians, budget):
                best = min(best, (self.value[chosen], chosen))
        return best


@pytest.fixture(scope="module")
def counted(study: LoadedStudy) -> Counted:
    return Counted(study)


def rows_of(counted: Counted, answer: Answer) -> tuple[int, ...]:
    """Return a point's plan as positions of options, repeats and all."""
    place = {tuple(option): i for i, option in enumerate(counted.options)}
    return tuple(sorted(i for row in answer.bought for i in [place[row[:3]]] * row[3]))


@pytest.fixture(scope="module")
def grid(study: LoadedStudy, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """Units 0 to 3 by clinicians 0 to 1, re-optimized and nested."""
    settings = FREE.model_copy(update={"vary": {"unit": "0:3", "clinician": "0:1"}, "nested": True})
    return swept(asked(study, settings, tmp_path_factory.mktemp("grid") / "study"), jobs=1)


def test_each_point_is_the_best_of_all(grid: Sweep, counted: Counted) -> None:
    for point in sweep_points(grid):
        if point.task.mode == "re-optimized":
            setting = point.task.setting
            least, _ = counted.least(
                int(setting["units.co_responder_unit"]), int(setting["units.on_call_clinician"])
            )
            assert point.answer.status == Status.PROVEN.value
            assert point.answer.objective == pytest.approx(least, rel=2e-4)
            assert point.answer.bound is not None
            assert point.answer.bound <= least * (1 + 1e-6)
            assert counted.mean(rows_of(counted, point.answer)) == pytest.approx(
                point.answer.objective, rel=1e-6
            )


def test_nested_points_are_the_best_that_keep_what_was_bought(
    grid: Sweep, counted: Counted
) -> None:
    answers = grid.answers
    seen = 0
    for task, answer in zip(grid.grid.tasks, answers, strict=True):
        if task.mode != "nested":
            continue
        stays = () if task.stays is None else rows_of(counted, answers[task.stays])
        units, clinicians = (int(task.setting[axis.name]) for axis in grid.grid.axes)
        least, _ = counted.least(units, clinicians, stays=stays)
        assert answer.objective == pytest.approx(least, rel=2e-4)
        mine = rows_of(counted, answer)
        assert all(mine.count(o) >= stays.count(o) for o in stays)
        seen += bool(stays)
    assert seen >= 5


def test_nesting_costs_something_and_never_helps(grid: Sweep) -> None:
    by_mode: dict[str, dict[tuple[float, ...], float]] = {}
    for point in sweep_points(grid):
        by_mode.setdefault(point.task.mode, {})[tuple(point.task.setting.values())] = (
            point.answer.objective or 0.0
        )
    worse = [by_mode["nested"][place] - value for place, value in by_mode["re-optimized"].items()]
    assert min(worse) >= -1e-6 * 3600
    # posts that are right for few are not all right for many: with this city the order of growth
    # has a price
    assert max(worse) > 1.0


@pytest.fixture(scope="module")
def budget(study: LoadedStudy, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """Budgets from nothing to 2.1 million dollars, types, posts and hours free to choose."""
    settings = FREE.model_copy(update={"vary": {"budget": "0:2.1M:300k", "demand": "1, 1.5"}})
    folder = tmp_path_factory.mktemp("budget") / "study"
    units = {"co_responder_unit": 3, "on_call_clinician": 1}
    return swept(limited(asked(study, settings, folder), units=units), jobs=1)


def test_a_budget_buys_the_best_of_all(budget: Sweep, counted: Counted) -> None:
    for point in sweep_points(budget):
        least, chosen = counted.least(3, 1, point.task.setting["budget_per_year"])
        assert point.answer.objective == pytest.approx(least, rel=2e-4), chosen
        assert point.answer.gap is not None
        assert point.answer.gap <= 1e-4 + 1e-7


def test_budgets_that_pay_call_outs_are_kept_as_they_come(
    study: LoadedStudy, tmp_path: Path
) -> None:
    """A budget of $300,000 bought a clinician, who was called out for $600,000."""
    settings = FREE.model_copy(update={"vary": {"budget": "300k:900k:300k"}})
    paid = read_study(asked(study, settings, tmp_path / "study").folder.path)
    units = {"co_responder_unit": 0, "on_call_clinician": 1}
    found = swept(limited(stating(paid, sweep=settings), units=units), jobs=1)
    points = sweep_points(found)
    frame = points_frame(found.grid, points, found.case)
    assert (frame["cost_as_called_per_year"] <= frame["budget_per_year"]).all()
    assert frame["units_on_call_clinician"].tolist()[0] == 0
    assert frame["units_on_call_clinician"].tolist()[-1] == 1
    assert not over_budget(points, frame)


def test_the_frontier_never_gets_worse_with_more_money(budget: Sweep) -> None:
    frame = points_frame(budget.grid, sweep_points(budget), budget.case)
    for _, rows in frame.groupby("demand"):
        ordered = rows.sort_values("budget_per_year")
        assert (ordered["objective"].diff().dropna() <= 1e-9).all()
        assert (ordered["bound"].diff().dropna() <= 1e-9).all()
        assert (ordered["cost_per_year"] <= ordered["budget_per_year"] + 1e-6).all()
        assert ordered["objective"].iloc[-1] < 0.6 * ordered["objective"].iloc[0]
        efficient = ordered[ordered["efficient"]].sort_values("cost_as_called_per_year")
        assert (efficient["score"].diff().dropna() < 0).all()


def test_demand_that_grows_leaves_the_free_plan_and_fills_its_units(budget: Sweep) -> None:
    frame = points_frame(budget.grid, sweep_points(budget), budget.case)
    low, high = (frame[frame["demand"] == d].set_index("budget_per_year") for d in (1.0, 1.5))
    assert np.allclose(low["objective"], high["objective"])
    some = low["cost_per_year"] > 0
    assert (
        high["left_to_police_per_week"][some] > 1.5 * low["left_to_police_per_week"][some]
    ).all()


def test_steps_say_what_the_next_dollar_buys(budget: Sweep) -> None:
    points = sweep_points(budget)
    frame = points_frame(budget.grid, points, budget.case)
    steps = steps_frame(budget.grid, points, frame)
    row = steps[
        (steps["axis"] == "budget_per_year")
        & (steps["at"] == "demand = 1")
        & (steps["value"] == 600_000)
    ].iloc[0]
    a, b = (
        frame[(frame["budget_per_year"] == v) & (frame["demand"] == 1)].iloc[0]
        for v in (600_000, 900_000)
    )
    assert row["cost_per_year_change"] == pytest.approx(b["cost_per_year"] - a["cost_per_year"])
    more = (b["in_time_per_week"] - a["in_time_per_week"]) * 365.25 / 7
    assert more > 0
    assert row["dollars_per_call_in_time"] == pytest.approx(
        row["cost_as_called_per_year_change"] / more
    )
    assert len(steps) == 7 * 2 + 8
    # more calls come where demand grows, and no dollar buys them
    assert steps.loc[steps["axis"] == "demand", "dollars_per_call_in_time"].isna().all()


def test_limits_that_leave_no_room_are_named_where_units_are_free(budget: Sweep) -> None:
    """They were named only of plans that the replay chose."""
    for task, answer in zip(budget.grid.tasks, budget.answers, strict=True):
        dollars = f"budget: at most ${task.setting['budget_per_year']:,.0f} a year"
        assert (dollars in answer.binding) or len(answer.binding) == 2, (task, answer.binding)


def test_phases_year_by_year_and_toward_the_last(
    study: LoadedStudy, counted: Counted, tmp_path: Path
) -> None:
    years = tuple(
        PhaseInput(name=f"year {n}", units={"co_responder_unit": n, "on_call_clinician": 1})
        for n in (1, 2, 3)
    )
    found = swept(
        asked(study, FREE.model_copy(update={"phases": years}), tmp_path / "study"), jobs=1
    )
    answers = dict(zip(((t.mode, t.label) for t in found.grid.tasks), found.answers, strict=True))
    last = rows_of(counted, answers["last phase alone", "year 3"])
    assert counted.mean(last) == pytest.approx(counted.least(3, 1)[0], rel=2e-4)
    stays: dict[Mode, tuple[int, ...]] = {"phase": (), "phase toward the last": ()}
    for n in (1, 2, 3):
        for mode, before in stays.items():
            only = set(last) if mode == "phase toward the last" else None
            answer = answers[mode, f"year {n}"]
            assert answer.objective == pytest.approx(
                counted.least(n, 1, stays=before, only=only)[0], rel=2e-4
            )
            stays[mode] = rows_of(counted, answer)
    assert stays["phase toward the last"] == last
    points = sweep_points(found)
    frame = phases_frame(points, points_frame(found.grid, points, found.case), found.case)
    first = frame[(frame["mode"] == "phase")].iloc[0]
    assert first["start_up"] == 105_000 + 5_000
    assert first["spent_that_year"] == pytest.approx(first["cost_as_called_per_year"] + 110_000)
    assert frame[frame["mode"] == "phase"]["start_up"].tolist() == [110_000, 105_000, 105_000]
    # as `plan` counts them: supervisors beside the people whom they lead
    program, today = found.case.program, found.case.city.today
    deployment = answers["phase", "year 1"].deployment
    now = None if today is None else people_of(program, today)
    hire = to_hire(people_of(program, deployment), now)
    assert hire.supervisors > 0
    assert first["people_to_hire"] == sum(hire.on_duty.values()) + sum(hire.for_leave.values())
    assert first["supervisors_to_hire"] == hire.supervisors


def test_limits_that_clash_are_a_point_s_answer(study: LoadedStudy, tmp_path: Path) -> None:
    settings = FREE.model_copy(update={"vary": {"unit": "0:1"}})
    clashing = limited(
        asked(study, settings, tmp_path / "study"), at_least={"co_responder_unit": 1}
    )
    found = swept(clashing, jobs=1)
    none, one = found.answers
    assert none.status == Status.INFEASIBLE.value
    assert any("at least 1" in line for line in none.clash)
    assert one.found
    run = written(clashing, found)
    content = json.loads((run.folder / "sweep.json").read_text())
    assert [row["objective"] is None for row in content["points"]] == [True, False]


def test_neighbors_hand_plans_up_and_bounds_down(budget: Sweep) -> None:
    """Spoil two answers as a search that stopped early would leave them."""
    answers = list(budget.answers)
    place = {tuple(task.setting.values()): i for i, task in enumerate(budget.grid.tasks)}
    worse, loose = place[1_200_000.0, 1.0], place[600_000.0, 1.0]
    best = answers[worse]
    answers[worse] = replace(answers[place[0.0, 1.0]], status=Status.BEST_FOUND.value, bound=0.0)
    answers[loose] = replace(answers[loose], status=Status.BEST_FOUND.value, bound=0.0, gap=1.0)
    points = tidy(budget.grid, answers, comparable=True, gap=1e-4)
    assert points[worse].plan_of == place[900_000.0, 1.0]
    assert points[worse].answer.bought == answers[place[900_000.0, 1.0]].bought
    assert (points[worse].answer.score or 0) >= (best.score or 0)
    assert not any("$900,000" in one for one in points[worse].answer.binding)
    # what is known of the larger limit is its own search's bound, or that of a larger one; never a
    # smaller limit's
    assert (points[worse].answer.bound or 0) <= (best.objective or 0)
    assert points[worse].answer.status == Status.BEST_FOUND.value
    assert (points[worse].answer.gap or 0) > 1e-3
    handed = points[loose].answer
    assert handed.bound == max(points[place[900_000.0, 1.0]].answer.bound or 0, 0)
    # demand is no limit: the other city's points are left alone
    assert points[place[1_200_000.0, 1.5]].answer == answers[place[1_200_000.0, 1.5]]


def test_busy_units_are_planned_with_and_judged(study: LoadedStudy, tmp_path: Path) -> None:
    settings = SweepInput(vary={"unit": "1:3", "clinician": "0:1"}, time_limit_s=PATIENCE_S)
    found = swept(asked(study, settings, tmp_path / "study"), jobs=1)
    points = sweep_points(found)
    frame = points_frame(found.grid, points, found.case)
    for point in points:
        answer = point.answer
        assert answer.found
        assert answer.gap is not None
        assert answer.gap <= 0.01 + 1e-9
        # queueing sees what the nearest-always-free picture does not
        assert (answer.figures["share_in_time"] or 0) < (
            answer.figures_if_free["share_in_time"] or 0
        )
        assert 0 < answer.busy_share["co_responder_unit"] < 1
    assert any(point.answer.rounds > 1 for point in points)
    for name in ("units.co_responder_unit", "units.on_call_clinician"):
        other = next(axis.name for axis in found.grid.axes if axis.name != name)
        for _, rows in frame.groupby(other):
            assert (rows.sort_values(name)["score"].diff().dropna() <= 1e-9).all()


def test_stated_busy_shares_are_the_ones_planned_with(study: LoadedStudy, tmp_path: Path) -> None:
    vary = {"busy.co_responder_unit": "0, 0.3, 0.6"}
    settings = SweepInput(vary=vary, time_limit_s=PATIENCE_S)
    small = asked(study, settings, tmp_path / "study")
    units = {"co_responder_unit": 3, "on_call_clinician": 0}
    found = swept(limited(small, units=units), jobs=1)
    assert [a.planned_busy_share["co_responder_unit"] for a in found.answers] == [0.0, 0.3, 0.6]
    objectives = [a.objective or 0 for a in found.answers]
    assert objectives == sorted(objectives)
    assert objectives[0] < objectives[2]


def test_speed_and_standard_change_what_they_should(study: LoadedStudy, tmp_path: Path) -> None:
    vary = {"speed": "0.5, 1", "standard": "10, 20", "unit": "2"}
    sweep = swept(asked(study, FREE.model_copy(update={"vary": vary}), tmp_path / "study"), jobs=1)
    # what is sent to workers: one table for each speed, whatever the standard
    kept = [name for name, _, _ in sweep.base.case.memo.__getstate__()]
    assert kept.count("table") == 2
    found = {
        tuple(t.setting.values())[:2]: a
        for t, a in zip(sweep.grid.tasks, sweep.answers, strict=True)
    }
    assert (found[0.5, 10.0].objective or 0) > (found[1.0, 10.0].objective or 0)
    # the goal is the mean wait, which the standard has no part in
    assert found[1.0, 10.0].objective == found[1.0, 20.0].objective
    assert (found[1.0, 10.0].figures["share_in_time"] or 0) < (
        found[1.0, 20.0].figures["share_in_time"] or 0
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"schema": 1}',
        '{"schema": 99, "key": "k", "answer": {}}',
        f'{{"schema": {SCHEMA}}}',
        f'{{"schema": {SCHEMA}, "key": "k", "sha256": "", "answer": {{}}}}',
    ],
)
def test_a_damaged_point_is_solved_again(text: str, tmp_path: Path) -> None:
    (tmp_path / "k.json").write_text(text)
    assert Kept(tmp_path).read("k") is None


def test_a_kept_point_reads_back_the_same(tmp_path: Path) -> None:
    answer = Answer(
        "proven optimal",
        "m",
        "chosen",
        0.1,
        1 / 3,
        None,
        "s",
        2.5,
        (("t", "p", "s", 2),),
        {"t": 0.3},
        rounds=2,
    )
    Kept(tmp_path).write("k", answer)
    assert Kept(tmp_path).read("k") == answer
    assert Kept(tmp_path).read("other") is None
