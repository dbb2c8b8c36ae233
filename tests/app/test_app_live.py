"""Figures that follow a hand, posts put on the map, and reports of plans that a person placed."""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.app.desk import Desk
from coresponse.app.files import file_stem
from coresponse.app.live import Live
from coresponse.app.new_posts import NewPost
from coresponse.app.prepared import PreparedStudy
from coresponse.app.question import Question, case_for, study_question
from coresponse.app.report import make_report
from coresponse.coverage.few_calls import STANDS_FOR_SMALL
from coresponse.coverage.measures import measure
from coresponse.coverage.response import enumerate_options, response_table
from coresponse.data.errors import InputError
from coresponse.data.options import Deployment, Option
from coresponse.publish.disclosure import PUBLIC
from coresponse.study.folder import StudyFolder
from tests.app.test_app_publications import sample_cells
from tests.conftest import PATIENCE_S

PARK = NewPost(name="By the park", kind="station", longitude=-73.97, latitude=40.78)
THERE = [("co_responder_unit", "P05", "day_10h", 1), ("co_responder_unit", "P13", "late_10h", 1)]


def asked(study: PreparedStudy, **changes: Any) -> Question:
    return Question(**(study_question(study.case).model_dump() | {"busy": "free"} | changes))


def test_a_new_post_has_the_response_times_of_a_study_that_has_it(study: PreparedStudy) -> None:
    case = case_for(study.case, asked(study, new_posts={"new-1": PARK}, speed=0.9))
    posts, own = case.city.posts, study.case.city.posts
    assert set(posts.frame["post_id"]) == {*own.frame["post_id"], "new-1"}
    pd.testing.assert_series_equal(posts.frame.dtypes, own.frame.dtypes)
    options = enumerate_options(case.program, posts)
    whole = response_table(
        case.city.roads, posts, case.program, options, case.table.cells,
        reach_min=case.reach_limit_min,
    )  # fmt: skip
    assert case.table.options == whole.options
    np.testing.assert_array_equal(case.table.response_s, whole.response_s)
    np.testing.assert_array_equal(case.table.group, whole.group)


@pytest.mark.parametrize(
    ("post_id", "change", "said"),
    [
        ("new-1", {"kind": "nowhere"}, "no posts of the kind"),
        ("new-1", {"longitude": -72.0}, "no road within"),
    ],
)
def test_a_new_post_that_cannot_be_is_refused(
    study: PreparedStudy, post_id: str, change: dict[str, Any], said: str
) -> None:
    question = asked(study, new_posts={post_id: PARK.model_copy(update=change)})
    with pytest.raises(InputError, match=said):
        case_for(study.case, question)


def test_estimate_and_replay_are_those_of_the_study_itself(study: PreparedStudy) -> None:
    question = asked(study, moved={"P05": (-73.99, 40.72)}, demand=1.2)
    live = Live(study)
    told = live.estimate(question, THERE)
    case = case_for(study.case, question)
    deployment = Deployment.of("plan", [(Option(*row[:3]), row[3]) for row in THERE])
    free = measure(case.table, deployment, target_s=case.target_s, districts=None).overall
    exact = float(free.iloc[0]["share_in_time"])
    assert told["share_in_time"] == pytest.approx(exact, abs=PUBLIC.city(free).share_step)
    assert live.replayed("one", question, THERE) == Desk(study).evaluate(question, THERE)
    with pytest.raises(InputError):
        live.estimate(question, [("co_responder_unit", "P99", "day_10h", 1)])


def test_only_the_newest_question_of_a_session_is_replayed(
    study: PreparedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go_on, asked_of = threading.Event(), threading.Event(), []

    def slow(_: Desk, question: Question, __: object) -> dict[str, Any]:
        asked_of.append(question.demand)
        began.set()
        assert go_on.wait(PATIENCE_S)
        return {"demand": question.demand}

    monkeypatch.setattr(Desk, "evaluate", slow)
    live, told = Live(study), {}

    def ask(session: str, demand: float) -> threading.Thread:
        def run() -> None:
            told[demand] = live.replayed(session, asked(study, demand=demand), THERE)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    threads = [ask("a", 1.1)]
    assert began.wait(PATIENCE_S)
    threads.append(ask("a", 1.2))
    newest = ask("a", 1.3)
    while 1.2 not in told and threads[1].is_alive():  # superseded while the first still runs
        threads[1].join(0.01)
    assert told[1.2] is None
    go_on.set()
    for thread in (*threads, newest):
        thread.join(PATIENCE_S)
    assert told[1.3] == {"demand": 1.3}
    assert asked_of == [1.1, 1.3]


@pytest.mark.slow
def test_figures_of_a_dragged_post_differ_by_no_few_calls(server: Any) -> None:
    question = server.asked()
    shares = []
    for k in range(25):
        moved = {"P05": [-73.992 + 0.0004 * k, 40.745]}
        body = {"asked": question | {"moved": moved}, "bought": THERE}
        free = server.json("POST", "/api/live", body)["figures_if_free"]
        shares.append(free["share_in_time"])
        assert set(free) <= {"share_in_time", "mean_with_fallback_s", "p90_s"}
    calls = int(sample_cells().calls.sum())
    apart = np.diff(np.unique(shares)) * calls
    assert len(apart) > 3
    assert apart.min() >= STANDS_FOR_SMALL - 1e-6


def test_a_drag_over_water_is_no_fault_and_a_strangers_is_one(server: Any) -> None:
    body = {"asked": server.asked(moved={"P05": [0.0, 0.0]}), "bought": THERE}
    assert "no road within" in server.json("POST", "/api/live", body)["refused"]
    assert server.ask("POST", "/api/live", body, headers={"x-session": "somebody else"})[0] == 409
    assert server.ask("POST", "/api/live", body | {"bought": [["x"]]})[0] == 422


def test_a_placed_plan_has_a_report_that_says_so(folder: StudyFolder, study: PreparedStudy) -> None:
    question = asked(study, new_posts={"new-1": PARK}, units={"co_responder_unit": 1})
    rows = [*THERE, ("co_responder_unit", "new-1", "day_10h", 2)]  # more than the limit allows
    run = make_report(folder, question, {"fingerprint": study.fingerprint, "bought": rows})
    told = json.loads((run.folder / "plan.json").read_text(encoding="utf-8"))
    assert sum(row["count"] for row in told["deployment"]) == 4
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "responders as placed by hand; a post put at By the park" in page
    assert "placed by hand; it was chosen neither by the model nor by the replay" in page
    assert "this plan is best found: as placed, not searched for" in page
    for name in ("inf%", "below -inf", ">nan<"):
        assert name not in page
    with pytest.raises(InputError, match="nobody is placed"):
        make_report(folder, question, {"fingerprint": study.fingerprint, "bought": []})


@given(st.text(max_size=200))
def test_a_downloads_name_is_plain_whatever_the_plans(name: str) -> None:
    stem = file_stem(name, "0123")
    assert 0 < len(stem) <= 60
    assert stem.isascii()
    assert all(letter.isalnum() or letter == "-" for letter in stem)


def test_a_download_carries_its_plans_name() -> None:
    assert file_stem("Six units, café", "x") == "Six-units-cafe"
    assert file_stem("計画", "0123") == "0123"


def test_estimates_leave_the_studys_own_memory_alone(study: PreparedStudy) -> None:
    before = len(study.case.memo.__getstate__())
    Live(study).estimate(asked(study, speed=0.8), THERE)
    assert len(study.case.memo.__getstate__()) == before
