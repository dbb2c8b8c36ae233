"""What was freed goes back to the system, where the system can take it."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

from coresponse.data import spare_memory


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="this C library gives nothing back",
)
def test_freed_memory_is_given_back() -> None:
    # below the size that is given back at once; what is kept above it holds it on the heap
    pieces = [bytearray(100_000) for _ in range(2_000)]
    kept = [bytearray(100_000) for _ in range(10)]
    held = _resident_mb()
    del pieces
    spare_memory.give_back()
    assert _resident_mb() < held - 100
    assert len(kept) == 10


def test_nothing_happens_where_nothing_can_be_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pyarrow", raising=False)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    spare_memory.give_back()
