"""Results that somebody changed.

Every command that reads one back refuses it in words, or makes a right page of it.

``CORESPONSE_FUZZ_RESULTS`` is how many parts of a sweep are replaced (default 40, and five times as
many of other files)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from coresponse.app.base import scales
from coresponse.app.files import compared, plan_file
from coresponse.app.plans import PlanStore
from coresponse.app.question import Question as Asked
from coresponse.cli import main as cli
from coresponse.data.errors import CoresponseError, InputError, MissingInputError
from coresponse.maps.explorer.content import ExplorerContent
from coresponse.questions.sweep.answer import Answer, Kept
from coresponse.results.explorer import explorer_content, write_study_explorer
from coresponse.results.read_sweep import read_sweep
from coresponse.results.report.again import report_again
from coresponse.results.validation import _name, found_before
from coresponse.study.folder import open_study
from coresponse.study.read import LoadedStudy, read_study
from coresponse.study.read_back import MAX_BYTES, read_plan_file

EXAMPLES = int(os.environ.get("CORESPONSE_FUZZ_RESULTS", "40"))

runner = CliRunner()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, make_study: Callable[[Path], Path]) -> Path:
    folder = make_study(tmp_path_factory.mktemp("tampered") / "town")
    varied = ["--vary", "units.co_responder_unit=1:2", "--busy-units", "free", "--jobs", "1"]
    for command in (["sweep", str(folder), *varied], ["plan", str(folder)]):
        done = runner.invoke(cli.app, [*command, "--quiet"])
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def inputs(study: Path) -> LoadedStudy:
    return read_study(study)


@pytest.fixture(scope="module")
def draw(inputs: LoadedStudy) -> Callable[[Path], ExplorerContent]:
    return lambda sweep: explorer_content(inputs, read_sweep(sweep))


@pytest.fixture
def copy(study: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(study, tmp_path / "copy"))


def swept(study: Path) -> Path:
    return next((study / "results").glob("sweep-*/sweep.json")).parent


def planned(study: Path) -> Path:
    return next((study / "results").glob("plan-*/deployment.csv")).parent


DAMAGED = {
    "empty": b"",
    "empty object": b"{}",
    "list": b"[]",
    "null": b"null",
    "a number": b"3",
    "of another schema": b'{"schema": 2}',
    "schema true": b'{"schema": true}',
    "schema only": b'{"schema": 1}',
    "provenance a list": b'{"schema": 1, "provenance": []}',
    "nested without end": b"[" * 200_000 + b"]" * 200_000,
    "objects nested without end": b'{"a":' * 200_000,
    "cut short": b'{"schema": 1, "provenance":',
    "no UTF-8": b"\xff\xfe{",
    "a number of 5,000 digits": b'{"schema": ' + b"9" * 5000 + b"}",
    "no number": b'{"schema": 1, "run": NaN}',
    "a number without end": b'{"schema": 1, "run": 1e999}',
    "half a character": b'{"schema": 1, "run": "\\udc00"}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_sweep_is_refused_by_name(
    content: bytes, inputs: LoadedStudy, tmp_path: Path
) -> None:
    (tmp_path / "sweep.json").write_bytes(content)
    for read in (write_study_explorer, lambda one, sweep: report_again(one.folder, sweep=sweep)):
        with pytest.raises(InputError, match=r"sweep\.json.*coresponse sweep again"):
            read(inputs, sweep=tmp_path)


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_plan_is_refused_by_name(content: bytes, copy: Path) -> None:
    (planned(copy) / "plan.json").write_bytes(content)
    for read in (lambda: read_plan_file(planned(copy)), lambda: report_again(open_study(copy))):
        with pytest.raises(InputError, match=r"plan\.json.*plan again"):
            read()


@pytest.mark.parametrize("name", ["internal/report.json", "plan.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 200_000, b"\xff"])
def test_a_report_whose_run_is_damaged_is_refused(name: str, content: bytes, copy: Path) -> None:
    (planned(copy) / name).write_bytes(content)
    with pytest.raises(InputError, match="plan again"):
        report_again(open_study(copy))


@pytest.mark.parametrize("name", ["sweep.json", "plan.json", "internal/report.json"])
def test_a_file_of_gigabytes_is_refused_unread(name: str, copy: Path) -> None:
    path = (swept(copy) if name == "sweep.json" else planned(copy)) / name
    with path.open("wb") as file:  # holes take no space on the disk
        file.truncate(15 * MAX_BYTES)
    with pytest.raises(InputError, match="refused"):
        report_again(open_study(copy))


@pytest.mark.parametrize("name", ["sweep.json", "plan.json", "internal/report.json"])
def test_a_file_that_is_gone_is_said(name: str, copy: Path) -> None:
    sweep = swept(copy)
    path = (sweep if name == "sweep.json" else planned(copy)) / name
    path.unlink()
    with pytest.raises(MissingInputError, match=path.name):
        report_again(open_study(copy), sweep=sweep)


CHANGED: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "axes gone": (("axes",), []),
    "a name that is a path": (("run",), "../../elsewhere"),
    "a value twice": (("axes", 0, "values"), [1.0, 1.0]),
    "a point off the axis": (("points", 0, "units.co_responder_unit"), 77.0),
    "a point without its value": (("points", 0, "units.co_responder_unit"), None),
    "a share above all": (("points", 0, "share_in_time"), 1.2),
    "a count below nothing": (("points", 1, "deployment", 0, "count"), -1),
    "a count in words": (("points", 1, "deployment", 0, "count"), "two"),
    "a post that is not there": (("points", 1, "deployment", 0, "post_id"), "<script>nowhere"),
    "two points in one place": (("points", 0, "units.co_responder_unit"), 2.0),
}


@pytest.mark.parametrize(("where", "value"), CHANGED.values(), ids=CHANGED.keys())
def test_a_sweep_that_cannot_be_is_not_drawn(
    where: tuple[str | int, ...],
    value: Any,
    draw: Callable[[Path], ExplorerContent],
    study: Path,
    tmp_path: Path,
) -> None:
    told = json.loads((swept(study) / "sweep.json").read_text(encoding="utf-8"))
    (tmp_path / "sweep.json").write_text(json.dumps(replaced(told, where, value)), encoding="utf-8")
    with pytest.raises(InputError):
        draw(tmp_path)


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """List where every part of some JSON stands."""
    if at:
        yield at
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, part in inner:
        yield from places(part, (*at, key))


GONE = object()


def replaced(value: Any, where: tuple[str | int, ...], to: Any) -> Any:
    out = json.loads(json.dumps(value))
    inner = out
    for key in where[:-1]:
        inner = inner[key]
    if to is GONE:
        del inner[where[-1]]
    else:
        inner[where[-1]] = to
    return out


ANYTHING = st.one_of(
    st.just(GONE), st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}),
    st.just([[]]), st.just({"a": 1}), st.sampled_from([10**400, -1, 1e308, float("nan"), float("inf")]),
)  # fmt: skip


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_part_replaced_is_refused_or_drawn(
    data: st.DataObject, draw: Callable[[Path], ExplorerContent], study: Path, tmp_path: Path
) -> None:
    told = json.loads((swept(study) / "sweep.json").read_text(encoding="utf-8"))
    broken = replaced(told, data.draw(st.sampled_from(list(places(told)))), data.draw(ANYTHING))
    (tmp_path / "sweep.json").write_text(json.dumps(broken), encoding="utf-8")
    with suppress(CoresponseError):
        assert draw(tmp_path).points
    with suppress(CoresponseError):
        assert report_again(open_study(study), run=planned(study), sweep=tmp_path).is_file()


@settings(
    max_examples=5 * EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_part_of_a_plan_replaced_is_refused_or_read(
    data: st.DataObject, study: Path, tmp_path: Path
) -> None:
    told = json.loads((planned(study) / "plan.json").read_text(encoding="utf-8"))
    broken = replaced(told, data.draw(st.sampled_from(list(places(told)))), data.draw(ANYTHING))
    (tmp_path / "plan.json").write_text(json.dumps(broken), encoding="utf-8")
    with suppress(CoresponseError):
        assert read_plan_file(tmp_path)["schema"] == 1


PLAN = {
    "name": "A", "made_at": "2026-01-01T00:00:00.000+00:00", "asked": Asked(moved={"P1": (-73.9, 40.7)}).model_dump(mode="json"),
    "fingerprint": "f", "status": "proven optimal", "message": "m", "objective": 1.0, "bound": 1.0, "gap": 0.0, "unit": "s",
    "clash": [], "rounds": 1, "seconds": 1.0, "stopped": False, "found": True, "bought": [["unit", "P1", "day", 2]],
    "figures": {"share_in_time": 0.5}, "figures_if_free": {"share_in_time": None}, "busy_share": {"unit": 0.3},
    "cost_per_year": 1e6, "staff_hours_per_week": 80.0, "worst_district": "", "target_min": 15.0,
    "districts": [{"id": "1", "calls": "11-20", "share_in_time": 0.5, "wait_s": None}], "areas": {"mean_s": [1.0, None]},
}  # fmt: skip


@pytest.fixture(scope="module")
def offered(inputs: LoadedStudy) -> Callable[[dict[str, Any], str], object]:
    return lambda plan, which: plan_file(inputs.city, plan, which)


@settings(
    max_examples=5 * EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(at=st.integers(0, 10_000), to=ANYTHING)
def test_any_part_of_the_pages_plan_replaced_is_no_plan_or_shown(
    at: int,
    to: Any,
    offered: Callable[[dict[str, Any], str], object],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("page")  # a new one each time, whatever became of the last
    made = PlanStore(folder).add(PLAN, "A")
    path = folder / "plans" / f"{made}.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    where = list(places(told))
    broken = replaced(told, where[at % len(where)], to)
    path.write_text(json.dumps(broken), encoding="utf-8")
    found = PlanStore(folder).get(made)
    assert (found is None) == (not PlanStore(folder).summaries())
    if found is not None:
        compared([found])
        for which in ("whatif.json", "deployment.csv", "districts.csv", "moved_posts.csv"):
            assert offered(found, which)
        if found.get("target_min") is not None:
            json.dumps(scales(found["target_min"]), allow_nan=False)


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_plan_of_the_page_is_passed_over(content: bytes, tmp_path: Path) -> None:
    store = PlanStore(tmp_path)
    (tmp_path / "plans").mkdir(exist_ok=True)
    (tmp_path / "plans" / f"{'a' * 16}.json").write_bytes(content)
    kept = store.add(PLAN, "B")
    assert [plan["id"] for plan in store.summaries()] == [kept]


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_point_is_solved_again(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "k.json").write_bytes(content)
    assert Kept(tmp_path).read("k") is None


def test_a_point_whose_figure_was_changed_is_solved_again(tmp_path: Path) -> None:
    answer = Answer(
        "proven optimal",
        "m",
        "chosen",
        1.0,
        1.0,
        0.0,
        "s",
        1.0,
        figures={"share_in_time": 0.5},
        bought=(("unit", "P1", "day", 2),),
    )
    Kept(tmp_path).write("k", answer)
    text = (tmp_path / "k.json").read_text(encoding="utf-8")
    assert Kept(tmp_path).read("k") == answer
    (tmp_path / "k.json").write_text(text.replace("0.5", "0.9"), encoding="utf-8")
    assert Kept(tmp_path).read("k") is None


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 200_000,
        b'{"schema":1,"says":[' + b"{}," * 600_000 + b"{}]}",
        b'{"says":7,"schema":1}',
    ],
)
def test_a_damaged_validation_is_none(text: bytes, tmp_path: Path) -> None:
    """Check and plan say in passing what it found: they go on without it."""
    path = tmp_path / _name({}) / "validation.json"
    path.parent.mkdir()
    path.write_bytes(text)
    assert found_before(tmp_path, {}) is None
