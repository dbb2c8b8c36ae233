"""Packed tables, unpacked under a bound into a temporary folder; names in an archive are never used as paths."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, cast

from coresponse.data.errors import InputError

MAX_BYTES = 4 << 30
"""A table may unpack to at most 4 GiB: ten times two million calls with all their columns."""

MAX_RATIO = 200
"""... and to at most 200 times its packed size: tables pack about 10 to 1, a bomb 1000 to 1."""

_BLOCK = 1 << 20
_SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
PACKED = (".zip", ".gz", ".bz2")
_DAMAGED = (
    zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError,
    UnicodeError,
)  # fmt: skip


@contextmanager
def unpacked(path: Path, kinds: tuple[str, ...]) -> Iterator[Path]:
    """Give a plain file: `path` itself, or the one table that is packed in it.

    Parameters
    ----------
    path
        A table, or a .zip, .gz or .bz2 with one.
    kinds
        Suffixes of tables that are read. The parts of a shapefile count as one table.

    Raises
    ------
    InputError
        If the archive is damaged, holds not exactly one table, or unpacks to more than the bound.
    """
    if path.suffix.lower() not in PACKED:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="coresponse-table-") as folder:
        try:
            plain = _unpack(path, kinds, Path(folder))
        except _DAMAGED as error:
            raise InputError(f"{path}: the archive is damaged or not what its name says ({error})") from error
        yield plain


def _unpack(path: Path, kinds: tuple[str, ...], folder: Path) -> Path:
    suffix = path.suffix.lower()
    left = _Left(path, folder)
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            member = _only_table(path, archive, kinds)
            plain = folder / ("table" + PurePosixPath(member.filename).suffix.lower())
            for part in _parts(archive, member):
                with archive.open(part) as stream:
                    left.copy(stream, folder / ("table" + PurePosixPath(part.filename).suffix.lower()))
            return plain
    inner = PurePosixPath(path.name[: -len(suffix)]).suffix.lower() or ".csv"
    with bz2.open(path, "rb") if suffix == ".bz2" else gzip.open(path, "rb") as stream:
        left.copy(cast("IO[bytes]", stream), folder / f"table{inner}")
    return folder / f"table{inner}"


def _only_table(path: Path, archive: zipfile.ZipFile, kinds: tuple[str, ...]) -> zipfile.ZipInfo:
    tables = [
        info
        for info in archive.infolist()
        if not info.is_dir()
        and not info.filename.startswith("__MACOSX")
        and PurePosixPath(info.filename).suffix.lower() in kinds
    ]
    if len(tables) > 1:  # words about the table, not a table
        tables = [info for info in tables if not info.filename.lower().endswith(".txt")]
    if len(tables) != 1:
        found = ", ".join(info.filename for info in archive.infolist()[:8]) or "nothing"
        raise InputError(f"{path}: expected one table in the archive ({', '.join(kinds)}), found: {found[:400]}")
    return tables[0]


def _parts(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> list[zipfile.ZipInfo]:
    name = PurePosixPath(member.filename)
    if name.suffix.lower() != ".shp":
        return [member]
    return [
        info
        for info in archive.infolist()
        if PurePosixPath(info.filename).with_suffix("") == name.with_suffix("")
        and PurePosixPath(info.filename).suffix.lower() in _SHAPE_PARTS
    ]


class _Left:
    """Bytes that may still be written."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        ratio = max(path.stat().st_size, _BLOCK) * MAX_RATIO
        self.bound = min(MAX_BYTES, ratio, shutil.disk_usage(folder).free)
        self.left = self.bound

    def copy(self, stream: IO[bytes], target: Path) -> None:
        with target.open("wb") as out:
            while block := stream.read(_BLOCK):
                self.left -= len(block)
                if self.left < 0:
                    raise InputError(
                        f"{self.path}: unpacks to more than {self.bound:,} bytes -- unpack it by hand if it is meant to"
                    )
                out.write(block)
