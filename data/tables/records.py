"""JSON as open-data portals answer with it: a list of records, one object a row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coresponse.data.errors import InputError, unreadable
from coresponse.data.tables.bounds import MAX_ROW_CELLS, refuse_wide
from coresponse.data.tables.table import Table, no_bad_rows

# Of a file: read as a whole it takes several times as much memory.
MAX_BYTES = 300_000_000

_BOM = b"\xef\xbb\xbf"


def is_records(plain: Path) -> bool:
    """Whether a JSON file begins as a list; map layers begin as an object."""
    with plain.open("rb") as file:
        return file.read(1 << 12).removeprefix(_BOM).lstrip().startswith(b"[")


def read_records(plain: Path, path: Path) -> Table:
    """Read a list of records.

    A record's nested place is written as text: ``{"latitude": ..., "longitude": ...}`` as
    ``(latitude, longitude)``, a GeoJSON point as ``POINT (longitude latitude)``; other nested
    values as JSON.

    Parameters
    ----------
    plain
        The unpacked file.
    path
        The file as people know it, for messages.

    Raises
    ------
    InputError
        If it is too large, no JSON, or no list of objects.
    """
    size = plain.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"{path}: {size:,} bytes of JSON, at most {MAX_BYTES:,} -- export it as CSV"
        )
    try:
        found = json.loads(plain.read_bytes().removeprefix(_BOM), parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise unreadable(path, "JSON file", error) from error
    rows = [record for record in found if isinstance(record, dict)]
    if not rows or len(rows) < len(found):
        raise InputError(
            f"{path}: a list of records is expected, one object a row; {len(found) - len(rows):,} "
            f"of {len(found):,} are not objects -- export it as CSV"
        )
    names = list(dict.fromkeys(name for record in rows for name in record))
    refuse_wide(len(names), path)
    if len(names) * len(rows) > MAX_ROW_CELLS:
        raise InputError(
            f"{path}: {len(rows):,} records of {len(names):,} different names -- export it as CSV"
        )
    columns = {name: [_cell(record.get(name)) for record in rows] for name in names}
    frame = pd.DataFrame(columns, dtype=str)
    return Table(frame, np.arange(1, len(rows) + 1, dtype=np.int64), no_bad_rows())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # half a surrogate pair is no text
    if isinstance(value, dict):
        place = _place(value)
        return place or json.dumps(value)
    return json.dumps(value)


def _place(value: dict[str, Any]) -> str:
    if {"latitude", "longitude"} <= value.keys():
        return f"({value['latitude']}, {value['longitude']})"
    at = value.get("coordinates")
    if value.get("type") == "Point" and isinstance(at, list) and len(at) >= 2:
        return f"POINT ({at[0]} {at[1]})"
    return ""
