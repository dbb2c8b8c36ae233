"""Whose units go first in a replay of several agencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coresponse.data.compiled import compiled_lean_part as compiled

if TYPE_CHECKING:
    from coresponse.data.agencies import Sharing  # its packages would be loaded before all others

SHARED, OWN_FIRST, OWN_ONLY = 0, 1, 2

# The rules as numbers.
RULE: dict[Sharing, int] = {"shared": SHARED, "own_first": OWN_FIRST, "own": OWN_ONLY}

# Added to the rank of another agency's units: whatever their type, they come after all of the call's own.
AFTER_ALL = 1 << 20

NOT_SENT = -1


@compiled
def lent_rank(roads: Any, post: int, place: int) -> int:
    """Return what is added to the rank of a unit at a post for a call at a place; NOT_SENT if it is not lent."""
    if roads.sharing == SHARED or roads.post_agency[post] == roads.place_agency[place]:
        return 0
    return AFTER_ALL if roads.sharing == OWN_FIRST else NOT_SENT
