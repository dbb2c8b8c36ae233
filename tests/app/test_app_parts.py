"""What the page sends, what it is given, and a search that is put away and taken up again."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from coresponse.app.bodies import AskedJob, AskedLive, AskedPlace, AskedReport, NewName
from coresponse.app.page_parts import OWN, page_parts, start_page
from coresponse.app.saved_search import restored, saved
from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.optimize.case import Case
from coresponse.optimize.solved import Solved
from coresponse.questions.plan import plan
from tests.publish.test_film import SETTINGS, made_city


@pytest.fixture(scope="module", params=["free", "queueing"])
def solved(request: pytest.FixtureRequest) -> Solved:
    city = made_city()
    (kind, *_) = city.program.responder_types
    case = Case(city, limits=Limits(units={kind: 2}), evaluation=SETTINGS)
    return plan(case.with_(busy="free") if request.param == "free" else case).solved


def test_a_search_is_taken_up_as_it_was_put_away(solved: Solved) -> None:
    told = json.loads(json.dumps(saved(solved), allow_nan=False))
    again = restored(told, solved.case)
    assert again.deployment.counts == solved.deployment.counts
    assert again.best.solution.objective == solved.best.solution.objective
    assert again.best.solution.bound == solved.best.solution.bound
    assert again.best.solution.status is solved.best.solution.status
    assert (again.rounds is None) == (solved.rounds is None)
    assert saved(again) == saved(solved)


def _first_number(told: Any, key: str, value: Any) -> None:
    told["rounds"][told["chosen"]][key] = value


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(chosen=99),
        lambda told: told.pop("rounds"),
        lambda told: told.update(further=1),
        lambda told: _first_number(told, "counts", [[10**9, 1]]),
    ],
    ids=["no such round", "no rounds", "a key of its own", "counts that nobody can have"],
)
def test_a_search_that_was_changed_is_refused(solved: Solved, change: Any) -> None:
    told = json.loads(json.dumps(saved(solved)))
    change(told)
    with pytest.raises(InputError, match="find the plan again"):
        restored(told, solved.case)


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (AskedJob, {"kind": "delete", "asked": {}}),
        (AskedJob, {"asked": {}, "path": "/etc/passwd"}),
        (AskedLive, {"asked": {}, "bought": [["a", "b", "c", 1]] * 5001}),
        (AskedLive, {"asked": {}, "bought": [["a", "b", "c", -1]]}),
        (AskedPlace, {"post_id": "A", "longitude": 192, "latitude": 0}),
        (AskedPlace, {"post_id": "A", "longitude": 0, "latitude": float("nan")}),
        (AskedReport, {"plan": ""}),
        (NewName, {"name": ""}),
        (NewName, {"name": "x" * 121}),
    ],
)
def test_what_the_page_would_never_send_is_refused(
    body: type[BaseModel], sent: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        body.model_validate(sent)


def test_the_page_asks_for_no_file_that_it_is_not_given() -> None:
    parts = page_parts()
    assert set(OWN) <= set(parts)
    asked = re.findall(r"(?:src|href)=\"([\w./-]+\.(?:js|css|svg))\"", start_page())
    asked += [
        name
        for text in (parts[one] for one in OWN if one.endswith(".js"))
        for name in re.findall(r"from \"\./([\w.-]+)\"", text)
    ]
    assert len(asked) > len(OWN) // 2
    assert {name.rsplit("/", 1)[-1] for name in asked} <= set(parts)
    exported = re.search(r"return \{ ([\w, ]+) \};\n\}\n$", parts["map.js"])
    assert exported is not None
    for name in exported.group(1).split(", "):
        assert re.search(rf"(?:function|class|const|let) {name}\b|\b{name}[,}} ]", parts["map.js"])
