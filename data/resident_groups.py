"""Residents in groups, by the crossing that they live at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ResidentGroup:
    """A group of residents, and the kind of group that it is one of, such as ``Black`` of ``race``."""

    kind: str
    name: str

    @property
    def key(self) -> str:
        """What tables call it: ``race: Black``."""
        return f"{self.kind}: {self.name}"


@dataclass(frozen=True, eq=False)
class Residents:
    """Residents of all groups on the road network.

    Attributes
    ----------
    groups
        In the order of the study.
    node
        (m,) int64 crossings that somebody lives nearest to, ascending.
    everybody
        (m,) float64 residents there.
    of_group
        (groups, m) float64 residents there of each group.
    rows, outside, residents_outside
        Rows with residents; those that are off the map, and who lives in them.
    column, file
        What all residents were read from.
    notes
        Sentences for people: what was guessed, and what is not known.
    readings
        Which sheet or layer was read, for the agency.
    """

    groups: tuple[ResidentGroup, ...]
    node: NDArray[np.int64]
    everybody: NDArray[np.float64]
    of_group: NDArray[np.float64]
    rows: int = 0
    outside: int = 0
    residents_outside: float = 0.0
    column: str = ""
    file: str = ""
    notes: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """Residents on the network."""
        return float(self.everybody.sum())
