"""Folders that appear whole or not at all, whatever happens meanwhile.

A crash, a full disk, another run beside this one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from coresponse.study.interrupts import HeldInterrupts

if sys.platform != "win32":
    import fcntl

# of Linux's renameat2: paths from where we are (fcntl.h), and two names swapped at once (linux/fs.h)
_AT_FDCWD = -100
_EXCHANGE = 2
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.EACCES}
_OLD = "old"


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Build a folder beside `target` and put it in place, replacing an older one, when the block ends well.

    Until then `target` is as it was. What a killed run left half built is cleared away by the next
    one, never what another run is building at the same time: a run holds a lock on its folder for
    as long as it lives.

    Yields
    ------
    Path
        An empty folder to fill.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    held = HeldInterrupts()  # only what the caller does may be interrupted
    held.hold()
    try:
        clear_leftovers(target)
        building, lock = _new_folder(target)
        try:
            building.chmod(0o755)
            held.let_through()
            yield building
            held.hold()
            for path in building.rglob("*"):
                if path.is_file():
                    _flush(path)
            _put(building, target)
            _flush(target.parent)
        finally:
            try:
                held.hold()
            finally:
                shutil.rmtree(building, ignore_errors=True)  # after an exchange the older one
                if lock is not None:
                    os.close(lock)
    finally:
        held.let_through()


def clear_leftovers(target: Path) -> None:
    """Remove what killed runs left beside `target`.

    If one was killed while it stepped the older folder aside, put that back.
    """
    for path in sorted(target.parent.glob(f".{target.name}-*")):
        if path.is_symlink() or not path.is_dir():
            continue
        lock = _hold(path)
        if lock is None:  # another run is building it
            continue
        try:
            if (
                (path / _OLD).is_dir()
                and path.name.startswith(f".{target.name}-{_OLD}-")
                and not target.exists()
            ):
                (path / _OLD).rename(target)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(lock)


def _new_folder(target: Path) -> tuple[Path, int | None]:
    """Make a folder and lock it; another run may take one for a leftover before it is locked."""
    for last in (False, False, True):
        building = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        lock = _hold(building)
        if building.is_dir() and (lock is not None or last):
            return building, lock
        shutil.rmtree(building, ignore_errors=True)
    raise FileNotFoundError(f"{target.parent}: a folder made there vanished at once")


def _put(building: Path, target: Path) -> None:
    while True:
        if not target.exists():
            try:
                building.rename(target)
            except OSError as error:  # another run was faster
                if error.errno not in _TAKEN or not target.exists():
                    raise
            else:
                return
        if _exchange(building, target):
            return
        # not one step where the system cannot exchange: clear_leftovers() puts the older folder
        # back if we are killed between
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-{_OLD}-", dir=target.parent))
        with suppress(FileNotFoundError):  # another run took it away
            target.rename(aside / _OLD)
        with suppress(OSError):
            building.rename(target)
            shutil.rmtree(aside, ignore_errors=True)
            return
        shutil.rmtree(aside, ignore_errors=True)


def _exchange(building: Path, target: Path) -> bool:
    """Exchange two folders in one step (Linux); whether that was possible."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    return bool(
        rename(_AT_FDCWD, os.fsencode(building), _AT_FDCWD, os.fsencode(target), _EXCHANGE) == 0
    )


def _hold(folder: Path) -> int | None:
    """Lock a folder for as long as this process lives.

    None where another holds it, or the system has no such locks.
    """
    if sys.platform == "win32":
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _flush(path: Path) -> None:
    if sys.platform == "win32":  # which flushes only what is open for writing
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
