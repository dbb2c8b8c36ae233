"""What is said of files of a run that are not those that its inputs give."""

from __future__ import annotations

from pathlib import Path

import pytest

from coresponse.results import run_files
from coresponse.results.run_files import Versions, compare_files

FOUND = b"post,crews\nS1,2\nS2,3\n"


def told(run: bytes, folder: Path, name: str = "deployment.csv") -> str:
    for inner, content in (("run", run), ("again", FOUND)):
        (folder / inner).mkdir()
        (folder / inner / name).write_bytes(content)
    (fault,) = compare_files(folder / "run", folder / "again", Versions({}), [])
    assert fault.where == f"run/{name}"
    return fault.what


@pytest.mark.parametrize(
    ("run", "how"),
    [
        (b"", "it is empty"),
        (FOUND[:-4], "it is cut short, 17 of 21 bytes"),
        (FOUND + b"S3,1\n", "it goes on after its end, 26 in place of 21 bytes"),
        (FOUND * 1000, "it goes on after its end, 21,000 in place of 21 bytes"),
        (FOUND.replace(b"\n", b"\r\n"), "its lines end as in Windows"),
        (FOUND.replace(b"2\n", b"4\n"), "it differs from line 2 on"),
        (b"\xef\xbb\xbf" + FOUND, "it differs from line 1 on"),
        (FOUND.decode().encode("utf-16"), "it differs from line 1 on"),
    ],
)
def test_how_a_file_differs_is_said(run: bytes, how: str, tmp_path: Path) -> None:
    assert told(run, tmp_path) == f"is not the file that these inputs give: {how}"


def test_of_other_files_than_tables_the_byte_is_said(tmp_path: Path) -> None:
    what = told(FOUND.replace(b"S2", b"S7"), tmp_path, "plan.xlsx")
    assert what == "is not the file that these inputs give: it differs from byte 18 on"


def test_a_file_that_may_not_be_read_is_named_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Path, there: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(there))

    monkeypatch.setattr(run_files, "same_bytes", refused)
    assert told(FOUND, tmp_path) == "cannot be read (permission denied)"


@pytest.mark.parametrize("link", [True, False])
def test_a_folder_that_is_a_link_or_missing_is_told_once(link: bool, tmp_path: Path) -> None:
    for folder in ("run", "again"):
        for name in ("one.csv", "two.csv"):
            (tmp_path / folder / "internal").mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / "internal" / name).write_bytes(FOUND)
    inside = (tmp_path / "run" / "internal").rename(tmp_path / "elsewhere")
    if link:
        (tmp_path / "run" / "internal").symlink_to(inside)
    (fault,) = compare_files(tmp_path / "run", tmp_path / "again", Versions({}), [])
    assert fault.where == "internal"
    missing = "is missing from the run, with its 2 files"
    assert fault.what == ("is a link, not a folder" if link else missing)
