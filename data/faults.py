"""Faults of one input, told together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from coresponse.data.errors import Fault, InputError
from coresponse.data.words import counted


@dataclass
class Faults:
    """Gathers faults so that all of them are reported at once."""

    subject: str
    found: list[Fault] = field(default_factory=list)

    def add(self, where: str, what: str, cure: str = "") -> None:
        """Note one fault."""
        self.found.append(Fault(where, what, cure))

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.found)

    def __bool__(self) -> bool:
        return bool(self.found)

    def raise_if_any(self) -> None:
        """Raise one :class:`InputError` that lists every fault.

        Raises
        ------
        InputError
            If at least one fault was noted.
        """
        if self.found:
            lines = "\n".join(f"  - {fault}" for fault in self.found)
            count = len(self.found)
            raise InputError(f"{self.subject}: {counted(count, 'fault')}\n{lines}")
