"""The package that a workbook is: which of its files are sheets, strings and styles, as it says itself."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from coresponse.data.errors import InputError, unreadable
from coresponse.data.xml_blocks import BLOCK, refuse_long_tag

# Bytes of a list of sheets or relationships, unpacked: thousands of sheets take less.
MAX_SMALL_PART = 4 << 20

# Elements in elements: each takes a hundred bytes of a parser.
DEEPEST = 100

_RELATIONSHIPS = "/relationships/"

Begin = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


@dataclass(frozen=True)
class SheetEntry:
    """A sheet that holds cells, as the workbook lists it."""

    name: str
    visible: bool
    part: str


class Package:
    """Parts of an open archive by name, in any case of letters (ECMA-376, part 2).

    Raises
    ------
    InputError
        If two parts differ only in the case of their letters.
    """

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self.archive, self.path = archive, path
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            name = info.filename.replace("\\", "/").lstrip("/").lower()
            if name in self._parts:
                raise InputError(f"{path}: not a readable Excel workbook (has {name!r:.80} twice)")
            self._parts[name] = info

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._parts

    def parse(
        self, part: str, *, begin: Begin, end: End | None = None, text: Text | None = None
    ) -> Iterator[None]:
        """Parse a part block by block; names come without their namespace.

        Raises
        ------
        InputError
            If it is not there, damaged, or declares XML entities.
        """
        info = self._parts.get(part.lower())
        if info is None:
            raise InputError(f"{self.path}: not a readable Excel workbook (has no {part!r:.80})")
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        depth = 0

        def begins(name: str, given: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > DEEPEST:
                raise InputError(f"{self.path}: not a readable Excel workbook (nested too deeply)")
            begin(name.rpartition(" ")[2], given)

        def ends(name: str) -> None:
            nonlocal depth
            depth -= 1
            if end is not None:
                end(name.rpartition(" ")[2])

        parser.StartElementHandler, parser.EndElementHandler = begins, ends
        if text is not None:
            parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = self._refuse_entities
        fed = 0
        with self.archive.open(info) as stream:
            while block := stream.read(BLOCK):
                self._feed(parser, block, last=False)
                fed += len(block)
                refuse_long_tag(parser, fed, str(self.path))
                yield
        self._feed(parser, b"", last=True)

    def _feed(self, parser: expat.XMLParserType, block: bytes, *, last: bool) -> None:
        try:
            parser.Parse(block, last)
        except expat.ExpatError as error:
            raise unreadable(self.path, "Excel workbook", error, "save it again") from error

    def _refuse_entities(self, *_: object) -> NoReturn:
        raise InputError(
            f"{self.path}: not a readable Excel workbook (declares XML entities; refused)"
        )

    def elements(self, part: str) -> list[tuple[str, dict[str, str]]]:
        """Return the elements of a small part with their attributes, in order.

        Raises
        ------
        InputError
            As for :meth:`parse`, or if the part is too large for what it is.
        """
        found: list[tuple[str, dict[str, str]]] = []
        info = self._parts.get(part.lower())
        if info is not None and info.file_size > MAX_SMALL_PART:
            raise InputError(
                f"{self.path}: {info.filename} unpacks to {info.file_size:,} bytes, at most "
                f"{MAX_SMALL_PART:,} -- save it as CSV"
            )
        for _ in self.parse(part, begin=lambda name, given: found.append((name, given))):
            pass
        return found

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to: by id, the kind and the part; nothing outside the package."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        out: dict[str, tuple[str, str]] = {}
        if listed not in self:
            return out
        for element, given in self.elements(listed):
            inside = given.get("TargetMode", "").lower() != "external"
            if element == "Relationship" and inside and "Target" in given:
                target = given["Target"].replace("\\", "/")
                whole = target if target.startswith("/") else posixpath.join("/", folder, target)
                kind = given.get("Type", "").rpartition(_RELATIONSHIPS)[2]
                out[given.get("Id", "")] = (kind, posixpath.normpath(whole).lstrip("/"))
        return out


@dataclass(frozen=True)
class Workbook:
    """What the workbook says of itself.

    Attributes
    ----------
    sheets
        Those with cells, in the order of their tabs.
    strings, styles
        Parts with the shared strings and the formats of numbers, '' where there are none.
    from_1904
        Whether days are counted from 1904, as on old Macintoshes.
    """

    sheets: tuple[SheetEntry, ...]
    strings: str
    styles: str
    from_1904: bool


def workbook_of(package: Package) -> Workbook:
    """Read the list of sheets: they may lie anywhere in the package.

    Raises
    ------
    InputError
        If it is no workbook, or has no sheet with cells.
    """
    mains = [part for kind, part in package.related("").values() if kind == "officeDocument"]
    if not mains:
        raise InputError(f"{package.path}: not a readable Excel workbook (names no workbook in it)")
    related = package.related(mains[0])
    sheets: list[SheetEntry] = []
    from_1904 = False
    for name, given in package.elements(mains[0]):
        if name == "workbookPr":
            from_1904 = given.get("date1904", "0") in {"1", "true", "on"}
        elif name == "sheet":
            reference = next((v for k, v in given.items() if k.endswith("relationships id")), "")
            kind, part = related.get(reference, ("", ""))
            if kind == "worksheet":  # a chart or a dialog may stand in its own sheet
                shown = given.get("state", "visible") == "visible"
                sheets.append(SheetEntry(given.get("name", ""), shown, part))
    if not sheets:
        raise InputError(f"{package.path}: has no sheet with cells")
    by_kind = dict(related.values())
    return Workbook(
        tuple(sheets), by_kind.get("sharedStrings", ""), by_kind.get("styles", ""), from_1904
    )
