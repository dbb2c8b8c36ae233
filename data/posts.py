"""Posts: places where a responder may wait."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from coresponse.data.notes import Note
from coresponse.data.tables.reading import Reading


@dataclass(frozen=True, eq=False)
class Posts:
    """Posts on the road network, and those set aside.

    Attributes
    ----------
    frame
        One row a post, sorted by post_id, RangeIndex. Columns: `post_id`, `name`, `kind` str; `x`,
        `y` float64 meters in `crs`; `snap_m` float; `node` int32; `at_most` Int64 (most responders
        at it, NA: no limit of its own); `agency` str
        ('' where nobody says; may be absent).
    crs
        That of the road network.
    set_aside
        `source`, `source_row`, `post_id`, `name`, `reason`, `detail`.
    notes
        Sentences for people: ids that are made, kinds that were not used.
    readings
        What was made of each file.
    """

    frame: pd.DataFrame
    crs: str
    set_aside: pd.DataFrame
    notes: tuple[Note, ...] = ()
    readings: tuple[Reading, ...] = ()

    def __repr__(self) -> str:
        """Say it in a line."""
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in self.frame["kind"].value_counts().items())
        return f"<Posts {kinds or 'none'}; {len(self.set_aside):,} set aside>"
