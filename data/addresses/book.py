"""What is known of a city's addresses, and how a written one is found in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
import shapely
from numpy.typing import NDArray

from coresponse.data.addresses.text import DIRECTIONS, KINDS, Address, street_name
from coresponse.data.notes import Note

# Places of one address or crossing farther apart than this are of two towns; nobody guesses
# which.
ONE_PLACE_M = 250.0

# Known numbers farther apart than this are not interpolated between: three long blocks.
NEXT_M = 600.0


@dataclass(frozen=True)
class NumberRange:
    """A side of a street between two crossings: numbers at its start and end (TIGER's from and to).

    Attributes
    ----------
    start, stop
        House numbers; they may fall along the line.
    line
        As drawn, meters.
    """

    start: int
    stop: int
    line: shapely.LineString

    def at(self, low: int, high: int) -> shapely.Point | None:
        """Return the place of numbers low to high, if they are on this side."""
        first, last = sorted((self.start, self.stop))
        one_side = self.start % 2 == self.stop % 2  # else both sides are counted together
        if high < first or low > last or (low == high and one_side and low % 2 != first % 2):
            return None
        middle = (max(low, first) + min(high, last)) / 2
        share = 0.5 if first == last else (middle - self.start) / (self.stop - self.start)
        return self.line.interpolate(share, normalized=True)


@dataclass(frozen=True)
class _Street:
    lines: list[shapely.LineString] = field(default_factory=list)
    numbers: list[tuple[int, float, float]] = field(default_factory=list)
    ranges: list[NumberRange] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class AddressBook:
    """Streets by name, with their lines, house numbers and ranges of numbers.

    Coordinates are meters in the road network's CRS. It is filled once, and then only asked. Its
    notes say what it was made from.
    """

    streets: dict[str, _Street] = field(default_factory=dict)
    bare: dict[str, set[str]] = field(default_factory=dict)
    loose: dict[str, set[str]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def add_line(self, name: str, line: shapely.LineString) -> None:
        """Note a stretch of a street."""
        if street := self._of(name):
            street.lines.append(line)

    def add_number(self, name: str, number: int, x: float, y: float) -> None:
        """Note a house."""
        if street := self._of(name):
            street.numbers.append((number, x, y))

    def add_range(self, name: str, numbers: NumberRange) -> None:
        """Note the numbers of a side of a stretch."""
        if street := self._of(name):
            street.ranges.append(numbers)

    def _of(self, name: str) -> _Street | None:
        plain = street_name(name)
        if not plain:
            return None
        self.bare.setdefault(_bare(plain), set()).add(plain)
        self.loose.setdefault(_loose(plain), set()).add(plain)
        return self.streets.setdefault(plain, _Street())

    def find(self, address: Address) -> tuple[float, float] | None:
        """Return where an address is; None if the book does not know, or knows two such places.

        The house itself goes first, then the range of its side of the street, then between the next
        lower and higher numbers that are known, put on the street's line. Names must be the same,
        but for the kind of street (ST, AVE) where only one street has the rest of the name.
        """
        if address.cross:
            return _crossing(self._lines(address.street), self._lines(address.cross))
        street = self._named(address.street)
        if street is None:
            return None
        return _house(street, address) or _in_range(street, address) or _between(street, address)

    def why_not(self, address: Address | None) -> str:
        """Say why an address is not found: its street is not known, maybe misspelled, or only its number is not."""
        if address is None:
            return "it is neither a number and street, nor a block or crossing"
        for name in filter(None, (address.street, address.cross)):
            if not self._lines(name):
                close = get_close_matches(name, self.streets, n=1, cutoff=0.7)
                return f"no street {name} is known" + (
                    f"; did you mean {close[0]}?" if close else ""
                )
        if address.cross:
            return "these streets do not cross, or at several places"
        return "the street is known, and no house number near it"

    def _lines(self, name: str) -> list[shapely.LineString]:
        """Return the lines of a street; of all that it may be, where kind or direction are left out.

        Where two streets meet says which of them is meant, and :func:`_one_place` refuses two such
        corners.
        """
        if name in self.streets:
            return self.streets[name].lines
        words = set(name.split())
        alike = [n for n in self.loose.get(_loose(name), ()) if words <= set(n.split())]
        return [line for n in sorted(alike) for line in self.streets[n].lines]

    def _named(self, name: str) -> _Street | None:
        if name in self.streets:
            return self.streets[name]
        if name.rpartition(" ")[2] in KINDS:
            return None  # MAIN AVE is not MAIN ST
        alike = self.bare.get(name, set())
        return self.streets[next(iter(alike))] if len(alike) == 1 else None


def _bare(name: str) -> str:
    head, _, last = name.rpartition(" ")
    return head if head and last in KINDS else name


def _loose(name: str) -> str:
    """Leave out the kind of a street and its directions, unless nothing is left."""
    words = [word for word in _bare(name).split() if word not in DIRECTIONS]
    return " ".join(words) or name


def _one_place(xy: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the middle of places, if they are one."""
    if not len(xy) or float(np.ptp(xy, axis=0).max()) > ONE_PLACE_M:
        return None
    x, y = np.median(xy, axis=0)
    return float(x), float(y)


def _house(street: _Street, address: Address) -> tuple[float, float] | None:
    found = [(x, y) for number, x, y in street.numbers if address.low <= number <= address.high]
    return _one_place(np.array(found, dtype=float).reshape(-1, 2))


def _in_range(street: _Street, address: Address) -> tuple[float, float] | None:
    places = (numbers.at(address.low, address.high) for numbers in street.ranges)
    found = [(place.x, place.y) for place in places if place is not None]
    return _one_place(np.array(found, dtype=float).reshape(-1, 2))


def _between(street: _Street, address: Address) -> tuple[float, float] | None:
    wanted = (address.low + address.high) / 2
    if any(address.low <= number <= address.high for number, _, _ in street.numbers):
        return None  # it is known, at two places
    below = max((n for n in street.numbers if n[0] < wanted), default=None)
    above = min((n for n in street.numbers if n[0] > wanted), default=None)
    if below is None or above is None:
        return None
    for end in (below, above):
        if _one_place(np.array([(x, y) for n, x, y in street.numbers if n == end[0]])) is None:
            return None
    a, b = np.array(below[1:]), np.array(above[1:])
    if np.hypot(*(b - a)) > NEXT_M:
        return None
    place = shapely.Point(a + (b - a) * (wanted - below[0]) / (above[0] - below[0]))
    if street.lines:  # along the street, not through the houses
        lines = shapely.multilinestrings(street.lines)
        place = shapely.Point(shapely.shortest_line(lines, place).coords[0])
    return place.x, place.y


def _crossing(
    street: list[shapely.LineString], other: list[shapely.LineString]
) -> tuple[float, float] | None:
    if street == other:
        return None  # one street, named twice
    met = shapely.intersection(shapely.MultiLineString(street), shapely.MultiLineString(other))
    return _one_place(shapely.get_coordinates(met))
