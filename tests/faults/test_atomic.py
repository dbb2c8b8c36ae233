"""Folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from coresponse.study import atomic, interrupts
from coresponse.study.atomic import clear_leftovers, whole_folder

posix = pytest.mark.skipif(os.name != "posix", reason="folders are locked on POSIX")


def fill(folder: Path, text: str, *, count: int = 3) -> None:
    for i in range(count):
        (folder / f"{i}.txt").write_text(text, encoding="utf-8")


def content(folder: Path) -> set[str]:
    return {path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture(params=["exchange", "two steps"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "two steps":
        monkeypatch.setattr(atomic, "_exchange", lambda *_: False)


@pytest.mark.usefixtures("either_way")
def test_a_new_folder_replaces_an_older_one(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with whole_folder(tmp_path / "run") as folder:
            fill(folder, text)
            assert folder != tmp_path / "run"
        assert content(tmp_path / "run") == {text}
        assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.usefixtures("either_way")
def test_a_failure_leaves_the_older_one_and_nothing_else(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "run") as folder:
        fill(folder, "first")

    def fail() -> None:
        with whole_folder(tmp_path / "run") as folder:
            fill(folder, "second", count=1)
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fail()
    assert content(tmp_path / "run") == {"first"}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.usefixtures("either_way")
def test_many_at_once_leave_one_whole(tmp_path: Path) -> None:
    wrong: list[BaseException] = []

    def build(text: str) -> None:
        try:
            for _ in range(8):
                with whole_folder(tmp_path / "run") as folder:
                    fill(folder, text, count=20)
        except BaseException as error:  # noqa: BLE001 -- told below
            wrong.append(error)

    threads = [threading.Thread(target=build, args=(text,)) for text in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(list((tmp_path / "run").iterdir())) == 20
    assert len(content(tmp_path / "run")) == 1, "parts of two runs in one folder"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@posix
def test_what_a_killed_run_left_is_cleared_away_and_what_a_living_one_builds_is_not(
    tmp_path: Path,
) -> None:
    code = (
        "import sys, pathlib, time\nfrom coresponse.study.atomic import whole_folder\n"
        "with whole_folder(pathlib.Path(sys.argv[1])) as folder:\n"
        "    (folder / 'half').write_text('x')\n    print('ready', flush=True)\n    "
        "time.sleep(3600)\n"
    )
    build = [sys.executable, "-c", code, str(tmp_path / "run")]
    process = subprocess.Popen(build, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    clear_leftovers(tmp_path / "run")
    (half,) = tmp_path.iterdir()
    assert (half / "half").is_file()
    process.kill()
    process.communicate()
    with whole_folder(tmp_path / "run") as folder:
        fill(folder, "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert content(tmp_path / "run") == {"whole"}


@posix
def test_a_folder_that_was_stepped_aside_is_put_back(tmp_path: Path) -> None:
    """As after a kill between the two steps, on a system that cannot exchange folders in one."""
    aside = tmp_path / ".run-old-abc"
    (aside / "old").mkdir(parents=True)
    fill(aside / "old", "first")
    clear_leftovers(tmp_path / "run")
    assert content(tmp_path / "run") == {"first"}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_folders_of_other_runs_and_links_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".other-abc").mkdir()
    (tmp_path / ".run-link").symlink_to(tmp_path / "elsewhere")
    clear_leftovers(tmp_path / "run")
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", ".other-abc", ".run-link"}


class InterruptedAt:
    """Ctrl-C at a given step of what makes, fills, places and clears a folder."""

    FILES = (
        __file__,
        *(module.__file__ for module in (atomic, interrupts, tempfile, shutil, contextlib)),
    )

    def __init__(self, step: int) -> None:
        self.left = step

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        del argument
        if frame.f_code.co_filename not in self.FILES:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                signal.raise_signal(signal.SIGINT)
        return self


def place(target: Path, text: str) -> None:
    with whole_folder(target) as folder:
        fill(folder, text)


@posix
@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("older", [False, True])
def test_ctrl_c_at_any_step_leaves_one_whole_folder_or_none(tmp_path: Path, older: bool) -> None:
    place(tmp_path / "first" / "run", "first")  # tempfile sets itself up, under a lock
    steps = replaced = 0
    handler, tracing = signal.getsignal(signal.SIGINT), sys.gettrace()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        while True:
            steps += 1
            study = tmp_path / str(steps)
            if older:
                place(study / "run", "older")
            interrupted = False
            at = InterruptedAt(steps)
            sys.settrace(at)
            try:
                place(study / "run", "newer")
            except KeyboardInterrupt:
                interrupted = True
            finally:
                sys.settrace(tracing)
            if at.left > 0:
                break
            if {path.name for path in study.glob("*")} - {"run"}:
                gc.collect()  # as the command does: blocks that were left open end
            assert interrupted, f"step {steps}: the interrupt is lost"
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
            there = {path.name for path in study.iterdir()} if study.exists() else set()
            assert there <= {"run"}, f"step {steps}: {there}"
            if there:
                assert content(study / "run") in ({"older"}, {"newer"})
                replaced += content(study / "run") == {"newer"}
            assert not older or there
    finally:
        signal.signal(signal.SIGINT, handler)
    assert steps > 100
    assert 0 < replaced < steps - 1
