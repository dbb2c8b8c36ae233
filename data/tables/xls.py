"""Old Excel workbooks (.xls), by python-calamine in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from coresponse.data.errors import InputError, OptionalPackageError, unreadable
from coresponse.data.private import private_folder
from coresponse.data.tables.bounds import MAX_ROW_CELLS
from coresponse.data.tables.sheet import Sheet

# Of a file: a full sheet with text in each cell is smaller.
MAX_BYTES = 200_000_000

# Bytes of the other process: 65,536 rows of 60 columns take a quarter.
MEMORY = 2 << 30

# For the other process; its processor time is bounded more tightly.
WAIT_S = 300

# How such a workbook begins (MS-CFB 2.2). Exports named .xls are often text or .xlsx.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_CURE = "save it as .xlsx or CSV"


def read_xls(plain: Path, path: Path) -> list[Sheet]:
    """Read the visible sheets of an old workbook that have content.

    Parameters
    ----------
    plain
        The unpacked file.
    path
        The file as people know it, for messages.

    Raises
    ------
    OptionalPackageError
        If the package that reads it is not installed.
    InputError
        If it is damaged, protected by a password, or larger than the bounds.
    """
    if find_spec("python_calamine") is None:
        raise OptionalPackageError(
            f"{path}: old Excel workbooks (.xls) need one more package: pip install "
            f"'coresponse[xls]' -- or {_CURE}"
        )
    if plain.stat().st_size > MAX_BYTES:
        raise InputError(f"{path}: more than {MAX_BYTES:,} bytes -- {_CURE}")
    with private_folder() as folder:
        answer = folder / "rows.jsonl"
        child = Path(__file__).with_name("xls_child.py")
        # -P: the modules beside it are no packages that it may find
        command = [sys.executable, "-P", str(child), str(plain.resolve()), str(answer), str(MEMORY)]
        try:
            done = subprocess.run(  # noqa: S603 -- our own file, on a path of ours
                command, capture_output=True, timeout=WAIT_S, check=False, cwd=folder
            )
        except subprocess.TimeoutExpired as error:
            raise unreadable(path, "Excel workbook", error, _CURE) from None
        if done.returncode:
            locked = b"assword" in done.stderr or b"ncrypt" in done.stderr
            cure = f"{_CURE}, without a password" if locked else _CURE
            raise unreadable(path, "Excel workbook", InputError("it ended"), cure)
        sheets = _sheets(answer, path)
    if not sheets:
        raise InputError(f"{path}: its sheets are empty")
    return sheets


def _sheets(answer: Path, path: Path) -> list[Sheet]:
    found: list[Sheet] = []
    filled = 0
    with answer.open(encoding="utf-8") as lines:
        for line in lines:
            said = json.loads(line)
            if isinstance(said, dict):
                found.append(Sheet([], [], str(said["sheet"])))
                continue
            number, cells = said
            filled += len(cells)
            if filled > MAX_ROW_CELLS:
                raise InputError(f"{path}: more than {MAX_ROW_CELLS:,} cells -- {_CURE}")
            found[-1].rows.append(number)
            found[-1].cells.append(cells)
    return [sheet for sheet in found if sheet.rows]
