"""The frames of an OpenStreetMap PBF file: what its blocks unpack to, before they are unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coresponse.data.errors import InputError, unreadable

# How many times its size a file may unpack to: real ones 2 to 4 times.
RATIO = 20

# Bytes to which any file may unpack: a small one may be of a grid, which packs well.
SMALL = 8 << 20

# Bytes of the head of a block, by the format's own rule.
MOST_HEAD = 64 << 10

# Bytes of a head's length; numbers of the fields ``datasize`` and ``raw_size`` (fileformat.proto).
_HEAD_SIZE, _BLOB_SIZE, _RAW_SIZE = 4, 3, 2

# Kinds of fields on the wire (Protocol Buffers).
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


def refuse_inflated(path: Path, name: str) -> None:
    """Refuse a PBF file whose blocks say that they unpack to far more than the file has.

    Two bytes may make a node: a reader with several threads unpacks ten blocks of 32 MB at once.

    Raises
    ------
    InputError
        If it is so, or its frames are damaged.
    """
    size = path.stat().st_size
    bound = max(size * RATIO, SMALL)
    try:
        total = sum(_raw_sizes(path, size))
    except (IndexError, ValueError) as error:
        raise unreadable(name, "OpenStreetMap file", error) from error
    if total > bound:
        raise InputError(
            f"{name}: unpacks to {total:,} bytes, at most {bound:,} -- export it again"
        )


def _raw_sizes(path: Path, size: int) -> Iterator[int]:
    with path.open("rb") as file:
        at = 0
        while at < size:
            length = int.from_bytes(file.read(_HEAD_SIZE), "big")
            if length > MOST_HEAD:
                raise ValueError("a block's head is too long")
            blob = _fields(file.read(length)).get(_BLOB_SIZE, 0)
            at = file.tell()
            inside = _fields(file.read(min(blob, MOST_HEAD)))
            yield inside.get(_RAW_SIZE, blob)
            at += blob
            file.seek(at)


def _fields(message: bytes) -> dict[int, int]:
    """Return the whole numbers of a message by field; of what is cut, those before it."""
    out: dict[int, int] = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        field, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            out[field], at = _varint(message, at)
        elif kind == _BYTES:
            length, at = _varint(message, at)
            at += length
        elif kind in {_FIXED_64, _FIXED_32}:
            at += 8 if kind == _FIXED_64 else 4
        else:
            raise ValueError("a block is damaged")
    return out


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a block is damaged")
