"""Names of files and folders that some reader takes for more than a name."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from coresponse.data.errors import InputError

# Unicode categories: controls such as tab and line break; separators of lines and paragraphs.
_CONTROL = {"Cc", "Zl", "Zp"}

# How Python keeps a byte of a name that is not UTF-8: half a surrogate pair.
_UNDECODED = "Cs"

# How names begin that GDAL takes for an archive, memory or the network (GDAL, virtual file
# systems).
_HANDLER = re.compile(
    r"vsi(?:zip|gzip|tar|7z|rar|curl|mem|s3|gs|az|adls|oss|swift|hdfs|webhdfs|stdin|stdout|sparse"
    r"|subfile|cached|crypt|pmtiles|kerchunk)",
    re.IGNORECASE,
)

# ``http:``, ``zip+file:``, ``GPKG:``; a drive of Windows has one letter.
_DRIVER = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")


def odd_name(text: str) -> str:
    """Say what is wrong with a path, '' if it is a plain one.

    GDAL's wrapper drops what stands before ``!``, and takes some beginnings for archives, drivers
    and addresses; other programs break lines and tables at control characters.
    """
    kinds = {unicodedata.category(letter) for letter in text}
    if _UNDECODED in kinds:
        return "has bytes that are not UTF-8"
    if kinds & _CONTROL:
        return "has a tab, a line break or another control character"
    if "!" in text:
        return "has a !, by which readers of map files look elsewhere"
    if any(_HANDLER.match(part) for part in re.split(r"[/\\]", text)):
        return "has a part like /vsizip/ or /vsicurl/, which means archives and servers to GDAL"
    if _DRIVER.match(text):
        return "begins like an address or the name of a driver"
    return ""


def refuse_odd_name(path: Path, *, cure: str = "rename it") -> None:
    """Refuse a path that is more than a name to some reader.

    Raises
    ------
    InputError
        If it is such; control characters are written so that they can be seen.
    """
    wrong = odd_name(str(path))
    if wrong:
        raise InputError(f"{str(path)!r}: the name {wrong} -- {cure}")
