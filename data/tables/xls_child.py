"""A process that reads an old Excel workbook: ``python xls_child.py BOOK OUT BYTES``.

The library is compiled code, and a few bytes of a hostile workbook make it ask for tens of
gigabytes, upon which it ends its process. It ends this one.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

# Seconds of processor time, and bytes of answer.
SECONDS, WRITTEN = 60, 1 << 30

# Sheets that are looked at for a table.
MOST_SHEETS = 50


def bound(memory: int) -> None:
    """Bound this process, where the system can."""
    try:
        import resource  # noqa: PLC0415 -- not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def as_text(cell: object) -> str:
    """Return a cell as the reader of .xlsx writes it."""
    if isinstance(cell, bool | str):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return f"{cell} 00:00:00"  # midnight, which the library leaves out
    return "" if cell is None else str(cell)


def main(book: str, out: str) -> None:
    """Write a line of JSON for each visible sheet, and one for each of its rows with content."""
    import python_calamine as calamine  # noqa: PLC0415 -- after the bounds

    with calamine.CalamineWorkbook.from_path(book) as opened, Path(out).open("w") as answer:
        sheets = [s for s in opened.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
        shown = [s for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible] or sheets
        for sheet in shown[:MOST_SHEETS]:
            answer.write(json.dumps({"sheet": sheet.name}) + "\n")
            rows = opened.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            for number, row in enumerate(rows, start=1):
                cells = [as_text(cell) for cell in row]
                if any(cells):
                    answer.write(json.dumps([number, cells]) + "\n")


if __name__ == "__main__":
    bound(int(sys.argv[3]))
    main(sys.argv[1], sys.argv[2])
