"""What may be shown of a comparison with recorded times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from coresponse.coverage.validation.compare import Verdict
from coresponse.data.words import listed
from coresponse.publish.disclosure import Disclosure
from coresponse.publish.facts import Facts

# What people call groups: one of them, and several.
WORDS = {
    "district": ("district", "districts"),
    "hour": ("three-hour block", "three-hour blocks"),
    "unit": ("unit", "units"),
    "class": ("call class", "call classes"),
}
# Groups that stand out which a sentence names.
MOST_NAMED = 4


@dataclass(frozen=True, eq=False)
class CalibrationPublication:
    """Speeds that fit the records.

    Attributes
    ----------
    used
        Whether anything is changed.
    speeds
        One row a period, then one a class of roads on top of it: `applies_to`, `speed_of_stated`.
    delay_min
        From the clock's start to the first turn of the wheels.
    before, after
        Recorded over modeled times less 1 on days not fitted: as stated, and calibrated.
    sentence
        What came out.
    steps
        What was tried, whether it was taken, and why.
    crews
        One row a responder type: `applies_to`, `better` (whether fitted figures are taken), `speed_of_stated` (over the
        periods), `delay_min`, `delay_spread`, `drive_spread`; NaN where too few records tell.
    call_taking
        What records say of the time from receipt to dispatch; empty: they do not.
    """

    used: bool
    speeds: pd.DataFrame
    delay_min: float
    before: float | None
    after: float | None
    sentence: str
    steps: tuple[str, ...]
    crews: pd.DataFrame
    call_taking: str


@dataclass(frozen=True, eq=False)
class ValidationPublication:
    """A model beside the records, as it may be shown.

    Attributes
    ----------
    disclosure
        What it lifts.
    days
        Of the history.
    verdict
        Whether the model fits.
    sentences
        What came out, the verdict first.
    clock
        What a recorded time is, in words.
    table
        One row for all records and one a group that may be shown; see :data:`COLUMNS`.
    left_out
        Groups that are not shown, by what they are grouped by.
    set_aside
        Records that were not used: `reason`, `reason_count` as a range.
    calibration
        None where speeds could not be fitted.
    """

    disclosure: Disclosure
    facts: Facts
    days: int
    verdict: Verdict
    sentences: tuple[str, ...]
    clock: str
    table: pd.DataFrame
    left_out: Mapping[str, int]
    set_aside: pd.DataFrame
    calibration: CalibrationPublication | None

    @property
    def in_short(self) -> tuple[str, ...]:
        """What came out in three sentences: the verdict, the groups that stand out, the speeds."""
        kinds = [kind for kind in WORDS if len(self.group(kind)) > 1]
        out = {kind: self.group(kind).query("stands_out == 'yes'") for kind in kinds}
        names = [str(name) for rows in out.values() for name in rows["group"]]
        said = [self.sentences[0]]
        if names and self.verdict != "cannot tell":
            shown = [self.group_titles.get(name, name) for name in names[:MOST_NAMED]]
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            said.append(f"Farther off than the city as a whole: {', '.join(shown)}{more}.")
        elif kinds and self.verdict != "cannot tell":
            said.append(f"No {listed([WORDS[kind][0] for kind in kinds], 'or')} stands out.")
        elif self.verdict == "cannot tell":
            said += self.sentences[1:2]
        if self.calibration is not None:
            said.append(self.calibration.sentence)
        return tuple(said)

    @property
    def group_titles(self) -> dict[str, str]:
        """What people read of groups that have a title: call classes."""
        return {name: kind.title for name, kind in self.facts.program.call_classes.items()}

    def group(self, kind: str) -> pd.DataFrame:
        """Return the rows of one kind of group, such as ``district``."""
        return self.table[self.table["grouped_by"] == kind].reset_index(drop=True)
