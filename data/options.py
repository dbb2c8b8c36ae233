"""What can be bought, and how much of it is in place: options and deployments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from coresponse.data.cards import table_card
from coresponse.data.words import natural


class Option(NamedTuple):
    """One thing that can be bought: a responder type at a post on a shift pattern."""

    responder_type: str
    post_id: str
    shift_pattern: str


def by_name(option: Option) -> tuple[object, ...]:
    """Return what options are sorted by: type, post and shift, Post 2 before Post 10."""
    return option.responder_type, natural(option.post_id), option.shift_pattern


@dataclass(frozen=True, repr=False)
class Deployment:
    """How many of each option are in place.

    Parameters
    ----------
    name
        Shown to people, such as ``today`` or ``plan``.
    counts
        (option, count) pairs, in the order of :func:`by_name`, counts above zero.
    """

    name: str
    counts: tuple[tuple[Option, int], ...] = ()

    @classmethod
    def of(
        cls, name: str, counts: Mapping[Option, int] | Iterable[tuple[Option, int]]
    ) -> Deployment:
        """Build from counts in any order; repeats add up, zeros fall away."""
        pairs = counts.items() if isinstance(counts, Mapping) else counts
        total: dict[Option, int] = {}
        for option, count in pairs:
            total[Option(*option)] = total.get(Option(*option), 0) + int(count)
        there = [option for option, count in total.items() if count]
        return cls(name, tuple((option, total[option]) for option in sorted(there, key=by_name)))

    def as_dict(self) -> dict[Option, int]:
        """Return counts by option."""
        return dict(self.counts)

    def frame(self) -> pd.DataFrame:
        """Return a table: `responder_type`, `post_id`, `shift_pattern`, `count`."""
        rows = [(*option, count) for option, count in self.counts]
        return pd.DataFrame(rows, columns=[*Option._fields, "count"])

    @property
    def size(self) -> int:
        """Responders in place, over all types."""
        return sum(count for _, count in self.counts)

    def by_type(self) -> dict[str, int]:
        """Responders in place by type."""
        out: dict[str, int] = {}
        for option, count in self.counts:
            out[option.responder_type] = out.get(option.responder_type, 0) + count
        return out

    def __repr__(self) -> str:
        """Say it in a line."""
        return f"<Deployment {self.name!r}: {self._size_in_words()}>"

    def _size_in_words(self) -> str:
        parts = [f"{count} {kind}" for kind, count in sorted(self.by_type().items())]
        posts = len({option.post_id for option, _ in self.counts})
        return f"{', '.join(parts)} at {posts} posts" if parts else "nobody"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        return table_card(f"{self.name}: {self._size_in_words()}", self.frame())
