"""A user who may write neither the installation nor a home folder, as services run."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import pytest
from numba.core import caching

from coresponse.data import compiled as compiled_module
from coresponse.data.compiled import CACHE_VARIABLE, compiled, temporary_cache

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
SAID = "This user may write neither the installation nor a home folder"

posix = pytest.mark.skipif(os.name != "posix", reason="users are told apart on POSIX")


def as_nobody(words: list[str], *, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "TMPDIR": str(home),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *site.getsitepackages()]),
    }
    return subprocess.run(
        words,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=environment,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
    )


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder of nobody's: those of pytest are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="coresponse-nobody-"))
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def python(place: Path) -> str:
    """An interpreter of this version that nobody may run, with the packages of this one."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    why = ""
    for path in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            tried = as_nobody([path, "-c", "import numba, coresponse.cli"], home=place)
        except OSError as error:
            why = str(error)
            continue
        if tried.returncode == 0:
            return path
        why = tried.stderr[-200:]
    pytest.skip(f"no {version} with its packages that the user nobody may run ({why})")


@posix
@pytest.mark.slow
@pytest.mark.skipif(
    getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can become another user"
)
def test_a_service_user_plans_with_workers_and_it_is_said_once(
    place: Path, python: str, make_study: Callable[[Path], Path]
) -> None:
    study = make_study(place / "town")
    for path in (study, *study.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    command = [python, "-m", "coresponse", "sweep", str(study), "--vary", "unit=1:3"]
    kept = place / f"coresponse-kernels-{NOBODY}"
    files = []
    for _ in range(2):
        done = as_nobody([*command, "--jobs", "2", "--quiet"], home=place)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(SAID) == 1
        assert str(kept) in done.stderr
        assert CACHE_VARIABLE in done.stderr
        assert "Traceback" not in done.stderr
        assert "matplotlib" not in done.stderr.lower()
        files.append({path: path.stat().st_mtime_ns for path in kept.rglob("*.nb?")})
        for folder in (study / "results").glob("sweep-*"):
            shutil.rmtree(folder)
    assert len(files[0]) > 10
    assert files[0] == files[1]  # the second run compiled nothing
    assert kept.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Numba finds no folder that may be written; returns that of temporary files."""
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [caching.UserProvidedCacheLocator])
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv(CACHE_VARIABLE, "")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    compiled_module._cached_elsewhere.cache_clear()
    yield tmp_path
    compiled_module._cached_elsewhere.cache_clear()


def double(x: float) -> float:
    return 2.0 * x


def test_kernels_are_kept_among_the_temporary_files(
    nowhere: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert [compiled(double)(21.0), compiled(double)(4.0)] == [42.0, 8.0]
    assert len(caplog.records) == 1
    assert SAID in caplog.text
    assert list(nowhere.glob("coresponse-kernels-*/*/*.nbi"))
    assert os.environ[CACHE_VARIABLE].startswith(str(nowhere))  # for worker processes


@posix
@pytest.mark.parametrize("kind", ["open to others", "a link", "a file", "none may be made"])
def test_a_folder_that_others_may_write_is_not_used(
    kind: str, nowhere: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = nowhere / f"coresponse-kernels-{os.geteuid()}"
    if kind == "open to others":
        folder.mkdir()
        folder.chmod(0o777)
    elif kind == "a link":
        (nowhere / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(nowhere / "elsewhere")
    elif kind == "a file":
        folder.write_text("")
    else:
        monkeypatch.setattr(tempfile, "tempdir", str(nowhere / "missing"))
    assert temporary_cache() is None
    with caplog.at_level(logging.WARNING):
        assert [compiled(double)(21.0), compiled(double)(4.0)] == [42.0, 8.0]
    assert len(caplog.records) == 1
    assert "No folder may be written" in caplog.text
    assert not list(nowhere.rglob("*.nbi"))


@posix
def test_a_folder_of_somebody_else_is_not_used(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = temporary_cache()
    assert made is not None
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    made.rename(nowhere / f"coresponse-kernels-{owner + 1}")
    assert temporary_cache() is None


def test_a_full_disk_ends_no_run_for_its_kernels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "save", full)

    @compiled
    def triple(x: float) -> float:
        return 3.0 * x

    assert triple(14.0) == 42.0
