"""A packed road graph read back, number by number: written from its description, not from the code that packs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """A street segment: nodes, flags apart, name, tenths of a second, all its corners in steps."""

    start: int
    stop: int
    kind: int
    is_link: bool
    is_one_way: bool
    name: int
    tenths: int
    corners: tuple[tuple[int, int], ...]


def unpacked(text: str) -> tuple[list[tuple[int, int]], list[Segment]]:
    """Return the places of the nodes in steps, and the segments."""
    numbers = _numbers(base64.b64decode(text))

    def signed() -> int:
        value = next(numbers)
        return -(value + 1) // 2 if value % 2 else value // 2

    nodes, x, y = [], 0, 0
    for _ in range(next(numbers)):
        x, y = x + signed(), y + signed()
        nodes.append((x, y))
    segments, start, name = [], 0, 0
    for _ in range(next(numbers)):
        start += next(numbers)
        stop, flags = start + signed(), next(numbers)
        name += signed()
        tenths, inner = next(numbers), next(numbers)
        corners = [nodes[start]]
        for _ in range(inner):
            dx, dy = signed(), signed()
            corners.append((corners[-1][0] + dx, corners[-1][1] + dy))
        corners.append(nodes[stop])
        told = (flags // 4, bool(flags // 2 % 2), bool(flags % 2), name, tenths, tuple(corners))
        segments.append(Segment(start, stop, *told))
    assert next(numbers, None) is None
    return nodes, segments


def _numbers(data: bytes) -> Iterator[int]:
    value, shift = 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value, shift = 0, 0
    assert shift == 0
