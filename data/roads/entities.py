"""XML that declares entities, which may be endless, is refused before it is read."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from coresponse.data.errors import InputError

_BLOCK = 1 << 16


def refuse_entities(path: Path, source: str) -> None:
    """Refuse XML that declares a document type: road files have none, entity bombs do.

    Raises
    ------
    InputError
        If the file declares one.
    """

    def refuse(*_: object) -> NoReturn:
        raise InputError(
            f"{source}: declares XML entities, which road files have no use for; refused"
        )

    def content_begins(*_: object) -> NoReturn:
        raise StopIteration

    # a parser, not a search for the words: it knows every encoding and comment that could hide them
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = content_begins
    with path.open("rb") as file, suppress(StopIteration, expat.ExpatError, LookupError):
        while block := file.read(_BLOCK):
            parser.Parse(block)
        # newer parsers put off what a long token ends until they are told that all is read
        parser.Parse(b"", True)
