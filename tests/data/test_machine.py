"""The memory of a machine, or of the container that it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from coresponse.data import machine
from coresponse.data.machine import available_memory, machine_memory

MEMINFO = """MemTotal:        8000 kB
MemFree:          100 kB
MemAvailable:    5000 kB
HugePages_Total:    0
SwapTotal:       1000 kB
SwapFree:         400 kB
"""


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "meminfo").write_text(MEMINFO, encoding="ascii")
    monkeypatch.setattr(machine, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    return tmp_path


def test_files_that_the_system_keeps_in_memory_are_free(system: Path) -> None:
    assert available_memory() == 5400 * 1024
    assert machine_memory() == 9000 * 1024
    (system / "meminfo").unlink()
    assert available_memory() is not None  # as POSIX says it


@pytest.mark.parametrize("names", [("memory.max", "memory.current", "memory.stat"), None])
def test_a_container_has_what_it_is_given(names: tuple[str, ...] | None, system: Path) -> None:
    if names is None:
        (system / "memory").mkdir()
        names = (
            "memory/memory.limit_in_bytes",
            "memory/memory.usage_in_bytes",
            "memory/memory.stat",
        )
    cache = "total_inactive_file 500000\n" if "/" in names[0] else "anon 5\ninactive_file 500000\n"
    for name, text in zip(names, ("3000000\n", "2000000\n", cache), strict=True):
        (system / name).write_text(text, encoding="ascii")
    assert machine_memory() == 3_000_000
    assert available_memory() == 1_500_000


def test_a_container_without_a_bound_is_the_machine(system: Path) -> None:
    for name, text in (("memory.max", "max\n"), ("memory.current", "1\n"), ("memory.stat", "")):
        (system / name).write_text(text, encoding="ascii")
    assert machine_memory() == 9000 * 1024
