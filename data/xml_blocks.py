"""XML as a stream: block by block, with a bound on what a parser has to hold at once."""

from __future__ import annotations

from typing import IO
from xml.parsers import expat

from coresponse.data.errors import InputError, unreadable

BLOCK = 1 << 18

# Bytes of one tag or comment: a parser keeps it whole, and makes an object of each attribute.
LONGEST_TAG = 1 << 20


def feed(parser: expat.XMLParserType, stream: IO[bytes], name: str, what: str) -> None:
    """Parse a whole stream with a parser whose handlers are set.

    Raises
    ------
    InputError
        If it is no XML, or one tag of it is longer than :data:`LONGEST_TAG`; what handlers raise.
    """
    fed = 0
    try:
        while block := stream.read(BLOCK):
            parser.Parse(block, False)
            fed += len(block)
            refuse_long_tag(parser, fed, name)
        parser.Parse(b"", True)
    except InputError:  # which is a ValueError, too
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise unreadable(name, what, error) from error


def refuse_long_tag(parser: expat.XMLParserType, fed: int, name: str) -> None:
    """Refuse a tag that has begun and not ended for longer than any that a program writes.

    Raises
    ------
    InputError
        If it is longer than :data:`LONGEST_TAG`.
    """
    if fed - parser.CurrentByteIndex > LONGEST_TAG:
        raise InputError(f"{name}: has a tag of more than {LONGEST_TAG:,} bytes; refused")
