"""Compressed road files, unpacked under a bound into a temporary file; names in an archive are never used as paths."""

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

MAX_BYTES = 8 << 30
"""A road file may unpack to at most 8 GiB; a country's OSM XML is larger, and a city's is not."""

MAX_RATIO = 200
"""... and to at most 200 times its packed size: XML packs about 20 to 1, a bomb 1000 to 1."""

_BLOCK = 1 << 20
_ROAD_SUFFIXES = (
    ".osm", ".xml", ".graphml", ".pbf", ".json", ".gpkg", ".parquet", ".geoparquet", ".geojson", ".sqlite", ".shp",
)  # fmt: skip
_BESIDE_SHP = (".dbf", ".prj", ".cpg", ".shx")
_DAMAGED = (
    zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError,
    UnicodeError, IndexError,
)  # fmt: skip


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give a plain file: `path` itself, or what is packed in it.

    Raises
    ------
    InputError
        If the file is damaged, holds not exactly one road file, or unpacks to more than the bound.
    """
    suffix = path.suffix.lower()
    if suffix not in {".zip", ".bz2", ".gz"}:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="coresponse-roads-") as folder:
        try:
            plain = _unpack(path, suffix, Path(folder))
        except _DAMAGED as error:
            raise InputError(f"{path}: the archive is damaged or not what its name says ({error})") from error
        yield plain


def _unpack(path: Path, suffix: str, folder: Path) -> Path:
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            member = _only_road_file(path, archive)
            for part in (*_beside(member, archive), member):
                with archive.open(part) as stream:
                    plain = _copy(path, stream, folder / ("roads" + PurePosixPath(part).suffix.lower()))
            return plain
    inner = "".join(PurePosixPath(path.name[: -len(suffix)]).suffixes[-1:]) or ".osm"
    with bz2.open(path, "rb") if suffix == ".bz2" else gzip.open(path, "rb") as stream:
        return _copy(path, cast("IO[bytes]", stream), folder / f"roads{inner.lower()}")


def _only_road_file(path: Path, archive: zipfile.ZipFile) -> str:
    names = [
        info.filename
        for info in archive.infolist()
        if not info.is_dir()
        and not info.filename.startswith("__MACOSX")
        and info.filename.lower().endswith(_ROAD_SUFFIXES)
        and not info.filename.lower().endswith(".shp.xml")  # words about a shapefile
    ]
    if len(names) != 1:
        found = ", ".join(info.filename for info in archive.infolist()[:8]) or "nothing"
        raise InputError(f"{path}: expected one road file in the archive ({', '.join(_ROAD_SUFFIXES)}), found: {found}")
    return names[0]


def _beside(member: str, archive: zipfile.ZipFile) -> list[str]:
    """Files that a shapefile is made of, without the .shp itself."""
    road_file = PurePosixPath(member)
    if road_file.suffix.lower() != ".shp":
        return []
    parts = [PurePosixPath(name) for name in archive.namelist()]
    return [
        str(part)
        for part in parts
        if part.with_suffix("") == road_file.with_suffix("") and part.suffix.lower() in _BESIDE_SHP
    ]


def _copy(path: Path, stream: IO[bytes], target: Path) -> Path:
    bound = min(MAX_BYTES, max(path.stat().st_size, _BLOCK) * MAX_RATIO)
    bound = min(bound, shutil.disk_usage(target.parent).free)
    written = 0
    with target.open("wb") as out:
        while block := stream.read(_BLOCK):
            written += len(block)
            if written > bound:
                raise InputError(f"{path}: unpacks to more than {bound:,} bytes -- unpack it by hand if it is meant to")
            out.write(block)
    return target
