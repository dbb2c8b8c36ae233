"""A command with all its worker processes.

Seconds, processor time and the memory that they hold together.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / (1 << 20)


@dataclass(frozen=True)
class Ran:
    """What a command took.

    Attributes
    ----------
    peak_mb
        Most memory that the process and its children held at one moment. What several of them share,
        such as a copy and the process that it is of, counts once.
    """

    code: int
    stdout: str
    stderr: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


def run(command: Sequence[str], *, env: Mapping[str, str], every_s: float = 0.2) -> Ran:
    """Run a command to its end and watch its process tree (Linux)."""
    before = os.times()
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(env)
    ) as process:
        peak = 0.0
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(every_s):
                peak = max(peak, _held_mb(_tree(process.pid)))

        watcher = threading.Thread(target=watch)
        watcher.start()
        stdout, stderr = process.communicate()
        done.set()
        watcher.join()
    after = os.times()
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return Ran(process.returncode, stdout, stderr, time.perf_counter() - started, cpu, peak)


def _tree(root: int) -> set[int]:
    parent = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            parent[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {root}
    grown = True
    while grown:
        more = {pid for pid, of in parent.items() if of in found} - found
        found |= more
        grown = bool(more)
    return found


def _held_mb(pids: set[int]) -> float:
    if len(pids) == 1:  # to look through all pages of a large process takes a while
        return sum(map(_resident_mb, pids))
    return sum(map(_own_part_mb, pids))


def _own_part_mb(pid: int) -> float:
    """Return what is its own, and its part of what it shares."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def _resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB
    except (OSError, IndexError):
        return 0.0
