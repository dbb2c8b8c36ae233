"""LibreOffice as a second opinion on what a workbook's formulas come to."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import PATIENCE_S


def formulas(path: Path) -> Iterator[tuple[str, str, float]]:
    """Yield sheet, cell and the value that is stored, of every formula of a workbook."""
    stored = openpyxl.load_workbook(path, data_only=True)
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell.coordinate, stored[sheet.title][cell.coordinate].value


def worked_out(path: Path, folder: Path) -> dict[tuple[str, str], float]:
    """Return what LibreOffice makes of a workbook's formulas, their stored values taken out."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    bare, out = folder / "bare.xlsx", folder / "out"
    openpyxl.load_workbook(path).save(bare)  # keeps formulas, and no values
    command = [
        office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
        "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(bare),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)
    again = openpyxl.load_workbook(out / "bare.xlsx", data_only=True)
    return {(sheet, cell): again[sheet][cell].value for sheet, cell, _ in formulas(path)}
