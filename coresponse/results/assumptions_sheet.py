"""What sheets of all workbooks have in common: their first rows, and the program's figures with their sources."""

from __future__ import annotations

import pandas as pd

from coresponse.data.programs.load import assumptions
from coresponse.data.tables.workbook import OutSheet
from coresponse.data.words import at_start
from coresponse.publish.disclosure import MARK, Disclosure
from coresponse.publish.facts import Facts


def titled(
    facts: Facts,
    disclosure: Disclosure,
    title: str,
    *widths: float,
    formats: dict[int, str] | None = None,
) -> OutSheet:
    """Return a sheet that begins with the study's name, its notice and, if it is internal, the mark."""
    sheet = OutSheet(title, widths, formats or {})
    sheet.add(f"{facts.name}: {title.lower()}", bold=True)
    for text in (facts.notice, MARK if disclosure.internal else ""):
        if text:
            sheet.add(text, bold=True)
    sheet.add()
    return sheet


def assumptions_sheet(facts: Facts, disclosure: Disclosure) -> OutSheet:
    """Return every figure of the program with its evidence."""
    sheet = titled(facts, disclosure, "Assumptions", 52, 12, 12, 12, 12, 80, 8, 60)
    frame = assumptions(facts.program)
    sheet.add(*(at_start(str(name)) for name in frame.columns), bold=True)
    for row in frame.itertuples(index=False):
        sheet.add(*(None if pd.isna(cell) else cell for cell in row))
    return sheet
