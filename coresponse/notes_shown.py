"""Notes of readers and models as they are shown.

With bands in place of counts, and months in place of days.
"""

from __future__ import annotations

import re

from coresponse.coverage.suppress import band

COUNT = re.compile(
    r"(?<![\w.,:-])\d[\d,]*(?= (?:recorded |real )?(?:calls?|values?|times?|rows?|arrivals?)\b)"
)
"""A count of rows in a note.

Large ones are bands as well: from a total they would leave a small one over.
"""

DAY = re.compile(r"\b(\d{4}-\d\d)-\d\d\b")
"""A day in a note, which is the day of a call."""


def shown_note(note: str, *, internal: bool = False) -> str:
    """Return a note with counts of rows in their bands and days as months, unless it is internal."""
    if internal:
        return note
    return DAY.sub(r"\1", COUNT.sub(lambda found: band(int(found[0].replace(",", ""))), note))
