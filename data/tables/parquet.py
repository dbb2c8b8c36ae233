"""What a Parquet file holds once it is unpacked, looked at before it is read as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from coresponse.data.crs_text import refuse_leading_crs
from coresponse.data.errors import InputError
from coresponse.data.tables.bounds import refuse_wide

# That a file may claim; more does not fit a planner's machine.
MOST_VALUES = 2_000_000_000

# How many times its size a file may take in memory: ids, times and places of calls pack 2 to 8
# times, columns of one value any number of times.
RATIO = 100

# Bytes that any file may take.
SMALL = 128 << 20


def refuse_inflated(plain: Path, path: Path) -> None:
    """Refuse a file that takes far more memory than it has bytes, or whose text is no UTF-8.

    A value that stands in a million rows is written once, and read a million times. Text and shapes
    are read as numbers of what they are first, and counted.

    Parameters
    ----------
    plain
        The unpacked file.
    path
        The file as people know it, for messages.

    Raises
    ------
    InputError
        If it is so.
    pyarrow.ArrowInvalid, OSError
        If it is damaged.
    """
    # a file of Arrow's own: its threads may still hold a file of Python's as the program ends
    with pa.OSFile(str(plain), "rb") as file:
        _look_over(file, path, max(plain.stat().st_size * RATIO, SMALL))


def _look_over(file: pa.NativeFile, path: Path, bound: int) -> None:
    head = pa.parquet.ParquetFile(file)
    meta = head.metadata
    refuse_wide(max(meta.num_columns, len(head.schema_arrow)), path)
    _refuse_zones(head.schema_arrow, path)
    about = (head.schema_arrow.metadata or {}).get(b"geo", b"")
    refuse_leading_crs(_crs_text(about), str(path))
    values, packed = 0, 0
    for group in range(meta.num_row_groups):
        for column in range(meta.num_columns):
            chunk = meta.row_group(group).column(column)
            values += chunk.num_values
            packed += chunk.total_uncompressed_size
    if max(values, meta.num_rows * meta.num_columns) > MOST_VALUES:
        raise InputError(
            f"{path}: claims {meta.num_rows:,} rows of {meta.num_columns} columns -- split the file"
        )
    _refuse(max(8 * values, packed), bound, path)
    leaves = [meta.schema.column(i) for i in range(meta.num_columns)]
    texts = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
    by_number = pa.parquet.ParquetFile(file, read_dictionary=texts, pre_buffer=False)
    size = 0
    for group in range(meta.num_row_groups):
        for text in texts:
            part = by_number.read_row_group(group, columns=[text], use_threads=False)
            for column in part.itercolumns():
                column.validate(full=True)  # text that is no UTF-8 would be noticed much later
                size += sum(map(_size, column.chunks))
                _refuse(size, bound, path)


def _crs_text(about: bytes) -> str:
    """Return what GeoParquet says of the CRS of its columns."""
    columns = json.loads(about)["columns"].values() if about else ()
    told = [column.get("crs") for column in columns]
    return " ".join(one if isinstance(one, str) else json.dumps(one) for one in told)


def _refuse_zones(schema: pa.Schema, path: Path) -> None:
    for field in schema:
        zone = field.type.tz if pa.types.is_timestamp(field.type) else None
        try:
            pa.lib.string_to_tzinfo(zone or "UTC")
        except (pa.ArrowException, ValueError, KeyError) as error:
            raise InputError(
                f"{path}, column {field.name!r:.60}: its time zone {zone!r:.40} is not known -- "
                "save it with an IANA name such as America/New_York, or in UTC"
            ) from error


def _refuse(size: int, bound: int, path: Path) -> None:
    if size > bound:
        raise InputError(
            f"{path}: takes {size:,} bytes unpacked, at most {bound:,} -- keep the columns of "
            "calls, posts, districts or roads, and save it again"
        )


def _size(column: pa.Array) -> int:
    """Return the bytes of text and shapes in a column whose values are numbered."""
    return sum(_size_of(numbered) for numbered in _numbered(column))


def _size_of(numbered: pa.DictionaryArray) -> int:
    used = np.asarray(numbered.indices.drop_null(), dtype=np.int64)
    length = np.asarray(pc.binary_length(numbered.dictionary).fill_null(0), dtype=np.int64)
    return int(np.bincount(used, minlength=len(length)) @ length)


def _numbered(column: Any) -> Iterator[pa.DictionaryArray]:
    if pa.types.is_dictionary(column.type):
        yield column
    elif pa.types.is_struct(column.type):
        for part in column.flatten():
            yield from _numbered(part)
    elif pa.types.is_map(column.type):
        yield from _numbered(column.keys)
        yield from _numbered(column.items)
    elif pa.types.is_nested(column.type):
        yield from _numbered(column.flatten())
