"""Inputs for GDAL: copied under a name of ours, read with the network and archives shut."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pyogrio
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

from coresponse.data.errors import InputError
from coresponse.data.names import odd_name
from coresponse.data.shapefile import parts_beside

_NO_NETWORK = {
    # a proxy of a kind that curl does not know: it gives up before it opens a connection
    "GDAL_HTTP_PROXY": "off://off",
    "GDAL_HTTPS_PROXY": "off://off",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/vsicurl/off",
    "CPL_CURL_ENABLE_VSIMEM": "NO",
    "CPL_ALLOW_VSISTDIN": "NO",
    # of one area, in memory: 250 bytes a corner, 100 MB hold the coast of a state
    "OGR_GEOJSON_MAX_OBJ_SIZE": "100",
}
_MEMORY = b"/vsimem/"
# More than the struct CPLHTTPResult of GDAL 3 takes (cpl_http.h).
_RESULT_BYTES = 256


@contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder for a while, by a path in which there is nothing to parse.

    Raises
    ------
    InputError
        If the folder for temporary files has an odd name.
    """
    shut_off()
    with tempfile.TemporaryDirectory(prefix="coresponse-") as folder:
        if odd_name(folder):
            raise InputError(
                f"the folder for temporary files {folder!r} {odd_name(folder)} -- choose another "
                "by the environment variable TMPDIR"
            )
        yield Path(folder)


@contextmanager
def private_copy(path: Path) -> Iterator[Path]:
    """Copy an input, with the parts of a shapefile, under a name of ours.

    What lies beside the input and is none of its parts is not seen by any reader.

    Raises
    ------
    InputError
        If two of its parts differ only in the case of their letters, or it cannot be copied.
    """
    with private_folder() as folder:
        plain = folder / f"input{path.suffix.lower()}"
        try:
            shutil.copyfile(path, plain)
            for part in parts_beside(path):
                target = plain.with_suffix(part.suffix.lower())
                if target.exists():
                    raise InputError(f"{path}: has {part.suffix.lower()} twice -- remove one")
                shutil.copyfile(part, target)
        except OSError as error:
            raise InputError(
                f"{path}: cannot be copied to {folder} ({error.strerror or error}) -- free some "
                "space there, and check that it may be read"
            ) from error
        yield plain


def refuse_unsaved(path: Path, shown: str) -> None:
    """Refuse a database with changes beside it that are not yet in it.

    They belong to what its owner sees, and no hash covers them.

    Raises
    ------
    InputError
        If there are such.
    """
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size:
            raise InputError(
                f"{shown}: changes to it are still in {beside.name} beside it -- close it in the "
                "program that has it open, such as QGIS, or save the layer as a file of its own"
            )


@cache
def shut_off() -> tuple[object, ...]:
    """Shut GDAL off from the network, archives and standard input, in this whole process.

    Not only names lead there: a GeoJSON may name the address of its CRS. The options do for all but
    servers that the environment variable ``no_proxy`` names; where GDAL's library is found, what
    would go there is taken out of it.

    Returns
    -------
    tuple
        What has to stay alive for that.
    """
    pyogrio.set_gdal_config_options(_NO_NETWORK)
    set_network_enabled(active=False)  # grids of its own, asked for as they are needed
    library = _library()
    if library is None:
        for name in ("no_proxy", "NO_PROXY"):
            os.environ.pop(name, None)
        return ()
    _remove_handlers(library)
    return (library, _refuse_requests(library))


def _library() -> Any | None:
    """Return the GDAL that pyogrio has loaded, as a library of C functions."""
    package = Path(pyogrio.__file__).parent
    beside = [*package.parent.glob("pyogrio.libs/*gdal*"), *package.glob(".dylibs/*gdal*")]
    names = [*map(str, beside), ctypes.util.find_library("gdal") if not beside else None]
    for name in filter(None, names):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        wanted = ("VSIGetFileSystemsPrefixes", "VSIRemovePluginHandler", "CPLHTTPSetFetchCallback")
        version = _version(library)
        if version == pyogrio.__gdal_version__ and all(hasattr(library, f) for f in wanted):
            return library
    return None


def _version(library: Any) -> tuple[int, ...]:
    try:
        library.GDALVersionInfo.restype = ctypes.c_char_p
        said = library.GDALVersionInfo(b"RELEASE_NAME").decode()
        return tuple(int(part) for part in said.split("."))
    except (AttributeError, ValueError):
        return ()


def _remove_handlers(library: Any) -> None:
    library.VSIGetFileSystemsPrefixes.restype = ctypes.POINTER(ctypes.c_char_p)
    library.VSIRemovePluginHandler.argtypes = [ctypes.c_char_p]
    prefixes = library.VSIGetFileSystemsPrefixes()
    at = 0
    while prefixes[at] is not None:
        if prefixes[at] != _MEMORY:
            library.VSIRemovePluginHandler(prefixes[at])
        at += 1
    library.CSLDestroy.argtypes = [ctypes.c_void_p]
    library.CSLDestroy(ctypes.cast(prefixes, ctypes.c_void_p))


def _refuse_requests(library: Any) -> object:
    """Answer every request that GDAL would make with a failure (CPLHTTPSetFetchCallback)."""
    library.VSICalloc.restype = ctypes.c_void_p
    library.VSICalloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]

    def refuse(*_: object) -> int:
        result = int(library.VSICalloc(1, _RESULT_BYTES))
        ctypes.c_int.from_address(result).value = 1  # its first field, nStatus: not 0 is a failure
        return result

    callback = ctypes.CFUNCTYPE(ctypes.c_void_p, *[ctypes.c_void_p] * 7)(refuse)
    library.CPLHTTPSetFetchCallback.argtypes = [type(callback), ctypes.c_void_p]
    library.CPLHTTPSetFetchCallback.restype = None
    library.CPLHTTPSetFetchCallback(callback, None)
    return callback
