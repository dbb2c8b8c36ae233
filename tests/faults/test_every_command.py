"""Every command that writes results.

Stopped, starved of disk, run twice, with solvers and workers that fail.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PATIENCE_S, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals and mounts are tested on POSIX"),
]

ROOT = Path(__file__).resolve().parents[2]

LONG = ("--time-limit", "3600")
"""A search that the clock ends has another answer on a slow machine."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "plan": ("--quiet",),
    "sweep": ("--quiet", "--vary", "unit=1:3", "--jobs", "1", *LONG),
    "scenarios": ("--quiet", *LONG, "--only", "demand-up", "--only", "vacancy-20"),
    "compare": ("--quiet", "--programs", "ride-along,on-call", "--budget", "1500000", *LONG),
    "replay": ("--quiet",),
    "validate": ("--quiet",),
    "alternatives": ("--quiet", "--count", "2"),
    "report": (),
    "explore": ("--quiet",),
    "roster": ("--quiet", "--from", "2027-07-05"),
    "money": (),
}
WORKERS = ("--jobs", "2")
WRITES = {name: name for name in COMMANDS} | {"explore": "explorer"}
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
class Started:
    """A command that runs."""

    ask: Callable[[dict[str, Any]], Any]
    pid: int
    output: Path

    def ended(self) -> tuple[int, str, str]:
        """Return exit code, output and errors."""
        codes: list[int] = []

        def over() -> bool:
            code = self.ask({"wait": self.pid})
            codes.extend([] if code is None else [code])
            return code is not None

        until(over, "the end of a command")
        return (
            codes[0],
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

    def __init__(self, folder: Path, kernels: Path) -> None:
        self.folder, self.count = folder, 0
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"),
            "NUMBA_CACHE_DIR": str(kernels), "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        script = Path(__file__).with_name("forked_commands.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
            start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == '"ready"\n'

    def ask(self, asked: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def start(self, command: str, study: Path, *more: str, **asked: Any) -> Started:
        self.count += 1
        output = self.folder / f"output-{self.count}"
        output.with_suffix(".out").touch()
        arguments = [command, str(study), *COMMANDS.get(command, ()), *more]
        return Started(
            self.ask, self.ask({"arguments": arguments, "output": str(output), **asked}), output
        )

    def run(self, command: str, study: Path, *more: str, **asked: Any) -> tuple[int, str, str]:
        started = self.start(command, study, *more, **asked)
        ended = started.ended()
        assert started.leaves_nobody()
        return ended


@dataclass(frozen=True)
class Right:
    """A study on which every command was run once, and what they wrote."""

    study: Path
    files: dict[str, bytes]

    def of(self, command: str) -> dict[str, bytes]:
        return {
            name: text
            for name, text in self.files.items()
            if name.startswith(f"{WRITES[command]}-")
        }


@pytest.fixture(scope="module")
def forker(tmp_path_factory: pytest.TempPathFactory, kernels: Path) -> Iterator[Forker]:
    made = Forker(tmp_path_factory.mktemp("forker"), kernels)
    yield made
    made.process.communicate(timeout=PATIENCE_S)
    assert made.process.returncode == 0


def with_today(study: Path) -> Path:
    """Give a study a crew that is in place today, whose records can be held against the model."""
    (study / "today.csv").write_text(
        "responder_type,post_id,shift_pattern,count\nco_responder_unit,P0,day_10h,1\n",
        encoding="utf-8",
    )
    with (study / "study.toml").open("a", encoding="utf-8") as stated:
        stated.write('\n[today]\nfile = "today.csv"\n')
    return study


@pytest.fixture(scope="module")
def right(
    forker: Forker, tmp_path_factory: pytest.TempPathFactory, make_study: Callable[[Path], Path]
) -> Right:
    study = with_today(make_study(tmp_path_factory.mktemp("every") / "town"))
    for command in COMMANDS:
        code, _, errors = forker.run(command, study)
        assert code == 0, errors
    found = files(study / "results")
    assert {name.split("-")[0] for name in found} == set(WRITES.values())
    assert hidden(study / "results") == []
    return Right(study, found)


@pytest.fixture
def study(right: Right, tmp_path: Path) -> Path:
    return Path(shutil.copytree(right.study, tmp_path / "town"))


def forget(study: Path, command: str) -> None:
    """Take away what a command wrote, a sweep's points too."""
    for path in (study / "results").glob(f"{WRITES[command]}-*"):
        shutil.rmtree(path)


def seconds_to_right(command: str, right: Right, study: Path, forker: Forker, *more: str) -> float:
    """Run a command, and return how long it took to write the same as before."""
    forget(study, command)
    began = time.monotonic()
    code, _, errors = forker.run(command, study, *more)
    assert code == 0, errors
    assert left(study, command) == right.of(command)
    return time.monotonic() - began


def left(study: Path, command: str) -> dict[str, bytes]:
    """What a command's results hold now; what it began and did not finish is nowhere."""
    assert hidden(study / "results") == []
    return {
        name: text
        for name, text in files(study / "results").items()
        if name.startswith(f"{WRITES[command]}-")
    }


@pytest.mark.parametrize(
    ("command", "more"), [*((name, ()) for name in COMMANDS), ("sweep", WORKERS)]
)
def test_ctrl_c_is_prompt_and_clean(
    command: str, more: tuple[str, ...], right: Right, study: Path, forker: Forker
) -> None:
    rest = {name: text for name, text in right.files.items() if name not in right.of(command)}
    takes = seconds_to_right(command, right, study, forker, *more)
    stopped = 0
    # a short command may end before it is told to stop: then it is told earlier
    for share in (0.1, 0.5, 0.05, 0.02, 0.01):
        if stopped and share < 0.1:
            break
        forget(study, command)
        started = forker.start(command, study, *more)
        time.sleep(share * takes)
        os.killpg(started.pid, signal.SIGINT)  # as a terminal does: workers get it too
        code, _, errors = started.ended()
        assert started.leaves_nobody()
        assert "Traceback" not in errors
        assert code in {0, 130}, errors
        there = left(study, command)
        if code == 130:
            stopped += 1
            assert "Stopped" in errors
        else:
            assert there == right.of(command)
        if there and there != right.of(
            command
        ):  # the best plan found until then, under a name of its own
            (name,) = {name.split("/")[0] for name in there}
            assert command == "plan"
            assert json.loads(there[f"{name}/plan.json"])["run"] == name
            assert not name.startswith(next(iter(right.of(command))).split("/")[0])
        assert {
            name: text for name, text in files(study / "results").items() if name not in there
        } == rest
    assert stopped


def test_ctrl_c_ends_the_page(study: Path, forker: Forker) -> None:
    """Two at once in one study, each with an address of its own.

    While they are being prepared, and with workers waiting.
    """
    before = files(study / "results")
    started = [forker.start("app", study, "--port", "0") for _ in range(2)]
    addresses = set()
    for page in started:
        output = page.output.with_suffix(".out")
        until(lambda output=output: "token=" in output.read_text(), "an address")
        addresses.add(output.read_text())
    assert len(addresses) == 2
    for page, seconds, end in zip(started, (0.0, 4.0), (ctrl_c, terminated), strict=True):
        time.sleep(seconds)
        end(page)
        code, _, errors = page.ended()
        assert code == 0, errors
        assert "Traceback" not in errors
        assert page.leaves_nobody()
    assert files(study / "results") == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_cannot_grow_leaves_no_half_result(
    command: str, right: Right, study: Path, forker: Forker
) -> None:
    forget(study, command)
    before = files(study / "results")
    limit = max(map(len, right.of(command).values())) // 2
    code, _, errors = forker.run(command, study, largest_file=limit)
    assert code == 3, errors
    assert "cannot be written" in errors
    assert "free some space" in errors
    assert "Traceback" not in errors
    assert left(study, command) == {}
    assert files(study / "results") == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_and_one_that_may_not_be_written(
    command: str, right: Right, tmp_path: Path, forker: Forker
) -> None:
    mount = tmp_path / "disk"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(mount)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    try:
        study = Path(shutil.copytree(right.study, mount / "town"))
        forget(study, command)
        before = files(study / "results")
        with (mount / "filler").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"0" * 4096)
        full = forker.run(command, study)
        assert left(study, command) == {}
        subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)
        only_read = forker.run(command, study)
        assert files(study / "results") == before
        for (code, _, errors), said in ((full, "No space left"), (only_read, "Read-only")):
            assert code == 3, errors
            assert said in errors
            assert "cannot be written" in errors
            assert "free some space" in errors
            assert "Traceback" not in errors
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_two_at_once_in_one_study(command: str, right: Right, study: Path, forker: Forker) -> None:
    forget(study, command)
    together = [forker.start(command, study) for _ in range(2)]
    for started in together:
        code, _, errors = started.ended()
        assert code == 0, errors
    assert all(started.leaves_nobody() for started in together)
    assert left(study, command) == right.of(command)
    assert files(study / "results") == right.files


# ---- solvers and workers that fail ----


@pytest.fixture
def fake(study: Path, tmp_path: Path) -> dict[str, str]:
    """A study whose solver is a program that does what the file `does` says.

    The environment in which it is found.
    """
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(
        text + '[solver]\nname = "CBC"\ntime_limit_s = 2\n', encoding="utf-8"
    )
    script = (
        f"#!{sys.executable}\nimport os, sys, time, signal\n"
        "answer = sys.argv[sys.argv.index('-solution') + 1] if '-solution' in sys.argv else ''\n"
        f"exec(open({str(tmp_path / 'does')!r}).read())\n"
    )
    (tmp_path / "cbc").write_text(script, encoding="utf-8")
    (tmp_path / "cbc").chmod(0o755)
    (tmp_path / "tmp").mkdir()
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path / "tmp")}


DOES = {
    "hangs": "time.sleep(3600)",
    "crashes": "os.kill(os.getpid(), signal.SIGSEGV)",
    "answers with noise": "open(answer, 'wb').write(os.urandom(4000))",
}


@pytest.mark.parametrize(
    ("command", "does"),
    [*((command, "hangs") for command in SEARCHES), *(("sweep", does) for does in [*DOES][1:])],
)
def test_a_solver_that_fails_is_named_and_nothing_is_left(
    does: str, command: str, study: Path, tmp_path: Path, fake: dict[str, str], forker: Forker
) -> None:
    (tmp_path / "does").write_text(DOES[does], encoding="utf-8")
    before = files(study / "results")
    short = ("--time-limit", "2") if "--time-limit" in COMMANDS[command] else ()
    code, _, errors = forker.run(command, study, *short, env=fake, grace_s=0.5)
    assert code == 6, errors
    assert "CBC" in errors
    assert "Traceback" not in errors
    assert files(study / "results") == before
    assert hidden(study / "results") == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_solver_that_claims_too_much_is_recounted(
    study: Path, tmp_path: Path, fake: dict[str, str], forker: Forker
) -> None:
    """Nine of everything, at no cost: never what is reported."""
    (tmp_path / "does").write_text(
        "text = 'Optimal - objective value 0.0\\n'\n"
        "text += ''.join(f'{i} x{i:06d} 9 0\\n' for i in range(40))\n"
        "open(answer, 'w').write(text)\n",
        encoding="utf-8",
    )
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text + '[objective]\nbusy_units = "free"\n', encoding="utf-8")
    codes, plans = [], []
    for more in (("--solver", "HiGHS"), ()):
        forget(study, "plan")
        code, _, errors = forker.run("plan", study, *more, env=fake)
        assert code in {0, 6}, errors
        codes.append(code)
        plans += [
            json.loads(text)
            for name, text in left(study, "plan").items()
            if name.endswith("plan.json")
        ]
    assert codes[0] == 0
    assert len(plans) == codes.count(0)
    for plan in plans:
        assert sum(row["count"] for row in plan["deployment"]) <= 3
        assert plan["status"]["objective"] >= plans[0]["status"]["bound"] * (1 - 1e-6)


def ctrl_c(started: Started) -> None:
    """As a terminal does: workers get it too."""
    os.killpg(started.pid, signal.SIGINT)


def terminated(started: Started) -> None:
    """As a batch system does: the command alone is told."""
    os.kill(started.pid, signal.SIGTERM)


def hung_up(started: Started) -> None:
    """As a terminal does that is closed."""
    os.killpg(started.pid, signal.SIGHUP)


@pytest.mark.parametrize("end", [ctrl_c, terminated, hung_up])
def test_a_solver_that_hangs_in_a_worker_ends_with_it_when_the_command_is_ended(
    end: Callable[[Started], None],
    study: Path,
    tmp_path: Path,
    fake: dict[str, str],
    forker: Forker,
) -> None:
    (tmp_path / "does").write_text(
        f"open({str(tmp_path / 'here')!r}, 'w').close(); time.sleep(3600)", encoding="utf-8"
    )
    forget(study, "sweep")
    started = forker.start("sweep", study, *WORKERS, env=fake)
    until((tmp_path / "here").exists, "a solver that hangs")
    end(started)
    code, _, errors = started.ended()
    assert code == 130, errors
    assert "Traceback" not in errors
    assert started.leaves_nobody()
    assert left(study, "sweep") == {}


def test_a_worker_lost_in_a_sweep_costs_nothing(right: Right, study: Path, forker: Forker) -> None:
    takes = seconds_to_right("sweep", right, study, forker, *WORKERS)
    killed = 0
    for share in (0.3, 0.7):
        forget(study, "sweep")
        started = forker.start("sweep", study, *WORKERS)
        time.sleep(share * takes)
        for pid in started.workers()[:1]:
            os.kill(pid, signal.SIGKILL)
            killed += 1
        code, _, errors = started.ended()
        assert code == 0, errors
        assert started.leaves_nobody()
        assert left(study, "sweep") == right.of("sweep")
    assert killed


def test_points_cut_short_are_solved_again(right: Right, study: Path, forker: Forker) -> None:
    kept = sorted((study / "results" / "sweep-points").glob("*.json"))
    whole = {path: path.read_bytes() for path in kept}
    assert len(whole) == 3
    kept[0].write_bytes(whole[kept[0]][:200])
    kept[1].write_bytes(whole[kept[1]].replace(b"0.", b"1."))
    for path in (study / "results").glob("sweep-*/sweep.json"):
        shutil.rmtree(path.parent)
    code, _, errors = forker.run("sweep", study)
    assert code == 0, errors
    assert left(study, "sweep") == right.of("sweep")


IN_A_FINALIZER = """
import time
from coresponse import __main__
from coresponse.cli import main as cli

class Last:
    def __del__(self):
        raise KeyboardInterrupt

def main():
    last = Last()
    del last
    time.sleep(60)

cli.main = main
__main__.run()
"""


def test_a_ctrl_c_that_falls_into_a_finalizer_is_not_lost() -> None:
    """Python drops what is raised there."""
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FINALIZER],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 130
    assert done.stderr == "Stopped.\n"
