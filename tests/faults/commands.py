"""Every command that writes results, run in processes that can be stopped, killed and starved."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import box

from tests.conftest import ROOT, until

LONG = ("--time-limit", "3600")
"""A search that the clock ends has another answer on a slow machine."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "plan": ("--quiet", *LONG),
    "sweep": ("--quiet", "--vary", "unit=1:3", "--jobs", "1", *LONG),
    "scenarios": ("--quiet", *LONG, "--only", "demand-up", "--only", "vacancy-20"),
    "compare": ("--quiet", "--programs", "ride-along,cahoots", "--budget", "1500000", *LONG),
    "agencies": ("--quiet", *LONG),
    "replay": ("--quiet", "--record"),
    "validate": ("--quiet",),
    "alternatives": ("--quiet", "--count", "2", *LONG),
    "report": (),
    "explore": ("--quiet",),
    "roster": ("--quiet", "--from", "2027-07-05"),
    "money": (),
}

WORKERS = ("--jobs", "2")
WRITES = {name: name for name in COMMANDS} | {"explore": "explorer"}
RUNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    *((name, ()) for name in COMMANDS),
    ("sweep", WORKERS),
)
"""Commands, and what they are told besides."""

SEARCHES = ("plan", "sweep", "scenarios", "compare", "alternatives")


def files(folder: Path) -> dict[str, bytes]:
    """All files of results, except those that say how long things took."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "timing.json" and "sweep-points" not in path.parts
    }


def hidden(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob(".*"))


@dataclass
class RunningCommand:
    """A command that runs."""

    ask: Callable[[dict[str, Any]], Any]
    pid: int
    output: Path
    code: int | None = None

    def over(self) -> bool:
        """Whether it has ended; its exit code is known then."""
        if self.code is None:
            self.code = self.ask({"wait": self.pid})
        return self.code is not None

    def ends_within(self, seconds: float) -> float | None:
        """Wait for so long, or until it has ended: then the seconds that it took are returned."""
        began = time.monotonic()
        while (waited := time.monotonic() - began) < seconds:
            if self.over():
                return waited
            time.sleep(0.01)
        return waited if self.over() else None

    def ended(self) -> tuple[int, str, str]:
        """Wait for its end, and return exit code, output and errors."""
        until(self.over, "the end of a command")
        assert self.code is not None
        return (
            self.code,
            self.output.with_suffix(".out").read_text(),
            self.output.with_suffix(".err").read_text(),
        )

    def others(self) -> list[int]:
        """Return the processes of its session besides itself."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                state = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(state[3]) == self.pid and int(entry.name) != self.pid and state[0] != "Z":
                    found.append(int(entry.name))
        return found

    def workers(self) -> list[int]:
        """Return the processes that solve points for it."""
        found = []
        for pid in self.others():
            with suppress(OSError):
                if b"popen_loky" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return found

    def leaves_nobody(self) -> bool:
        """Whether all its processes end."""
        return bool(until(lambda: not self.others(), "the end of all processes"))


class Forker:
    """Starts commands; see ``forked_commands.py``."""

    def __init__(self, folder: Path, town: Path) -> None:
        self.folder, self.count = folder, 0
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"),
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        script = Path(__file__).with_name("forked_commands.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(town)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
            start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == '"ready"\n'

    def ask(self, asked: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def start(self, command: str, study: Path, *more: str, **asked: Any) -> RunningCommand:
        """Start one of :data:`COMMANDS` as it is written there."""
        return self.begin(command, study, *COMMANDS.get(command, ()), *more, **asked)

    def begin(self, *words: str | Path, **asked: Any) -> RunningCommand:
        """Start a command of just these words."""
        self.count += 1
        output = self.folder / f"output-{self.count}"
        output.with_suffix(".out").touch()
        arguments = [str(word) for word in words]
        pid = self.ask({"arguments": arguments, "output": str(output), **asked})
        until(output.with_suffix(".begun").exists, "the begin of a command")
        return RunningCommand(self.ask, pid, output)

    def run(self, command: str, study: Path, *more: str, **asked: Any) -> tuple[int, str, str]:
        started = self.start(command, study, *more, **asked)
        ended = started.ended()
        assert started.leaves_nobody()
        return ended


@dataclass(frozen=True)
class Right:
    """A study on which every command was run once, what they wrote, and how long each took."""

    study: Path
    files: dict[str, bytes]
    seconds: dict[str, float]
    """By the words of each of :data:`RUNS`."""

    def of(self, command: str) -> dict[str, bytes]:
        return {
            name: text
            for name, text in self.files.items()
            if name.startswith(f"{WRITES[command]}-")
        }


def with_today(study: Path) -> Path:
    """Give a study a crew that is in place today, whose records can be held against the model, and two agencies."""
    posts = pd.read_csv(study / "posts.csv")
    west, east = posts["x"].min() - 20_000, posts["x"].max() + 20_000
    south, north = posts["y"].min() - 20_000, posts["y"].max() + 20_000
    cut = float(posts["x"].median())
    halves = [box(west, south, cut, north), box(cut, south, east, north)]
    frame = gpd.GeoDataFrame(
        {"district_id": ["W", "E"], "AGENCY": ["West PD", "East PD"]},
        geometry=halves,
        crs="EPSG:32618",
    )
    frame.to_crs("EPSG:4326").to_file(study / "districts.geojson", driver="GeoJSON")
    (study / "today.csv").write_text(
        "responder_type,post_id,shift_pattern,count\nco_responder_unit,P0,day_10h,1\n",
        encoding="utf-8",
    )
    with (study / "study.toml").open("a", encoding="utf-8") as stated:
        stated.write('\n[today]\nfile = "today.csv"\n[districts]\nfile = "districts.geojson"\n')
        stated.write('[agencies]\ndistrict_column = "AGENCY"\n')
    return study


def forget(study: Path, command: str) -> None:
    """Take away what a command wrote, a sweep's points too."""
    for path in (study / "results").glob(f"{WRITES[command]}-*"):
        shutil.rmtree(path)


def left(study: Path, command: str) -> dict[str, bytes]:
    """What a command's results hold now; what it began and did not finish is nowhere."""
    assert hidden(study / "results") == []
    return {
        name: text
        for name, text in files(study / "results").items()
        if name.startswith(f"{WRITES[command]}-")
    }


def ctrl_c(started: RunningCommand) -> None:
    """As a terminal does: workers get it too."""
    os.killpg(started.pid, signal.SIGINT)


def terminated(started: RunningCommand) -> None:
    """As a batch system does: the command alone is told."""
    os.kill(started.pid, signal.SIGTERM)


def hung_up(started: RunningCommand) -> None:
    """As a terminal does that is closed."""
    os.killpg(started.pid, signal.SIGHUP)
