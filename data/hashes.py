"""SHA-256 of files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from coresponse.data.errors import InputError

# piece by piece: the calls of a large city do not fit in memory twice
_BLOCK = 1 << 20


def sha256(path: Path) -> str:
    """Return the hash of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def refuse_same_file(paths: Sequence[Path]) -> None:
    """Refuse files of the same bytes: each call or post in them would count once for each.

    Raises
    ------
    InputError
        If two are the same, under one name or two.
    """
    seen: dict[tuple[int, str], Path] = {}
    sizes = [path.stat().st_size for path in paths]
    for path, size in zip(paths, sizes, strict=True):
        if sizes.count(size) < 2:
            continue
        first = seen.setdefault((size, sha256(path)), path)
        if first is not path:
            raise InputError(f"{first} and {path} are the same file twice -- name it once")
