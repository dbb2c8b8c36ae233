"""The map's areas and districts are parts of the headline: the same replay, the same signs as the report."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.travel import travel_times
from coresponse.data.figures.text import TOO_CLOSE, columns_alike, figure_text
from coresponse.data.sample_city import sample_folder
from coresponse.data.words import counted
from coresponse.maps.payload import payload
from coresponse.maps.tables import district_table, sure_table
from coresponse.publish.areas import map_cells
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.map import replayed_calls
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.rounding import WAIT, step_of
from coresponse.publish.suppression import RANGES
from coresponse.publish.times_of_week import times_shown
from coresponse.questions.answer import Plan
from coresponse.questions.plan import plan
from coresponse.results.layers import layers
from coresponse.results.map_page import map_content
from coresponse.results.report.districts import fairness
from coresponse.results.tables import VERDICTS, changes_frame
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.read import read_study

FIGURES = (WAIT, "share_in_time", "share_reached")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The sample, planned for free units, which is quick, and replayed as every plan is."""
    folder = tmp_path_factory.mktemp("map") / "sample"
    copy_study(sample_folder(), folder)
    case = read_study(open_study(folder)).case
    judging = {"holdout_share": 0, "replications": 6, "weeks": 26}
    settings = case.evaluation.model_copy(update=judging)
    return plan(case.with_(busy="free", evaluation=settings))


@pytest.fixture(scope="module")
def published(planned: Plan) -> PlanPublication:
    return publish_plan(planned)


def headline(planned: Plan, name: str, key: str) -> float:
    replay = planned.evaluations[name].replay
    assert replay is not None
    return float(replay.overall[key].iloc[0])


@pytest.mark.parametrize("name", ["plan", "today"])
def test_areas_districts_and_times_weighted_by_their_calls_are_the_headline(
    planned: Plan, name: str
) -> None:
    deployments = {"plan": planned.deployment, "today": planned.case.city.today}
    met = replayed_calls(planned, deployments)[name]
    cells, roads = planned.table.cells, planned.case.city.roads
    times, _ = times_shown(planned.case.city.stated_periods, cells)
    area = np.full(roads.n_places, -1)
    exact = map_cells(
        planned.table, roads, deployments, target_s=planned.case.target_s,
        replayed={name: met}, disclosure=INTERNAL, min_calls=MIN_CALLS,
    )  # fmt: skip
    places = exact.sindex.query(shapely.points(*roads.place_xy(cells.node)), "within")
    area[cells.node[places[0]]] = places[1]
    groups = {
        "areas": (met, area[met.node], len(exact)),
        "districts": (met, met.district % 14, 14),
    }
    for part, (calls, group, n) in groups.items():
        assert (group >= 0).all(), part  # every call is in one
        table = calls.figures(group, n)
        for key in FIGURES:
            there = table[key].notna()
            whole = np.average(table.loc[there, key], weights=table.loc[there, "calls"])
            assert whole == pytest.approx(headline(planned, name, key), rel=1e-3), (part, key)
    by_time = [met.during(time.hours) for time in times]
    for key in FIGURES:
        parts = [one.figures(np.zeros(len(one.node), int), 1)[key].iloc[0] for one in by_time]
        whole = np.average(parts, weights=[len(one.node) for one in by_time])
        assert whole == pytest.approx(headline(planned, name, key), rel=1e-3), key
    # the exact figures of the layer are these
    table = met.figures(area[met.node], len(exact))
    for key in FIGURES:
        assert exact[f"{key}_{name}"].to_numpy() == pytest.approx(table[key].to_numpy())


@pytest.mark.parametrize("name", ["plan", "today"])
def test_what_is_shown_of_areas_and_districts_adds_up_within_rounding(
    planned: Plan, published: PlanPublication, name: str
) -> None:
    for layer in (published.shown.map.cells, published.shown.map.districts):
        assert layer is not None
        lower = layer["calls_band"].map(
            {f"{a:,}-{b - 1:,}": a for a, b in itertools.pairwise(RANGES)}
        )
        middle = lower.to_numpy() * 1.5  # all that a reader knows of the weights
        for key, most in ((WAIT, 0.5 * 60), ("share_in_time", 0.01)):
            shown = layer[f"{key}_{name}"].to_numpy()
            told = published.evaluations[name].best_known(key).mean
            off = abs(np.average(shown, weights=middle) - told)
            assert off <= np.average(step_of(key, lower.to_numpy()) / 2, weights=middle) + most


def test_a_district_changes_in_the_same_way_on_map_and_report(published: PlanPublication) -> None:
    """The map said +3.7 minutes where the report had -5.3: it supposed free units."""
    content = map_content(published)
    districts = {one["name"]: one for one in payload(content)["districts"]}
    part = fairness(published)
    assert part is not None
    rows = {row[0]: row for row in part.tables[0].rows}
    assert districts.keys() == rows.keys()
    assert len(rows) == 13
    table = district_table(content)
    assert table is not None
    on_map = {row[0]: row for row in table.rows}
    changes = changes_frame(published.shown.districts)
    assert changes is not None
    written = layers(published)["districts"].set_index("name")
    for name, today, plan_min, change in changes[
        ["name", "wait_today_min", "wait_plan_min", "wait_change_min"]
    ].itertuples(index=False):
        drawn = districts[name]["v"]
        assert (drawn["today"][0], drawn["plan"][0]) == pytest.approx((today, plan_min))
        said = rows[name]
        assert np.sign(drawn["plan"][0] - drawn["today"][0]) == np.sign(change)
        assert on_map[name][2:5] == said[1:4]  # today, plan and change, to the letter
        assert on_map[name][-1] == said[5] == written.loc[name, "wait_would_be"]
        assert bool(districts[name]["c"][""][0]) == (said[5] != TOO_CLOSE)
        assert written.loc[name, f"{WAIT}_plan"] / 60 == pytest.approx(plan_min)


def test_words_of_a_change_fit_the_figures_shown(published: PlanPublication) -> None:
    cells = published.shown.map.cells
    change = cells[f"{WAIT}_plan"] - cells[f"{WAIT}_today"]
    said = cells["wait_would_be"]
    assert set(said) <= set(VERDICTS.values())
    assert (change[said == "shorter"] < 0).all()
    assert (change[said == "longer"] > 0).all()
    share = cells["share_in_time_plan"] - cells["share_in_time_today"]
    said = cells["in_time_would_be"]
    assert set(said) <= {"higher", "lower", TOO_CLOSE}
    assert (share[said == "higher"] > 0).all()
    assert (share[said == "lower"] < 0).all()


def test_other_judges_stand_in_one_table_only(published: PlanPublication) -> None:
    content = map_content(published)
    table = sure_table(content)
    assert table is not None
    assert [column.title for column in table.columns][1:] == [
        "If the nearest were always free", "Queueing", "Replay",
    ]  # fmt: skip
    labels = " ".join(row.label for row in content.summary)
    assert "queueing" not in labels
    assert "free" not in labels
    assert "free" not in f"{content.answer} {content.basis}"


def test_the_first_view_has_the_tables_figures_cost_and_whom_to_hire(
    published: PlanPublication,
) -> None:
    content = map_content(published)
    told = content.answer
    assert told is not None
    share, wait = content.summary[:2]
    shown = {step.key: step.cells for step in told.steps}
    table = columns_alike(
        (figure_text(in_time, "share"), figure_text(mean, "min"))
        for in_time, mean in ((share.today, wait.today), (share.plan, wait.plan))
    )
    assert shown == dict(zip(("today", "plan"), table, strict=True))
    (cost,) = (row for row in content.summary if row.label == "Cost a year")
    assert told.price == figure_text(cost.plan, "dollars")
    assert told.price_note == f"today {figure_text(cost.today, 'dollars').removesuffix(' a year')}"
    said = published.staffing.sentences[0]  # the terminal's: one number of people to hire
    number = told.staff.split()[0]
    assert said.startswith(f"You need to hire {number.lower() if number == 'Nobody' else number} ")
    used = {option.post_id for option, _ in published.deployment.counts}
    assert len(told.posts) + told.more_posts == len(used)
    assert {post.post_id for post in told.posts} <= used
    assert f"at {counted(len(used), 'post')}" in told.ask


def test_layers_of_areas_have_the_replay_and_one_column_if_free(
    published: PlanPublication, tmp_path: Path
) -> None:
    found = layers(published)
    for name in ("areas", "areas_by_time"):
        free = [c for c in found[name].columns if "if_free" in c]
        assert {c.split("@")[0] for c in free} == {
            "mean_s_if_free_plan",
            "mean_s_if_free_today",
        }
    assert not [c for c in found["districts"].columns if "if_free" in c]
    frame = pd.DataFrame(found["areas"].drop(columns="geometry"))
    # units are busy: whoever is reached waits longer than if the nearest were free
    assert (frame["mean_s_plan"] >= frame["mean_s_if_free_plan"]).mean() > 0.9


def test_the_column_if_free_is_travel_alone(planned: Plan) -> None:
    """Made without a replay, areas hold the same mean as the column that supposes free units."""
    deployments = {"plan": planned.deployment, "today": planned.case.city.today}
    met = replayed_calls(planned, deployments)
    given = (planned.table, planned.case.city.roads, deployments)
    alone, both = (
        map_cells(*given, target_s=planned.case.target_s, replayed=replayed)
        for replayed in ({}, met)
    )
    for name in deployments:
        assert both[f"mean_s_if_free_{name}"].equals(alone[f"mean_s_{name}"].rename(None))
        assert both[f"depth_{name}"].equals(alone[f"depth_{name}"])
        assert not both[f"mean_s_{name}"].equals(alone[f"mean_s_{name}"])


def test_what_the_page_works_drives_out_from_is_the_models(
    planned: Plan, published: PlanPublication
) -> None:
    content, table = map_content(published), planned.table
    travel, cells, roads = content.travel, table.cells, planned.case.city.roads
    assert travel is not None
    cell = np.unique(table.column, return_index=True)[1]
    hour = np.array([period.hours.hours[0] for period in cells.periods])[cells.period[cell]]
    node = content.posts.set_index("post_id")["node"]
    for option, row in zip(table.options, table.response_s, strict=True):
        kind, on = travel.kinds[option.responder_type], np.isfinite(row)
        post = np.array([node[option.post_id]])
        drive_s = travel_times(roads, post, targets=table.column_node)[0]
        drive_s = drive_s / (kind.speed * np.array(travel.speed)[hour])
        whole_s = np.maximum(kind.least_s, kind.starts_s + drive_s)
        assert np.abs(row - whole_s)[on].max() < 0.01
        duty = travel.pattern_hours[option.shift_pattern].mask()[hour]
        assert not (on & ~duty).any()
        assert (drive_s[on] <= travel.reach_s + 0.01).all()
    assert travel.fallback_s == table.fallback_s
