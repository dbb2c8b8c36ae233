"""Every command that writes results: stopped, starved of disk, run twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import until
from tests.faults.commands import (
    COMMANDS,
    RUNS,
    Forker,
    Right,
    ctrl_c,
    files,
    forget,
    left,
    terminated,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals and mounts are tested on POSIX"),
]


@pytest.fixture
def study(right: Right, tmp_path: Path) -> Path:
    return Path(shutil.copytree(right.study, tmp_path / "town"))


@pytest.mark.parametrize(("command", "more"), RUNS)
def test_ctrl_c_is_prompt_and_clean(
    command: str, more: tuple[str, ...], right: Right, study: Path, forker: Forker
) -> None:
    rest = {name: text for name, text in right.files.items() if name not in right.of(command)}
    takes = right.seconds[" ".join((command, *more))]
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
        # the best plan found until then, under a name of its own
        if there and there != right.of(command):
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
        for (code, _, errors), said in ((full, "no space left"), (only_read, "read-only")):
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
