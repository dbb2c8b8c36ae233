"""Numba's compiler behind one typed decorator, so that kernels stay type-checked.

Numba imports a module named ``coverage`` if it finds one and takes it for coverage.py. With the
repository's root on the path and coverage.py not installed it would find our room of that name, and
coverage.py takes a moment to import: so both are hidden while numba is imported, unless coverage.py
is there and measures.

Compiled kernels are kept beside the source, or in the user's cache. A service user may write
neither: then they are kept in a folder of its own among the temporary files, or not at all.
"""

from __future__ import annotations

import importlib
import logging
import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

# Where numba is told to keep what it compiled; processes that are started here read it too.
CACHE_VARIABLE = "NUMBA_CACHE_DIR"

# How long a process waits for another that compiles what it needs, and how often it looks.
PATIENCE_S, _LOOK_S = 120.0, 0.02

# Locks of files; Windows has others.
_fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None

# Modules that this process has taken to compile; guarded by numba's own lock.
_taken: set[Path] = set()

_log = logging.getLogger(__name__)


def _import_numba() -> ModuleType:
    if "coverage" in sys.modules:  # it measures
        return importlib.import_module("numba")
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    modules["coverage"] = None  # importing it now raises ImportError, which numba expects
    try:
        return importlib.import_module("numba")
    finally:
        del modules["coverage"]


_numba = _import_numba()


def compiled(function: F) -> F:
    """Compile `function` to machine code on its first call.

    The result is kept on disk between runs where a folder may be written.
    """
    return cast("F", _kept(function))


def compiled_lean(function: F) -> F:
    """Compile a function that makes no arrays and hands on many.

    Nobody counts references to them meanwhile.

    Counting is one locked step in memory for each array, each time that one is handed on: half of
    the time of a loop whose functions take tuples of small arrays. The caller holds the arrays
    until the outermost such function is back.
    """
    return cast("F", _kept(function, _nrt=False))


def compiled_lean_part(function: F) -> F:
    """Compile as :func:`compiled_lean` a function that compiled ones alone call: Python cannot.

    The way in from Python is compiled with every function, once for each kind of arguments: of the
    replay's, with their dozens of arrays, that was a quarter of the time of a first start.
    """
    return cast("F", _without_way_in(_kept(function, _nrt=False, no_cpython_wrapper=True)))


def is_kept(kernel: Callable[..., Any]) -> bool:
    """Whether a kernel of this very source was compiled before and is kept; yes where none can be."""
    kept = getattr(cast("Any", kernel)._cache, "_cache_file", None)  # noqa: SLF001 - numba does not tell
    return kept is None or bool(kept._load_index())  # noqa: SLF001


def _without_way_in(kernel: Any) -> Any:
    """Refuse calls from Python in words: they would end the process."""

    def keep(found: Any) -> None:  # numba's own, but for the way in
        kernel.overloads[tuple(found.signature.args)] = found

    def refuse(*_: Any, **__: Any) -> None:
        name = kernel.py_func.__name__
        raise TypeError(f"{name} is a part of compiled functions: call {name}.py_func")

    kernel.add_overload, kernel._compile_for_args = keep, refuse  # noqa: SLF001
    return kernel


def _kept(function: Callable[..., Any], **options: Any) -> Any:
    # nor has C a way in: nobody calls them from there
    options |= {"nogil": True, "no_cfunc_wrapper": True}
    try:
        kernel = _numba.njit(cache=True, **options)(function)
    except RuntimeError:  # "no locator available": no folder that numba knows may be written
        kernel = _numba.njit(cache=_cached_elsewhere(), **options)(function)
    save = kernel._cache.save_overload  # noqa: SLF001 - numba has no setting for it

    def saved(*compiled_now: Any) -> None:
        # a disk that is full, or a folder taken away since, costs the next run some seconds: no
        # reason to end this one
        with suppress(OSError):
            save(*compiled_now)

    kernel._cache.save_overload = saved  # noqa: SLF001
    compile_now = kernel.compile

    def compile_in_turn(signature: Any) -> Any:
        with _numba.core.compiler_lock.global_compiler_lock, _turn(kernel):
            return compile_now(signature)

    kernel.compile = compile_in_turn
    return kernel


@contextmanager
def _turn(kernel: Any) -> Iterator[None]:
    """Have one process at a time compile a module's kernels: the others wait, and load what it kept.

    Modules are taken from the callers' down, in all processes: no two wait for each other.
    """
    folder = kernel._cache.cache_path  # noqa: SLF001 - numba has no other way to it
    name = Path(kernel.py_func.__code__.co_filename).stem
    lock = None if _fcntl is None or folder is None else Path(folder, f"{name}.lock")
    if lock is None or lock in _taken:
        yield
        return
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:  # nothing is kept there, so there is nothing to wait for
        yield
        return
    _taken.add(lock)
    try:
        until = time.monotonic() + PATIENCE_S
        while not _locked(held) and time.monotonic() < until:
            time.sleep(_LOOK_S)
        yield
    finally:
        _taken.remove(lock)
        with suppress(OSError):
            # a copy of this process made meanwhile has the file open, too
            _fcntl.flock(held, _fcntl.LOCK_UN)
        os.close(held)


def _locked(held: int) -> bool:
    try:
        _fcntl.flock(held, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


@cache
def _cached_elsewhere() -> bool:
    """Have kernels kept among the temporary files, and say so, once; False where that cannot be."""
    folder = temporary_cache()
    if folder is None:
        _log.warning(
            "No folder may be written to keep compiled code in: every process compiles its own, "
            "about ten seconds each. Set %s to a folder that this user may write.",
            CACHE_VARIABLE,
        )
        return False
    os.environ[CACHE_VARIABLE] = _numba.config.CACHE_DIR = str(folder)
    _log.warning(
        "This user may write neither the installation nor a home folder: compiled code is kept in "
        "%s. Set %s to a folder that lasts, and later runs start sooner.",
        folder,
        CACHE_VARIABLE,
    )
    return True


def temporary_cache() -> Path | None:
    """Return this user's own folder among the temporary files.

    None where there is none that nobody else may write: what is kept in it is run.
    """
    if not hasattr(os, "geteuid"):
        return None
    try:
        temporary = Path(tempfile.gettempdir())
        if temporary == Path.cwd() and not temporary.stat().st_mode & stat.S_ISVTX:
            return None  # Python's last resort, and maybe somebody's study
        folder = temporary / f"coresponse-kernels-{os.geteuid()}"
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
    except OSError:
        return None
    mine = found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o700
    return folder if mine and stat.S_ISDIR(found.st_mode) else None
