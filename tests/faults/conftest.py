"""A small study of its own files, and commands run in processes that can be killed."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coresponse.data.roads.cache import save_network
from coresponse.data.roads.made import street_grid
from tests.conftest import PATIENCE_S, once
from tests.faults.commands import (
    RUNS,
    WRITES,
    Forker,
    Right,
    RunningCommand,
    forget,
    hidden,
    left,
    with_today,
)
from tests.faults.commands import files as every_file

STUDY = """schema = 1
name = "Small town"
notice = "SYNTHETIC calls"
[roads]
file = "roads.npz"
[calls]
files = ["calls.csv"]
timezone = "America/New_York"
crs = "EPSG:32618"
[posts]
files = [{ file = "posts.csv", crs = "EPSG:32618" }]
[program]
preset = "ride-along"
[limits]
units = { co_responder_unit = 3 }
[judging]
replications = 2
weeks = 2
holdout_share = 0.0
"""


def small_town(folder: Path) -> Path:
    """Write a town of 144 crossings, 400 calls and 8 posts."""
    folder.mkdir(parents=True, exist_ok=True)
    roads = street_grid(12, 12, seed=4)
    save_network(roads, folder / "roads.npz")
    rng = np.random.default_rng(4)
    at = rng.integers(0, roads.n_nodes, 400)
    received = np.datetime64("2024-01-01", "s") + np.sort(rng.integers(0, 90 * 86_400, 400))
    calls = pd.DataFrame(
        {
            "call_id": [f"C{i:03d}" for i in range(400)],
            "received_at": np.datetime_as_string(received),
        }
    )
    calls["nature"] = rng.choice(["MENTAL HEALTH CRISIS", "WELFARE CHECK", "PARKING"], 400)
    calls.assign(x=roads.node_x[at].round(2), y=roads.node_y[at].round(2)).to_csv(
        folder / "calls.csv", index=False
    )
    posts = pd.DataFrame(
        {
            "post_id": [f"P{i}" for i in range(8)],
            "name": [f"Post {i}" for i in range(8)],
            "kind": "station",
        }
    )
    where = rng.choice(roads.n_nodes, 8, replace=False)
    posts.assign(x=roads.node_x[where], y=roads.node_y[where]).to_csv(
        folder / "posts.csv", index=False
    )
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def make_study() -> Callable[[Path], Path]:
    return small_town


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return small_town(tmp_path / "town")


@dataclass(frozen=True)
class PlannedStudy:
    """A study that was planned once: how long that takes, and what is right."""

    study: Path
    seconds: float
    right: dict[str, bytes]


def files_of(folder: Path) -> dict[str, bytes]:
    """All files of a study's results except the one that says how long things took."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "timing.json"
    }


@pytest.fixture(scope="session")
def planned_once(forker: Forker, tmp_path_factory: pytest.TempPathFactory) -> PlannedStudy:
    study = small_town(tmp_path_factory.mktemp("ready") / "town")
    began = time.monotonic()  # the forker began with a plan, which compiled what was not there
    code, _, errors = forker.begin("plan", study, "--quiet").ended()
    assert code == 0, errors
    return PlannedStudy(study, time.monotonic() - began, files_of(study / "results"))


@pytest.fixture
def ready(planned_once: PlannedStudy, tmp_path: Path) -> PlannedStudy:
    """A copy of the planned study, to be spoiled."""
    shutil.copytree(planned_once.study, tmp_path / "town")
    return replace(planned_once, study=tmp_path / "town")


@pytest.fixture
def start(forker: Forker, tmp_path: Path) -> Callable[..., RunningCommand]:
    """Start commands as sessions of their own, in a process that has everything loaded."""
    own = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    return partial(forker.begin, env=own)


@pytest.fixture(scope="session")
def forker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forker]:
    folder = tmp_path_factory.mktemp("forker")
    made = Forker(folder, small_town(folder / "town"))
    yield made
    made.process.communicate(timeout=PATIENCE_S)
    assert made.process.returncode == 0


@pytest.fixture(scope="session")
def right(forker: Forker, tmp_path_factory: pytest.TempPathFactory) -> Right:
    """Every command once on one study, for all processes of the tests."""

    def make(folder: Path) -> None:
        study, seconds = with_today(small_town(folder / "town")), {}
        # the plan that the forker began with has compiled what no other test has compiled yet
        for command, more in RUNS:
            was = left(study, command)
            forget(study, command)
            began = time.monotonic()
            code, _, errors = forker.run(command, study, *more)
            assert code == 0, errors
            seconds[" ".join((command, *more))] = time.monotonic() - began
            assert was in ({}, left(study, command))
        (folder / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")

    folder = once(tmp_path_factory, "every-command", make)
    study = folder / "town"
    found = every_file(study / "results")
    assert {name.split("-")[0] for name in found} == set(WRITES.values())
    assert hidden(study / "results") == []
    return Right(study, found, json.loads((folder / "seconds.json").read_text(encoding="utf-8")))
