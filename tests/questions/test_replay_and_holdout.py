"""Deployments evaluated three ways on the sample; plans evaluated on calls that they have not seen; the replay command."""

from __future__ import annotations

import gc
import json
import pickle
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.cli.common import errors_for_people
from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.evaluation_setup import history_setup
from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.holdout import less_wait
from coresponse.coverage.replay.record import ReplayRun
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.data.sample_city import sample_folder
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluate, evaluation_setup
from coresponse.optimize.goals.goal import FewestUnits
from coresponse.optimize.optimize_once import optimize_once
from coresponse.optimize.optimum import Optimum
from coresponse.optimize.solution import Status, Stop
from coresponse.optimize.solved import Solved
from coresponse.publish.city import CityRounding
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.evaluation import publish_evaluation
from coresponse.publish.holdout import publish_bootstrap, publish_holdout
from coresponse.questions.further import Holdout
from coresponse.questions.holdout import bootstrap, hold_out, in_common
from coresponse.questions.replay import replay
from coresponse.results.tables import evaluations_json
from coresponse.study.files import copy_study
from coresponse.study.folder import StudyFolder, open_study
from coresponse.study.read import read_study
from tests.questions.small_study import without_today

runner = CliRunner()


def small(folder: StudyFolder) -> StudyFolder:
    return folder.with_judging(replications=4, weeks=4)


@pytest.fixture(scope="module")
def case() -> Case:
    return read_study(small(open_study(sample_folder()))).case


@pytest.fixture(scope="module")
def setup(case: Case) -> EvaluationSetup:
    return evaluation_setup(case)


def today(case: Case) -> Deployment:
    assert case.city.today is not None
    return case.city.today


def of_history(case: Case) -> EvaluationSetup:
    return history_setup(
        case.world, case.evaluation, case.city.calls, target_s=case.target_s, seed=case.seed
    )


def test_the_three_ways_agree_within_bounds_on_todays_deployment(
    case: Case, setup: EvaluationSetup
) -> None:
    found = evaluate(case, today(case), setup=setup)
    assert found.queueing is not None
    assert found.replay is not None
    replayed = found.replay.figure("share_in_time")
    assert replayed.low < replayed.mean < replayed.high
    assert abs(found.queueing.figure("share_in_time") - replayed.mean) < 0.03
    assert found.nearest.figure("share_in_time") > replayed.mean + 0.05
    published = publish_evaluation(found, case.program)
    assert any("busy when needed" in note for note in published.notes)
    # each call is reached or lost for one reason
    row = {
        c: found.replay.figure(f"{c}_per_week").mean
        for c in ("calls", "reached", "closed", "busy", "out_of_reach")
    }
    assert row["calls"] == pytest.approx(sum(v for k, v in row.items() if k != "calls"))
    plain = evaluations_json({"today": published})["today"]
    step = CityRounding.of(found.nearest.overall).share_step
    assert plain["replay"]["share_in_time"]["mean"] == pytest.approx(replayed.mean, abs=step / 2)
    internal = evaluations_json({"today": publish_evaluation(found, case.program, INTERNAL)})[
        "today"
    ]
    assert internal["replay"]["share_in_time"]["mean"] == pytest.approx(replayed.mean)
    json.dumps(plain, allow_nan=False)


def test_an_empty_deployment_is_evaluated_without_a_replay(
    case: Case, setup: EvaluationSetup
) -> None:
    found = evaluate(case, Deployment("nobody"), setup=setup)
    assert found.queueing is None
    assert found.replay is None
    assert found.nearest.figure("share_reached") == 0


def test_deployments_meet_the_same_calls_in_any_order(case: Case) -> None:
    option = case.options[0]
    both = {"today": today(case), "one": Deployment.of("one", {option: 1})}
    forward = replay(case, both).evaluations
    backward = replay(case, dict(reversed(both.items()))).evaluations
    alone = replay(case, {"today": today(case)}).evaluations

    def same(one: Evaluation, other: Evaluation) -> None:
        assert one.replay is not None
        assert other.replay is not None
        pd.testing.assert_frame_equal(one.replay.overall, other.replay.overall)

    for name in both:
        same(forward[name], backward[name])
    same(alone["today"], forward["today"])


def test_disagreements_are_said_beyond_their_bounds(case: Case, setup: EvaluationSetup) -> None:
    found = evaluate(case, today(case), setup=setup)
    assert found.queueing is not None
    assert found.replay is not None
    shifted = found.queueing.overall.assign(
        share_in_time=found.replay.figure("share_in_time").mean + 0.04,
        mean_with_fallback_s=found.replay.figure("mean_with_fallback_s").mean * 1.12,
    )
    apart = replace(found, queueing=replace(found.queueing, overall=shifted))
    notes = publish_evaluation(apart, case.program, INTERNAL).notes
    assert any("4.0 points" in note for note in notes)
    assert any("12% above" in note for note in notes)


def test_where_drives_between_places_are_too_many_units_leave_from_their_posts(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coresponse.coverage.evaluation_setup.MOST_DRIVES", 1e3)
    setup = evaluation_setup(case)
    assert setup.rules.driving_home == "from_post"
    assert any("from their posts only" in str(note) for note in setup.notes)
    assert len(setup.replay(today(case))) == 4


def test_what_is_worked_out_of_a_part_of_the_history_goes_with_it(case: Case) -> None:
    """Of a region that is a third of a gigabyte for each part, and bootstrapping makes two a sample."""
    days = case.city.calls
    part = case.with_calls(replace(days, frame=days.frame.iloc[: len(days.frame) // 2]))
    table, whole = weakref.ref(part.base_table.response_s), case.base_table
    assert part.with_(seed=5).base_table is part.base_table
    copied = pickle.loads(pickle.dumps(part)).base_table  # knows it, as a worker process would
    np.testing.assert_array_equal(copied.column, part.base_table.column)
    del part
    gc.collect()
    assert table() is None
    assert case.base_table is whole


@pytest.fixture(scope="module")
def held_out(case: Case) -> Holdout:
    solved = Solved(case, optimize_once(case))
    return hold_out(solved, solved.deployment)


def test_a_plan_is_evaluated_on_days_it_has_not_seen(case: Case, held_out: Holdout) -> None:
    found = held_out
    assert found.plan_days + found.judge_days == pytest.approx(np.ceil(case.city.calls.days))
    assert found.judge_days / (found.plan_days + found.judge_days) == pytest.approx(0.3, abs=0.01)
    frame = case.city.calls.frame
    eligible = frame[frame["call_class"].isin(case.table.cells.class_names)]
    day = eligible["received_at"].dt.tz_localize(None).dt.floor("D")
    late = (day - day.min()) / pd.Timedelta(days=1) >= found.plan_days
    assert int(found.cells.calls.sum()) == int(late.sum())
    told = publish_holdout(found, case.program)
    assert told.judge_calls == pytest.approx(int(late.sum()), abs=2.5)  # multiples of 5 are told
    assert found.wait_less_s is not None
    assert told.wait_less_s is not None
    assert found.wait_less_s.low > 0
    # to ten digits it told how many calls more are reached
    whole = CityRounding(int(late.sum()), 1.0)
    for end in (told.wait_less_s.mean, told.wait_less_s.low, told.wait_less_s.high):
        assert end / whole.wait_step_s == pytest.approx(round(end / whole.wait_step_s), abs=1e-6)
    assert "less than with today's deployment" in told.verdict()


def test_the_plan_on_fewer_days_has_the_fleet_of_the_plan(case: Case) -> None:
    """What was sized or bought by the replay was tried as what the model would have bought."""
    solved = Solved(case, optimize_once(case))
    one = Deployment.of("one", {solved.deployment.counts[0][0]: 1})
    smaller = hold_out(solved, one).deployment
    assert smaller.by_type() == one.by_type()
    sized = case.with_(goal=FewestUnits(share=0.01))
    assert hold_out(Solved(sized, optimize_once(sized)), one).deployment.size == 1


def test_the_verdict_of_a_plan_is_no_kinder_than_its_band(case: Case, held_out: Holdout) -> None:
    # today's deployment against itself is no better, and the verdict says so
    runs = of_history(case).replay(today(case))
    same = less_wait(runs, runs, fallback_s=case.table.fallback_s)
    assert (same.low, same.mean, same.high) == (0, 0, 0)

    def verdict(less: Interval) -> str:
        return publish_holdout(replace(held_out, wait_less_s=less), case.program).verdict()

    assert "not shown to be better" in verdict(same)
    assert held_out.wait_less_s is not None
    worse = replace(held_out.wait_less_s, mean=-60.0, low=-90.0, high=-30.0)
    assert "do not adopt" in verdict(worse)


def test_less_wait_is_the_mean_difference_over_calls(case: Case) -> None:
    setup = of_history(case)
    one = Deployment.of("one", {case.options[0]: 1})
    runs = [setup.replay(d) for d in (today(case), one)]
    fallback_s = case.table.fallback_s

    def mean_wait(parts: list[ReplayRun]) -> float:
        waits = [np.nan_to_num(run.response_s(), nan=np.inf).clip(max=fallback_s) for run in parts]
        return float(np.mean(waits))

    found = less_wait(*runs, fallback_s=fallback_s)
    assert found.mean == pytest.approx(mean_wait(runs[1]) - mean_wait(runs[0]))
    assert found.low < found.mean < found.high


def test_plans_on_samples_of_days_stay_near_the_plan(case: Case) -> None:
    solved = Solved(case, optimize_once(case))
    found = bootstrap(solved, solved.deployment, samples=2, progress=lambda *_: None)
    assert len(found.share_in_time) == 2
    assert (found.wait_less_s > 0).all()
    assert ((found.kept_posts > 0) & (found.kept_posts <= 1)).all()
    assert "2 samples" in publish_bootstrap(found).verdict()
    a, b = (Option("unit", post, "day") for post in "AB")
    assert in_common(Deployment.of("x", {a: 2, b: 2}), Deployment.of("y", {a: 1, b: 3})) == 0.75


def test_settings_of_judging_are_checked() -> None:
    folder = open_study(sample_folder())
    assert (
        folder.with_judging(when_busy="queue", replications=None).study.judging.rules.when_busy
        == "queue"
    )
    with pytest.raises(InputError, match="replications"):
        folder.with_judging(replications=1)
    with pytest.raises(InputError, match="when_busy"):
        folder.with_judging(when_busy="sleep")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replay") / "sample"
    copy_study(sample_folder(), folder)
    return folder


def test_replay_of_today_writes_tables_and_one_record_a_call(study: Path) -> None:
    flags = ["--replications", "2", "--weeks", "2", "--record", "--json"]
    done = runner.invoke(cli.app, ["replay", str(study), "--today", *flags])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert list(said["judgments"]) == ["today"]
    folder = Path(said["folder"])
    calls = pd.read_csv(folder / "internal" / "calls_today.csv")
    funnel = pd.read_csv(folder / "replay_funnel.csv")
    assert set(calls["result"]) <= {"sent", "all eligible units busy"}
    assert (calls["unit"].isna() == (calls["result"] != "sent")).all()
    eligible = funnel[(funnel["step"] == "eligible") & funnel["lost"].isna()][
        "calls_per_week"
    ].item()
    # the record is of one of the two replications
    assert eligible == pytest.approx(len(calls) / 2, rel=0.2)
    again = runner.invoke(cli.app, ["replay", str(study), "--today", *flags])
    assert json.loads(again.stdout) == said


def test_rules_change_what_the_replay_finds(study: Path) -> None:
    def lost(*flags: str) -> dict[str, float]:
        base = ["replay", str(study), "--today", "--replications", "2", "--weeks", "2", "--json"]
        done = runner.invoke(cli.app, [*base, *flags])
        assert done.exit_code == 0, done.output
        steps = json.loads(done.stdout)["judgments"]["today"]["replay"]["funnel"]
        return {r["reason"]: r["calls_per_week"]["mean"] for step in steps for r in step["lost"]}

    assert lost()["all eligible units busy"] > 0
    queued = lost("--when-busy", "queue", "--patience-min", "30")
    assert "all eligible units busy" not in queued
    assert queued["waited for a unit and gave up"] > 0


def test_nothing_to_replay_says_what_to_do(study: Path, tmp_path: Path) -> None:
    text = (study / "study.toml").read_text(encoding="utf-8")
    bare = tmp_path / "bare"
    copy_study(sample_folder(), bare)
    (bare / "study.toml").write_text(text.replace("[today]\n", "[unused]\n"), encoding="utf-8")
    (bare / "study.toml").write_text(without_today(text), encoding="utf-8")
    done = runner.invoke(cli.app, ["replay", str(bare)])
    assert isinstance(done.exception, InputError), done.output
    assert "coresponse plan" in str(done.exception)
    with pytest.raises(SystemExit), errors_for_people():
        raise done.exception
    done = runner.invoke(cli.app, ["replay", str(study), "--deployment", str(tmp_path / "no.csv")])
    assert "is not there" in str(done.exception)


def test_the_manhattan_day_replayed_with_its_funnel(shared_data: Path, tmp_path: Path) -> None:
    data, folder = shared_data / "manhattan", tmp_path / "manhattan"
    arguments = [
        "new", str(folder), "--program", "b-heard", "--roads", str(data / "roads_osm_xml_2019.zip"),
        "--calls", str(data / "calls_nypd_2021-07-04.csv"), "--posts", f"station={data / 'ems_stations.csv'}",
        "--posts", f"hospital={data / 'hospitals.csv'}", "--timezone", "America/New_York",
    ]  # fmt: skip
    assert runner.invoke(cli.app, arguments).exit_code == 0
    posts = read_study(folder).city.posts.frame
    stations = posts[posts["kind"] == "station"]["post_id"].head(6)
    rows = "".join(f"bheard_team,{post},bheard_hours,1\n" for post in stations)
    (tmp_path / "six.csv").write_text(
        "responder_type,post_id,shift_pattern,count\n" + rows, encoding="utf-8"
    )
    flags = [
        "--deployment",
        str(tmp_path / "six.csv"),
        "--calls",
        "real",
        "--service-times",
        "program",
    ]
    done = runner.invoke(
        cli.app, ["replay", str(folder), *flags, "--replications", "5", "--record", "--json"]
    )
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    steps = {s["step"]: s for s in said["judgments"]["six"]["replay"]["funnel"]}
    # one day, as calls a week: 114 in all, 22 of them closed out, each step in fives
    closed = {r["reason"]: r["calls_per_week"]["mean"] for r in steps["on duty"]["lost"]}
    assert closed == {"closed hours: no eligible unit on duty": 20 * 7}
    assert (
        steps["eligible"]["calls_per_week"]["mean"] - steps["on duty"]["calls_per_week"]["mean"]
        == 20 * 7
    )
    assert abs(steps["eligible"]["calls_per_week"]["mean"] / 7 - 114) <= 2.5 * 5
    calls = pd.read_csv(
        Path(said["folder"]) / "internal" / "calls_six.csv", parse_dates=["received_at"]
    )
    assert len(calls) == 114
    # a crew hears of a call when it has been taken
    told = calls["received_at"] + pd.Timedelta(minutes=2)
    shut = told[calls["result"].str.startswith("closed")].dt.hour
    assert shut.between(1, 8).all()
    assert len(shut) == 22


def test_a_part_of_the_history_is_searched_as_far_as_the_whole_was(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where time ended the search of the whole, the search of a part would take all of it again."""
    best = optimize_once(case)
    asked: list[float] = []

    def noted(*given: object, stop: Stop, **more: object) -> Optimum:
        asked.append(stop.gap)
        return optimize_once(*given, stop=stop, **more)

    monkeypatch.setattr("coresponse.questions.holdout.optimize_once", noted)
    ended = replace(
        best.solution, status=Status.BEST_FOUND, bound=best.solution.objective * (1 - 0.03)
    )
    for solution in (best.solution, ended):
        solved = Solved(case, replace(best, solution=solution))
        assert hold_out(solved, solved.deployment).deployment.size == best.deployment.size
    assert best.solution.status is Status.PROVEN
    assert asked == [case.solver.gap, pytest.approx(0.03)]
