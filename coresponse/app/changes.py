"""Inputs that have changed since the page read them.

It goes on with what it has read, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from coresponse.data.hashes import sha256


class FilesRead:
    """The files that a study was read from, with their hashes."""

    def __init__(self, folder: Path, hashes: Mapping[str, str]) -> None:
        self.folder, self.hashes = folder, dict(hashes)
        self._seen: dict[str, tuple[tuple[int, int], bool]] = {}

    def changed(self) -> list[str]:
        """Return the names of files that are gone or hold something else.

        Only those are hashed whose time or size is new.
        """
        return [name for name in sorted(self.hashes) if not self._same(name)]

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
