"""A built wheel carries every room and all its data, with and without symbolic links in the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("data", "coverage", "optimize", "maps")


def _checkout(target: Path, *, links: bool) -> Path:
    """Copy what git would check out, with the rooms' links or, as on Windows, with text files in their place."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        source, copy = ROOT / name, target / name
        if not source.exists():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink() and not links:
            copy.write_text(str(source.readlink()), encoding="utf-8")
        else:
            shutil.copy2(source, copy, follow_symlinks=False)
    return target


def _wheel_names(checkout: Path, out: Path) -> set[str]:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=checkout, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the git checkout to know its files")
def test_the_wheel_is_the_same_with_and_without_links(tmp_path: Path) -> None:
    with_links = _wheel_names(_checkout(tmp_path / "a", links=True), tmp_path / "wheel-a")
    without = _wheel_names(_checkout(tmp_path / "b", links=False), tmp_path / "wheel-b")
    assert with_links == without
    tracked = {
        f"coresponse/{path.relative_to(ROOT).as_posix()}"
        for room in ROOMS
        for path in (tmp_path / "a" / room).rglob("*")
        if path.is_file()
        for path in [ROOT / path.relative_to(tmp_path / "a")]
    }
    assert tracked <= with_links
    assert "coresponse/cli/main.py" in with_links
    assert not {name for name in with_links if "__pycache__" in name}
