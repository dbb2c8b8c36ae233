"""What memory this machine has, and what of it is free."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_MEMINFO = Path("/proc/meminfo")


def available_memory() -> float | None:
    """Return the bytes of memory that work may still take on this machine.

    None where the system does not say.
    """
    told = _meminfo()
    if told is None:
        return _pages("SC_AVPHYS_PAGES")
    free = told.get("MemAvailable", told.get("MemFree", 0.0)) + told.get("SwapFree", 0.0)
    most, used = _container()
    return free if most is None else max(0.0, min(free, most - used))


def machine_memory() -> float | None:
    """Return the bytes of memory, with swap, that the machine or its container has.

    None where the system does not say.
    """
    told = _meminfo()
    if told is None:
        return _pages("SC_PHYS_PAGES")
    whole = told.get("MemTotal", 0.0) + told.get("SwapTotal", 0.0)
    most, _ = _container()
    return whole if most is None else min(whole, most)


def _pages(name: str) -> float | None:
    try:
        return float(os.sysconf(name)) * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None


def _meminfo() -> dict[str, float] | None:
    """Return what Linux says of its memory, in bytes."""
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        return {
            key: float(rest.split()[0]) * 1024
            for key, _, rest in (line.partition(":") for line in lines)
        }
    except (OSError, ValueError, IndexError):
        return None


def _container() -> tuple[float | None, float]:
    """Return what a container may have and has taken, its cache of files left out.

    None if it is not bounded.
    """
    for most, used, cache in (
        ("memory.max", "memory.current", "memory.stat"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
    ):
        try:
            bound = float((_CGROUP / most).read_text(encoding="ascii"))
            taken = float((_CGROUP / used).read_text(encoding="ascii"))
            lines = (_CGROUP / cache).read_text(encoding="ascii").splitlines()
        except (OSError, ValueError):  # version 2 says "max" where there is no bound
            continue
        kept = sum(
            float(line.split()[1])
            for line in lines
            if line.startswith(("inactive_file ", "total_inactive_file "))
        )
        return bound, max(0.0, taken - kept)
    return None, 0.0
