"""Inputs that have changed since the page read them.

It goes on with what it has read, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from coresponse.data.hashes import sha256
from coresponse.data.shapefile import parts_beside


class FilesRead:
    """The files that a study was read from, with their hashes."""

    def __init__(self, folder: Path, hashes: Mapping[str, str]) -> None:
        self.folder, self.hashes = folder, dict(hashes)
        self._seen: dict[str, tuple[tuple[int, int], bool]] = {}

    def changed(self) -> list[str]:
        """Return the names of files that are gone, hold something else, or came to a shapefile since.

        Only those are hashed whose time or size is new.
        """
        same = {name for name in self.hashes if self._same(name)}
        return sorted((self.hashes.keys() | self._parts_now()) - same)

    def _parts_now(self) -> set[str]:
        """Return the parts that shapefiles have now: one that was not read changes what would be."""
        found: set[str] = set()
        for name in self.hashes:
            with suppress(OSError):  # a folder that is gone has taken the files read with it
                parts = parts_beside(self.folder / name)
                found.update(part.relative_to(self.folder).as_posix() for part in parts)
        return found

    def _same(self, name: str) -> bool:
        path = self.folder / name
        try:
            found = path.stat()
            sign = (found.st_mtime_ns, found.st_size)
            before, same = self._seen.get(name, (None, False))
            if sign != before:
                same = sha256(path) == self.hashes[name]
                self._seen[name] = (sign, same)
        except OSError:
            return False
        return same
