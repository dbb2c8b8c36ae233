"""Towns that differ in one small count only.

Whoever reads what is published cannot tell them apart.
"""

from __future__ import annotations

import itertools
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.data.errors import InputError
from coresponse.questions.plan import plan
from coresponse.study.read import read_study

OF_THE_INPUTS = re.compile(rb"\b(?:plan|replay)-[0-9a-f]{10}\b|\b[0-9a-f]{64}\b|\b[0-9a-f]{16}\b")
"""Names of runs and hashes of inputs."""


def published(study: Path) -> dict[str, bytes]:
    """Return what is meant for showing, without the inputs' hashes."""
    files = [
        path
        for path in (study / "results").rglob("*")
        if path.is_file() and "internal" not in path.parts
    ]
    name = re.compile(r"-[0-9a-f]{10}")
    return {
        name.sub("", str(path.relative_to(study))): OF_THE_INPUTS.sub(b"", _content(path))
        for path in sorted(files)
    }


def _content(path: Path) -> bytes:
    """Return a file's bytes; of a workbook its parts', for their checksums follow from the run's name."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as book:
        return b"".join(part.encode() + book.read(part) for part in book.namelist())


@pytest.fixture(scope="module")
def towns(
    make_study: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, bytes]]:
    """What two towns publish.

    In one 3 calls are of a kind that no responder takes, in the other 8.
    """
    out = []
    for few in (3, 8):
        study = make_study(tmp_path_factory.mktemp("few") / "town")
        calls = pd.read_csv(study / "calls.csv")
        parking = calls.index[calls["nature"] == "PARKING"]
        calls.drop(parking[few:]).to_csv(study / "calls.csv", index=False)
        for command in ("plan", "replay"):
            done = CliRunner().invoke(cli.app, [command, str(study), "--quiet"])
            assert done.exit_code == 0, done.output
        out.append(published(study))
    return out


def test_a_small_count_changes_nothing_that_is_published(towns: list[dict[str, bytes]]) -> None:
    one, other = towns
    assert one.keys() == other.keys()
    assert len(one) > 20
    assert [name for name, content in one.items() if content != other[name]] == []


def test_the_replay_is_shown_in_steps_of_five_past_calls(
    make_study: Callable[[Path], Path], tmp_path: Path
) -> None:
    """Thousands of calls are drawn from a few.

    Exact, two deployments' replays told the past calls around a post to one.
    """
    study = make_study(tmp_path / "town")
    pd.DataFrame(
        {
            "responder_type": ["co_responder_unit"] * 2,
            "post_id": ["P0", "P1"],
            "shift_pattern": "day_10h",
            "count": 1,
        }
    ).to_csv(study / "units.csv", index=False)
    for calls in ("drawn", "real"):
        arguments = [
            "replay",
            str(study),
            "--deployment",
            str(study / "units.csv"),
            "--calls",
            calls,
            "--quiet",
        ]
        done = CliRunner().invoke(cli.app, arguments)
        assert done.exit_code == 0, done.output
    past = int((pd.read_csv(study / "calls.csv")["nature"] != "PARKING").sum())
    for run in (study / "results").iterdir():
        told = json.loads((run / "replay.json").read_text(encoding="utf-8"))["judgments"]["units"][
            "replay"
        ]
        days = 90
        for name, band in told.items():
            if isinstance(band, dict) and name.endswith("_per_week") and "officer" not in name:
                for end in band.values():
                    assert abs(end * days / 7 / 5 + 0.5) % 1 == pytest.approx(0.5, abs=1e-3), (
                        name,
                        end,
                    )
            if name.startswith("share_"):
                assert 0 <= band["low"] <= band["mean"] <= band["high"] <= 1
                assert abs(band["mean"] / 0.02 + 0.5) % 1 == pytest.approx(0.5, abs=1e-6)
                assert 0.02 * past >= 5
        funnel = pd.read_csv(run / "replay_funnel.csv")
        left = funnel[funnel["lost"].isna()].set_index("step")["calls_per_week"]
        lost = funnel[funnel["lost"].notna()].groupby("step")["calls_per_week"].sum()
        for before, after in itertools.pairwise(left.index):
            assert left[before] == pytest.approx(left[after] + lost.get(after, 0.0), abs=0.03)
        assert left["eligible"] == pytest.approx(told["calls_per_week"]["mean"], abs=0.006)
        units = pd.read_csv(run / "units.csv")
        assert (
            abs(units["calls_per_week"].dropna() * days / 7 / 5 + 0.5) % 1 - 0.5
        ).abs().max() < 1e-2


def few_calls(make_study: Callable[[Path], Path], folder: Path, number: int) -> Path:
    """Make a town with so many calls that responders take, spread over its history."""
    study = make_study(folder)
    calls = pd.read_csv(study / "calls.csv")
    calls = calls[calls["nature"] != "PARKING"]
    calls.iloc[:: len(calls) // number].head(number).to_csv(study / "calls.csv", index=False)
    return study


def test_units_that_went_to_few_past_calls_have_no_figures(
    make_study: Callable[[Path], Path], tmp_path: Path
) -> None:
    """Drawn calls come where past ones were.

    A rarely used unit's calls a week, times the weeks, count those near its post.
    """
    number = 30
    study = few_calls(make_study, tmp_path / "town", number)
    done = CliRunner().invoke(cli.app, ["plan", str(study), "--quiet"])
    assert done.exit_code == 0, done.output
    (run,) = (study / "results").iterdir()
    a_week = json.loads((run / "plan.json").read_text(encoding="utf-8"))["judgments"]["plan"][
        "replay"
    ]
    units = pd.read_csv(run / "units.csv").set_index("unit")
    units = units[units["deployment"] == "plan"]
    past = units["calls_per_week"] * number / a_week["calls_per_week"]["mean"]
    assert len(units) == 3
    assert units["utilization"].isna().sum() >= 2
    assert not past.between(0.5, 9.5).any()
    by_hour = pd.read_csv(run / "units_by_hour.csv").set_index("unit")
    by_hour = by_hour[by_hour["deployment"] == "plan"].drop(columns="deployment")
    assert by_hour[units["utilization"].isna()].isna().all(axis=None)
    # the metrics tell the busiest unit's work only if it is among those shown
    metrics = pd.read_csv(run / "metrics.csv")
    busiest = metrics.loc[metrics["metric"] == "Unit utilization, busiest unit", "value"].dropna()
    assert busiest.isin(units["utilization"]).all()


@pytest.mark.parametrize(
    "command", [["plan"], ["replay"], ["sweep", "--vary", "units.co_responder_unit=1:2"]]
)
def test_nothing_is_published_of_ten_calls(
    make_study: Callable[[Path], Path], tmp_path: Path, command: list[str]
) -> None:
    study = few_calls(make_study, tmp_path / "town", 10)
    pd.DataFrame(
        {
            "responder_type": ["co_responder_unit"],
            "post_id": "P0",
            "shift_pattern": "day_10h",
            "count": 1,
        }
    ).to_csv(study / "units.csv", index=False)
    more = ["--deployment", str(study / "units.csv")] if command == ["replay"] else []
    done = CliRunner().invoke(cli.app, [command[0], str(study), *command[1:], *more, "--quiet"])
    assert done.exit_code != 0
    assert isinstance(done.exception, InputError), done.exception
    assert re.search("fewer than 11 calls .* plan --internal", str(done.exception))
    assert not any(path.name != "sweep-points" for path in (study / "results").glob("*"))


def test_a_plan_is_not_tried_on_so_few_unseen_calls_that_they_would_be_told_of(
    make_study: Callable[[Path], Path], tmp_path: Path
) -> None:
    study = few_calls(make_study, tmp_path / "town", 24)
    text = (
        (study / "study.toml")
        .read_text(encoding="utf-8")
        .replace("holdout_share = 0.0", "holdout_share = 0.3")
    )
    (study / "study.toml").write_text(text, encoding="utf-8")
    planned = plan(read_study(study).case)
    assert planned.holdout is None
    assert "fewer than 11 eligible calls" in planned.holdout_reason
