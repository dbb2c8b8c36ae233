"""A user who may write neither the installation nor a home folder, as services run."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
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

root = pytest.mark.skipif(
    getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can become another user"
)
posix = pytest.mark.skipif(os.name != "posix", reason="users are told apart on POSIX")


def as_nobody(
    words: list[str],
    *,
    home: Path,
    environment: dict[str, str] | None = None,
    cwd: str = "/",
) -> subprocess.CompletedProcess[str]:
    environment = environment or {
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
        cwd=cwd,
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
@root
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


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's, comments left out and lines that go on joined."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_is_no_roots_and_has_one_volume() -> None:
    found = instructions()
    last = max(i for i, (word, _) in enumerate(found) if word == "FROM")
    stage = dict(found[last:])  # of two alike the last holds
    assert all(
        re.fullmatch(r".*/python:3\.1\d-slim( AS build)?", r) for w, r in found if w == "FROM"
    )
    made = re.search(r"useradd --uid (\d+) .* (\w+) &&", stage["RUN"])
    assert made is not None
    assert int(made[1]) >= 1000
    assert stage["USER"] == made[2]
    assert [rest for word, rest in found if word == "VOLUME"] == ["/studies"]
    assert stage["WORKDIR"] == "/studies"
    words = [word for word, _ in found]
    assert words.index("USER") > max(i for i, word in enumerate(words) if word == "RUN")
    assert len(found) < 20


@posix
@pytest.mark.slow
@root
def test_the_containers_commands_without_a_builder(
    place: Path, python: str, make_study: Callable[[Path], Path]
) -> None:
    """They are run with their paths moved, offline: what they would fetch is there already."""
    moved = {
        "/opt/coresponse": str(place / "opt"),
        "/source": str(place / "source"),
        "/studies": str(place / "studies"),
    }

    def here(text: str) -> str:
        for old, new in moved.items():
            text = text.replace(old, new)
        return text

    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for name in (line[1:] for line in ignored if line.startswith("!")):
        source, copy = ROOT / name, place / "source" / name
        if source.is_dir():
            skip = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, copy, symlinks=True, ignore=skip)
        else:
            copy.parent.mkdir(exist_ok=True)
            shutil.copy2(source, copy)
    found = instructions()
    build = [
        rest for word, rest in found[: [w for w, _ in found].index("FROM", 1)] if word == "RUN"
    ]
    assert len(build) == 2
    offline = os.environ | {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    offline["PYTHONPATH"] = os.pathsep.join(site.getsitepackages())
    for line in build:
        command = re.sub(r"^python\b", python, here(line))
        done = subprocess.run(
            command, shell=True, check=False, capture_output=True, text=True, env=offline
        )
        assert done.returncode == 0, done.stderr
    stage = dict(found)
    environment = dict(pair.split("=", 1) for pair in here(stage["ENV"]).split())
    environment["PATH"] = environment["PATH"].replace("$PATH", os.environ["PATH"])
    environment["PYTHONPATH"] = offline["PYTHONPATH"]
    study = make_study(place / "studies" / "town")
    for path in (study.parent, study, *study.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    place.chmod(0o755)
    os.chown(place, 0, 0)  # what is not on the volume may not be written
    try:
        (entry,) = json.loads(stage["ENTRYPOINT"])
        for words in (json.loads(stage["CMD"]), ["--version"], ["plan", "town", "--quiet"]):
            done = as_nobody(
                [entry, *words], home=place, environment=environment, cwd=str(study.parent)
            )
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
    finally:
        os.chown(place, NOBODY, NOBODY)
    assert list(study.glob("results/plan-*/report.html"))
    assert list((study.parent / ".cache" / "kernels").rglob("*.nbi"))
