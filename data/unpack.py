"""Packed inputs, unpacked under a bound into a temporary folder.

Names in an archive are never used as paths.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from coresponse.data.errors import InputError, unreadable
from coresponse.data.names import refuse_odd_name
from coresponse.data.private import private_copy, private_folder, refuse_unsaved
from coresponse.data.shapefile import SHAPE_PARTS

# An input may unpack to at most 8 GiB.
#
# A country's roads as OSM XML are larger, a city's are not.
MAX_BYTES = 8 << 30

# ...
#
# and to at most 40 times its packed size: tables and XML pack 5 to 30 to 1, a bomb 1000 to 1.
MAX_RATIO = 40

# ...
#
# or to these bytes: a small one may hold the same cell in every row.
SMALL = 24 << 20

# ...
#
# and its list of contents may take 4 MiB, some 50,000 names: each of them takes several times as much
# memory and time.
MAX_DIRECTORY = 4 << 20

_BLOCK = 1 << 20
_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
# end record, the longest comment, and locator and record of archives with more than 65,535 names
_LONGEST_END = 22 + (1 << 16) + 20 + 56
# What GDAL reads.
_MAP_KINDS = (".gpkg", ".sqlite", ".shp", ".geojson", ".json")

# In an archive of which one is to be chosen; each is read.
MOST_INPUTS = 20

PACKED = (".zip", ".gz", ".bz2", ".kmz")
# NotImplementedError: what zipfile says of a way of packing that it does not know
_DAMAGED = (
    zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError,
    UnicodeError, IndexError,
)  # fmt: skip


def most_unpacked(size: int) -> int:
    """Return the bytes to which an input of `size` bytes may unpack."""
    return min(MAX_BYTES, max(size * MAX_RATIO, SMALL))


@contextmanager
def open_zip(plain: Path, path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive whose list of contents is not too long.

    Parameters
    ----------
    plain
        The archive.
    path
        The file as people know it, for messages.

    Raises
    ------
    InputError
        If the list is too long: an archive of hundreds of thousands of names holds no input.
    """
    size = _directory_size(plain)
    if size > MAX_DIRECTORY:
        raise InputError(
            f"{path}: its list of contents takes {size:,} bytes, at most {MAX_DIRECTORY:,} -- give "
            "an archive with the one file"
        )
    with zipfile.ZipFile(plain) as archive:
        yield archive


def _directory_size(plain: Path) -> int:
    """Return the bytes of an archive's list of contents, as its end says (APPNOTE 4.3.14 to 4.3.16); 0 if there is no end."""
    with plain.open("rb") as stream:
        stream.seek(-min(plain.stat().st_size, _LONGEST_END), 2)
        tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        return 0
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    large = at - 20 - 56
    if large >= 0 and tail[at - 20 : at - 16] == _LOCATOR_64 and tail[large : large + 4] == _END_64:
        size = int.from_bytes(tail[large + 40 : large + 48], "little")
    return size


@contextmanager
def unpacked(
    path: Path, kinds: tuple[str, ...], *, what: str = "table", usual: str = ".csv"
) -> Iterator[Path]:
    """Give a plain file: `path` itself, or the one input that is packed in it.

    Parameters and errors as for :func:`unpacked_each`; and an :class:`InputError` if an archive
    holds several.
    """
    with unpacked_each(path, kinds, what=what, usual=usual, most=1) as inputs:
        yield next(iter(inputs.values()))


@contextmanager
def unpacked_each(
    path: Path,
    kinds: tuple[str, ...],
    *,
    what: str = "table",
    usual: str = ".csv",
    most: int = MOST_INPUTS,
) -> Iterator[dict[str, Path]]:
    """Give plain files by their names: `path` itself, or the inputs that are packed in it.

    What GDAL reads is copied: it parses names, and looks beside files.

    Parameters
    ----------
    path
        An input, or a .zip, .gz, .bz2 or .kmz with one.
    kinds
        Suffixes of inputs that are read. The parts of a shapefile count as one.
    what
        Word for the input in messages.
    usual
        Suffix of what a .gz or .bz2 without an inner suffix holds.
    most
        Inputs that an archive may hold.

    Raises
    ------
    InputError
        If the archive is damaged, holds no input or too many, or unpacks to more than the bound;
        if the name is odd, or a database has changes beside it.
    """
    refuse_odd_name(path)
    if path.suffix.lower() in _MAP_KINDS:
        refuse_unsaved(path, str(path))
        with private_copy(path) as plain:
            yield {path.name: plain}
        return
    if path.suffix.lower() not in PACKED:
        yield {path.name: path}
        return
    with private_folder() as folder:
        try:
            inputs = _Unpacking(path, kinds, what, usual, most).into(folder)
        except _DAMAGED as error:
            raise unreadable(
                path, "archive: it is damaged or not what its name says", error, "pack it again"
            ) from error
        yield inputs


@dataclass(frozen=True)
class _Unpacking:
    path: Path
    kinds: tuple[str, ...]
    what: str
    usual: str
    most: int

    def into(self, folder: Path) -> dict[str, Path]:
        suffix = self.path.suffix.lower()
        bound = most_unpacked(self.path.stat().st_size)
        left = _Left(self.path, min(bound, shutil.disk_usage(folder).free))
        if suffix in {".zip", ".kmz"}:
            with open_zip(self.path, self.path) as archive:
                return {
                    member.filename: self._one(archive, member, folder / str(number), left)
                    for number, member in enumerate(self._inputs(archive))
                }
        inner = PurePosixPath(self.path.name[: -len(suffix)]).suffix.lower() or self.usual
        with (
            bz2.open(self.path, "rb") if suffix == ".bz2" else gzip.open(self.path, "rb") as stream
        ):
            left.copy(cast("IO[bytes]", stream), folder / f"input{inner}")
        return {self.path.name: folder / f"input{inner}"}

    def _one(
        self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, left: _Left
    ) -> Path:
        """Unpack one input, with the parts of a shapefile, under a name of ours."""
        folder.mkdir()
        for part in _parts(archive, member, self.path):
            with archive.open(part) as stream:
                left.copy(stream, folder / ("input" + PurePosixPath(part.filename).suffix.lower()))
        return folder / ("input" + PurePosixPath(member.filename).suffix.lower())

    def _inputs(self, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        if self.path.suffix.lower() == ".kmz":
            return self._shown(archive)
        inputs = [
            info
            for info in archive.infolist()
            if not info.is_dir()
            and not info.filename.startswith("__MACOSX")
            and PurePosixPath(info.filename).suffix.lower() in self.kinds
            and not info.filename.lower().endswith(".shp.xml")  # words about a shapefile
        ]
        if len(inputs) > 1:  # words about the input, not an input
            inputs = [info for info in inputs if not info.filename.lower().endswith(".txt")]
        names = {info.filename for info in inputs}
        if not 1 <= len(inputs) <= self.most or len(names) < len(inputs):
            found = ", ".join(info.filename for info in archive.infolist()[:8]) or "nothing"
            kinds = ", ".join(self.kinds)
            could_be = ", ".join(info.filename for info in inputs[:8])
            cure = (
                f"unpack it and give one of {could_be[:400]}"
                if inputs
                else "give an archive that holds one"
            )
            raise InputError(
                f"{self.path}: expected one {self.what} in the archive ({kinds}), found: "
                f"{found[:400]} -- {cure}"
            )
        return inputs

    def _shown(self, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        """Return the .kml of a .kmz; of several, Google Earth shows the first (OGC 12-007r2) alone."""
        kml = [i for i in archive.infolist() if i.filename.lower().endswith(".kml")]
        if len(kml) == 1 and ".kml" in self.kinds:
            return kml
        if len(kml) > 1 and ".kml" in self.kinds:
            found = ", ".join(info.filename for info in kml[:8])[:400]
            raise InputError(
                f"{self.path}: holds {len(kml)} .kml files: {found} -- unpack it and give one of them"
            )
        raise InputError(
            f"{self.path}: expected a .kml file in it -- give another kind of file"
            if kml
            else f"{self.path}: has no .kml file in it -- export it again"
        )


def _parts(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> list[zipfile.ZipInfo]:
    name = PurePosixPath(member.filename)
    if name.suffix.lower() != ".shp":
        return [member]
    parts = [
        info
        for info in archive.infolist()
        if PurePosixPath(info.filename).with_suffix("") == name.with_suffix("")
        and PurePosixPath(info.filename).suffix.lower() in {".shp", *SHAPE_PARTS}
    ]
    kinds = [PurePosixPath(part.filename).suffix.lower() for part in parts]
    if len(set(kinds)) < len(kinds):
        raise InputError(f"{path}: has a part of {name.name} twice -- remove one")
    return parts


class _Left:
    """Bytes that may still be written."""

    def __init__(self, path: Path, bound: int) -> None:
        self.path = path
        self.bound = self.left = bound

    def copy(self, stream: IO[bytes], target: Path) -> None:
        with target.open("wb") as out:
            while block := stream.read(_BLOCK):
                self.left -= len(block)
                if self.left < 0:
                    raise InputError(
                        f"{self.path}: unpacks to more than {self.bound:,} bytes -- unpack it by "
                        "hand if it is meant to"
                    )
                out.write(block)
