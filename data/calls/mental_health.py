"""A column that says which calls were about mental health: a flag, a disposition, or words.

Codes hide most of them (Koziarski et al. 2022: 0.9% of calls by code, 10.8% by text and outcome).
Where somebody noted it call by call, that stands before any share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from coresponse.data.errors import InputError, Proposal
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.dictionary import plain
from coresponse.data.wildcards import MOST_LETTERS, wildcard

YES, NO, UNKNOWN = "yes", "no", ""

FLAGGED = ("Y", "YES", "TRUE", "T", "1", "X")
NOT_FLAGGED = ("N", "NO", "FALSE", "F", "0", "NONE", "N/A")
# What dispositions and remarks say of calls about mental health; an agency's own words go into the study.
WORDS = (
    "*MENTAL*", "*PSYCH*", "*BEHAVIORAL HEALTH*", "*EMOTIONALLY DISTURBED*", "*SUICID*", "*BAKER ACT*", "*5150*",
)  # fmt: skip

_FLAGS = (
    "mentalhealth",
    "mental",
    "behavioralhealth",
    "mhflag",
    "ismh",
    "mhind",
    "mhrelated",
    "citflag",
    "edpflag",
)
_OTHERS = (
    "dispo", "clearance", "clearcode", "closing", "outcome", "result", "resolution", "remark", "comment", "narrative",
    "notes",
)  # fmt: skip
_SHORT = {"mh", "edp", "cit", "bh"}

# Rows in which words are looked for before a column is proposed.
MOST_LOOKED_AT = 50_000

# Share of rows that say so above which a column says it of everything, and so of nothing.
MOST_SAID = 0.9


@dataclass(frozen=True)
class MentalHealthColumn:
    """Which column says it, and how.

    Attributes
    ----------
    column
        Name in the files.
    says_so
        Values of calls about mental health, as rules for codes: exact, or with wildcards.
    says_not
        Values of calls that are not. A blank is not known where some call says not, else it says
        not.
    """

    column: str
    says_so: tuple[str, ...] = FLAGGED + WORDS
    says_not: tuple[str, ...] = NOT_FLAGGED

    def noted(self, values: pd.Series) -> pd.Series[str]:
        """Return ``yes``, ``no`` or '' for each cell; '' where nothing was written."""
        text = as_text(values).str.slice(0, MOST_LETTERS).str.strip().str.casefold()
        so, says_not = (
            tuple(r.strip().casefold() for r in rules) for rules in (self.says_so, self.says_not)
        )
        found = {one: _said(one, so, says_not) for one in text.unique()}
        return text.map(found).astype(str)


def _said(text: str, so: Iterable[str], says_not: Iterable[str]) -> str:
    if not text:
        return UNKNOWN
    if any(wildcard(rule, text) for rule in says_not):
        return NO
    return YES if any(wildcard(rule, text) for rule in so) else NO


def resolved(noted: pd.Series[str]) -> pd.Series[str]:
    """Take blanks for no, unless somewhere in the history no is written out."""
    if (noted == NO).any():
        return noted
    return noted.where(noted == YES, NO)


def column_of(wanted: MentalHealthColumn | None, present: Iterable[str]) -> str:
    """Return the file's name of the stated column; '' if it has none, or none is stated."""
    if wanted is None:
        return ""
    return next((name for name in present if plain(name) == plain(wanted.column)), "")


def refuse_if_nowhere(wanted: MentalHealthColumn | None, found: Iterable[str], files: str) -> None:
    """Refuse a stated column that no file has.

    Raises
    ------
    InputError
        With the cure.
    """
    if wanted is not None and not any(found):
        raise InputError(
            f"{files}: no column {wanted.column!r}, which mental_health under [calls] names -- "
            "write the column's own name, or take the line out"
        )


def proposed(frame: pd.DataFrame, used: Iterable[str], file: str) -> tuple[Proposal, ...]:
    """Look for a column that says which calls were about mental health, and propose the line for it.

    Flags go before dispositions and remarks.

    Parameters
    ----------
    frame
        The file's cells.
    used
        Columns that serve as something else.
    """
    taken = set(used)
    flags, others = [], []
    for name in frame.columns:
        short = plain(str(name))
        if name in taken:
            continue
        if short in _SHORT or any(word in short for word in _FLAGS):
            flags.append(str(name))
        elif any(word in short for word in _OTHERS):
            others.append(str(name))
    for name in (*flags, *others):
        text = as_text(frame[name].head(MOST_LOOKED_AT)).str.strip()
        rules = FLAGGED if name in flags and _is_flag(text) else WORDS
        says_so = tuple(rule for rule in rules if _any_fits(rule, text))
        if not says_so:
            continue
        share = float((MentalHealthColumn(name, says_so).noted(text) == YES).mean())
        if 0 < share <= MOST_SAID:
            line = {"column": name, "says_so": list(says_so)}
            why = f"column {name!r} says so of {share:.1%} of rows"
            return (Proposal(file, "mental_health", line, why),)
    return ()


def _is_flag(text: pd.Series[str]) -> bool:
    known = {value.casefold() for value in (*FLAGGED, *NOT_FLAGGED, "")}
    return set(text.str.casefold().unique()) <= known


def _any_fits(rule: str, text: pd.Series[str]) -> bool:
    low = rule.casefold()
    return any(wildcard(low, one[:MOST_LETTERS].casefold()) for one in text.unique() if one)
