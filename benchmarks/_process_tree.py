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
        Most resident memory of the process and its children at one moment, each counted whole.
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
                peak = max(peak, sum(_resident_mb(pid) for pid in _tree(process.pid)))

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


def _resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB
    except (OSError, IndexError):
        return 0.0
