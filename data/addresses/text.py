"""Written addresses: a number on a street, a block of one, or a crossing of two."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Characters of an address; longer ones are narratives.
LONGEST = 200

# Words of street names in one form (after USPS Publication 28, appendix C).
_WORDS = {
    "STREET": "ST", "STR": "ST", "AVENUE": "AVE", "AV": "AVE", "AVEN": "AVE", "BOULEVARD": "BLVD", "BOUL": "BLVD",
    "ROAD": "RD", "DRIVE": "DR", "DRV": "DR", "LANE": "LN", "COURT": "CT", "PLACE": "PL", "SQUARE": "SQ",
    "TERRACE": "TER", "TERR": "TER", "PARKWAY": "PKWY", "PKY": "PKWY", "PIKE": "PIKE", "TURNPIKE": "TPKE",
    "HIGHWAY": "HWY", "CIRCLE": "CIR", "TRAIL": "TRL", "ALLEY": "ALY", "EXPRESSWAY": "EXPY", "FREEWAY": "FWY",
    "CRESCENT": "CRES", "PLAZA": "PLZ", "ROUTE": "RTE", "RT": "RTE", "SAINT": "ST", "MOUNT": "MT", "FORT": "FT",
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W", "NORTHEAST": "NE", "NORTHWEST": "NW", "SOUTHEAST": "SE",
    "SOUTHWEST": "SW", "FIRST": "1ST", "SECOND": "2ND", "THIRD": "3RD", "FOURTH": "4TH", "FIFTH": "5TH",
    "SIXTH": "6TH", "SEVENTH": "7TH", "EIGHTH": "8TH", "NINTH": "9TH", "TENTH": "10TH",
}  # fmt: skip

# Last words that say what kind of street it is; people leave them out.
KINDS = frozenset({
    "ST", "AVE", "BLVD", "RD", "DR", "LN", "CT", "PL", "SQ", "TER", "PKWY", "TPKE", "HWY", "CIR", "TRL", "ALY", "EXPY",
    "FWY", "CRES", "PLZ", "WAY",
})  # fmt: skip

DIRECTIONS = frozenset({"N", "S", "E", "W", "NE", "NW", "SE", "SW"})

_UNIT = re.compile(r"\s(?:(?:APT|APARTMENT|UNIT|STE|SUITE|RM|ROOM|FL|FLOOR|BLDG|LOT)\b|#).*$")
_CROSSING = re.compile(r"\s*(?:&|/|@|\\)\s*|\s+(?:AND|AT)\s+")
_BLOCK = re.compile(r"^(\d{1,6})[\s-]*(?:HUNDRED\s+)?(?:BLOCK|BLK)(?:\s+OF)?\s+(.+)$")
_MASKED = re.compile(r"^(\d{1,5})([X*]{1,3})\s+(?:(?:BLOCK|BLK)\s+(?:OF\s+)?)?(.+)$")
_NUMBER = re.compile(r"^(\d{1,6})(?:-?[A-Z]|-\d{1,6}[A-Z]?|\s\d/\d)?\s+(.+)$")
_LETTERS = re.compile(r"[^A-Z0-9 ]+")


@dataclass(frozen=True)
class Address:
    """An address in one form.

    Attributes
    ----------
    street, cross
        Names as :func:`street_name` writes them; `cross` is '' unless it is a crossing.
    low, high
        House numbers that it may be; both 0 where it has none.
    """

    street: str
    low: int = 0
    high: int = 0
    cross: str = ""


def street_name(text: str) -> str:
    """Return a street's name without case, accents and points, its words in one short form."""
    flat = unicodedata.normalize("NFKD", text[:LONGEST].upper())
    flat = "".join(c for c in flat if not unicodedata.combining(c)).replace("'", "")
    return " ".join(_WORDS.get(word, word) for word in _LETTERS.sub(" ", flat).split())


def parse_address(text: str) -> Address | None:
    """Read an address; None if it is none.

    What follows a comma is the town, unless the comma stands behind a bare number. ``1XX MAIN ST``
    and ``100 BLOCK OF MAIN ST`` are the numbers 100 to 199, ``12X MAIN ST`` are 120 to 129.
    """
    if len(text) > LONGEST:
        return None
    whole = re.sub(r"^(\s*\d+[^,\s]*)\s*,", r"\1 ", text.upper())
    line = whole.split(",")[0].strip()
    if len(parts := _CROSSING.split(line)) == 2 and all(re.search("[A-Z]", p) for p in parts):
        first, second = (street_name(_BLOCK.sub(r"\2", part)) for part in parts)
        return Address(first, cross=second) if first and second else None
    line = _UNIT.sub("", line)
    if found := _BLOCK.match(line):
        low = int(found[1])
        return _numbered(found[2], low, low // 100 * 100 + 99)
    if found := _MASKED.match(line):
        span = 10 ** len(found[2])
        low = int(found[1]) * span
        return _numbered(found[3], low, low + span - 1)
    if found := _NUMBER.match(line):
        return _numbered(found[2], int(found[1]), int(found[1]))
    return None


def _numbered(street: str, low: int, high: int) -> Address | None:
    name = street_name(street)
    return Address(name, low, max(low, high)) if name and high else None
