"""What is settled before any large package is loaded: how many threads, and whether they fit at all.

Standard library only: where memory is short, numpy and numba end in tracebacks, in a crash, or wait
for ever for a thread that cannot be had.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from coresponse.data.rings import look_seldom

GB = 1e9

# Resident, measured: ``check`` of the sample city takes 0.75 GB, half of it the packages.
LEAST_MEMORY = 0.85 * GB

# Of ``ulimit -v``, measured: ``check`` of the sample city takes 2.6 GB where it is free to, most
# of it mapped and never touched, ends well with 2.56 GB, and in several ways below 2.46 GB.
LEAST_ADDRESSES = 2.8 * GB

FEW_THREADS = "2"

_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
_BOUND = Path("/sys/fs/cgroup/memory.max")


def settle() -> None:
    """Say how many threads the packages may start; what the user has said stands.

    Linear algebra here is small: its threads bring nothing but their memory, one set for each
    worker process. Arrow reads tables with threads, a few where addresses are counted.
    """
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    if _addresses() is not None:
        os.environ.setdefault("OMP_NUM_THREADS", FEW_THREADS)  # Arrow reads this one
    look_seldom()
    # a service user has no home folder for its cache: no news for a planner
    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def too_little() -> str:
    """Return what the machine lacks to start at all, in words; empty if nothing."""
    addresses, memory = _addresses(), _memory()
    if addresses is not None and addresses < LEAST_ADDRESSES:
        return (
            f"coresponse needs {LEAST_ADDRESSES / GB:.1f} GB of address space to start, and "
            f"{addresses / GB:.1f} GB are allowed here -- raise the limit (ulimit -v unlimited; "
            "LimitAS= of a service)"
        )
    if memory is not None and memory < LEAST_MEMORY:
        return (
            f"coresponse needs {LEAST_MEMORY / GB:.2f} GB of memory to start, and this machine or "
            f"container has {memory / GB:.2f} GB -- use a larger one"
        )
    return ""


def _addresses() -> float | None:
    """Return the bytes that this process may map; None where that is not bounded."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else float(soft)


def _memory() -> float | None:
    """Return the bytes that the machine or its container has; None where nobody says."""
    try:
        whole = float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None
    try:
        return min(whole, float(_BOUND.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no container, or one without a bound: "max"
        return whole
