"""What the cases of one city share: results that are worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class MadeOf(NamedTuple):
    """What a result was made of.

    Attributes
    ----------
    objects
        Known by their identity: they are large, and never change.
    values
        Known by what they are.
    """

    objects: tuple[object, ...]
    values: tuple[Hashable, ...] = ()


class Memo:
    """Results by their name and what they were made of.

    It goes with its cases to other processes, where the objects have other identities.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[Hashable, ...], tuple[str, MadeOf, Any]] = {}

    def get(self, name: str, of: MadeOf, make: Callable[[], T]) -> T:
        """Return a result, made if it is not there."""
        key = _key(name, of)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = (name, of, make())
        out: T = entry[2]
        return out

    def put(self, name: str, of: MadeOf, result: object) -> None:
        """Keep a result that was worked out elsewhere."""
        self._entries[_key(name, of)] = (name, of, result)

    def trim(self, name: str, most: int) -> None:
        """Keep only the newest results of a name."""
        keys = [key for key, entry in list(self._entries.items()) if entry[0] == name]
        for key in keys[: max(0, len(keys) - most)]:
            self._entries.pop(key, None)

    def __getstate__(self) -> list[tuple[str, MadeOf, Any]]:
        return list(self._entries.values())

    def __setstate__(self, entries: list[tuple[str, MadeOf, Any]]) -> None:
        self._entries = {_key(name, of): (name, of, result) for name, of, result in entries}


def _key(name: str, of: MadeOf) -> tuple[Hashable, ...]:
    # entries hold their objects, so that no other object can get the identity of one
    return (name, *(id(one) for one in of.objects), *of.values)
