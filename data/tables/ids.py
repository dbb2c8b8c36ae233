"""Ids that are none: what systems write where there is no number."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_WORDS = frozenset({
    "", "na", "nan", "nat", "nil", "none", "null", "unk", "unknown", "tbd", "tba", "blank", "missing", "pending",
    "notavailable", "notapplicable", "notassigned", "unassigned", "noid", "nonumber", "void", "undefined", "xx", "xxx",
    "xxxx", "ref", "value", "error", "false", "nonegiven", "notgiven", "notentered",
})  # fmt: skip
# placeholders are words; longer texts without a digit are ids of another kind, or names
_LONGEST = 24


def none_ids(ids: pd.Series[str], *, zeros: bool = True) -> NDArray[np.bool_]:
    """Return where an id is a word for none, such as NA, null, - or 0; blanks are not marked.

    Parameters
    ----------
    ids
        (n,) str.
    zeros
        Whether 0, 000 and 0.0 are such words.
    """
    # no such word has one of these digits: nearly all ids are told apart by it, at Arrow's pace
    maybe = ~ids.str.contains("[1-9]", regex=True) & (ids.str.len() <= _LONGEST) & (ids != "")
    words = {text for text in ids[maybe].unique() if _is_none(str(text), zeros=zeros)}
    return np.asarray(ids.isin(words)) if words else np.zeros(len(ids), dtype=bool)


def _is_none(text: str, *, zeros: bool) -> bool:
    bare = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())
    return bare in _WORDS or (zeros and bare != "" and not bare.strip("0"))
