"""What the cases of one city share: results that are worked out once."""

from __future__ import annotations

from collections import ChainMap
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


_Key = tuple[Hashable, ...]

# A result behind its name and what it was made of.
_Entry = tuple[str, MadeOf, Any]


class Memo:
    """Results by their name and what they were made of.

    It goes with its cases to other processes, where the objects have other identities.
    """

    def __init__(self, entries: ChainMap[_Key, _Entry] | None = None) -> None:
        self._entries: ChainMap[_Key, _Entry] = ChainMap() if entries is None else entries

    def branch(self) -> Memo:
        """Return one for a part of the city: it knows all that is here, and its own results go with it."""
        return Memo(self._entries.new_child())

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
        keys = [key for key, entry in list(self._entries.maps[0].items()) if entry[0] == name]
        for key in keys[: max(0, len(keys) - most)]:
            self._entries.pop(key, None)

    def __getstate__(self) -> list[_Entry]:
        return list(self._entries.values())

    def __setstate__(self, entries: list[_Entry]) -> None:
        known: dict[_Key, _Entry] = {_key(one[0], one[1]): one for one in entries}
        self._entries = ChainMap(known)


def _key(name: str, of: MadeOf) -> _Key:
    # entries hold their objects, so that no other object can get the identity of one
    return (name, *(id(one) for one in of.objects), *of.values)
