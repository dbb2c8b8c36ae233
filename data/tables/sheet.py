"""How far the cells of a workbook reach, looked at before anything is laid out."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from coresponse.data.errors import InputError
from coresponse.data.unpack import open_zip

MAX_CELLS = 50_000_000
"""Rows times columns up to the last cell with content: a reader fills in all that lie between."""

_BLOCK = 1 << 20
_CONTENT = {"v", "is"}


def refuse_far_cells(plain: Path, path: Path) -> None:
    """Refuse a workbook in which a few cells far apart would be filled up to more than fits.

    Parameters
    ----------
    plain
        The workbook.
    path
        The file as people know it, for messages.

    Raises
    ------
    InputError
        If one of its sheets is such, or declares XML entities.
    """
    with open_zip(plain, path) as archive:
        for info in archive.infolist():
            if not (info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml")):
                continue
            reach = _Reach(path)
            parser = expat.ParserCreate(namespace_separator=" ")
            parser.StartElementHandler = reach.begin
            parser.StartDoctypeDeclHandler = reach.refuse
            with archive.open(info) as sheet:
                while block := sheet.read(_BLOCK):
                    try:
                        parser.Parse(block)
                    except expat.ExpatError as error:
                        raise InputError(
                            f"{path}: not a readable Excel workbook ({error})"
                        ) from error
                    if reach.rows * reach.columns > MAX_CELLS:
                        raise InputError(
                            f"{path}: its cells reach to row {reach.rows:,} and column "
                            f"{reach.columns:,}, "
                            f"{reach.rows * reach.columns:,} cells with those between; at most "
                            f"{MAX_CELLS:,} -- save it as CSV"
                        )


class _Reach:
    """Last row and column with content."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = self.columns = 0
        self.row = self.column = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(" ")[2]
        if kind == "row":
            given = attributes.get("r", "")
            self.row = int(given) if given.isdecimal() and len(given) < 10 else self.row + 1
            self.column = 0
        elif kind == "c":
            letters = attributes.get("r", "").rstrip("0123456789")
            self.column = _number(letters) if letters else self.column + 1
        elif kind in _CONTENT:
            self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)

    def refuse(self, *_: object) -> NoReturn:
        raise InputError(
            f"{self.path}: not a readable Excel workbook (declares XML entities; refused)"
        )


def _number(letters: str) -> int:
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + max(1, min(26, ord(letter) - 64))
    return number
