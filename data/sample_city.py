"""Where the bundled sample city is."""

from __future__ import annotations

from pathlib import Path


def sample_folder() -> Path:
    """Return the bundled sample study: real roads, SYNTHETIC calls.

    Read it, do not write into it.
    """
    return Path(__file__).resolve().parent / "sample"
