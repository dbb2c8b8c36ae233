"""Times written with a fixed number of digits, read column by column rather than row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_WIDTH = {"Y": 4, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2, "p": 2}
_ZERO = ord("0")

_Bytes = NDArray[np.uint8]
_Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Layout:
    """Where a format has its digits and what stands between them."""

    starts: dict[str, int]
    literals: tuple[tuple[int, int], ...]
    length: int


def parse_fixed(text: pd.Series, form: str) -> NDArray[np.datetime64]:
    """Parse times that are written just as `form` says, every number with all its digits.

    Parameters
    ----------
    text
        (n,) str, none absent.
    form
        As for strptime.

    Returns
    -------
    numpy.ndarray
        (n,) datetime64[s]; NaT for whatever is not in that form or no time, such as 30 February.
    """
    out = np.full(len(text), np.datetime64("NaT", "s"))
    layout = _layout(form)
    if layout is None or not len(text):
        return out
    array = pa.array(text, type=pa.large_string())
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    fits = pc.equal(pc.binary_length(whole), layout.length).to_numpy(zero_copy_only=False)
    if fits.any():
        out[fits] = _times(_matrix(whole.filter(pa.array(fits)), layout.length), layout)
    return out


def _layout(form: str) -> _Layout | None:
    starts: dict[str, int] = {}
    literals: list[tuple[int, int]] = []
    at = 0
    letters = iter(form)
    for letter in letters:
        if letter == "%":
            name = next(letters)
            if name not in _WIDTH:
                return None
            starts[name] = at
            at += _WIDTH[name]
        else:
            literals.append((at, ord(letter)))
            at += 1
    if not {"Y", "m", "d"} <= starts.keys() or ("I" in starts) != ("p" in starts):
        return None
    return _Layout(starts, tuple(literals), at)


def _matrix(array: pa.Array, length: int) -> _Bytes:
    """Return the characters of strings of one length, a row each."""
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)
    start = int(offsets[array.offset])
    data = np.frombuffer(array.buffers()[2], dtype=np.uint8)
    return data[start : start + len(array) * length].reshape(len(array), length)


def _times(letters: _Bytes, layout: _Layout) -> NDArray[np.datetime64]:
    good = np.ones(len(letters), dtype=bool)
    for at, literal in layout.literals:
        good &= letters[:, at] == literal
    year, month, day = (_number(letters, layout, name, good) for name in "Ymd")
    minute, second = (_number(letters, layout, name, good) for name in "MS")
    hour = _hour(letters, layout, good)
    good &= (
        (month >= 1) & (month <= 12) & (day >= 1) & (hour <= 23) & (minute <= 59) & (second <= 59)
    )
    months = np.where(good, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    days_in_month = ((months + 1).astype("datetime64[M]").astype("datetime64[D]") - first).astype(
        np.int64
    )
    good &= day <= days_in_month
    seconds = (first.astype(np.int64) + day - 1) * 86_400 + hour * 3600 + minute * 60 + second
    return np.where(good, seconds, np.iinfo(np.int64).min).astype("datetime64[s]")


def _number(letters: _Bytes, layout: _Layout, name: str, good: NDArray[np.bool_]) -> _Ints:
    """Return a number, 0 where the format has none.

    `good` is cleared where a character is no digit.
    """
    value = np.zeros(len(letters), dtype=np.int64)
    if name in layout.starts:
        for at in range(layout.starts[name], layout.starts[name] + _WIDTH[name]):
            digit = letters[:, at] - _ZERO  # wraps round below zero
            good &= digit <= 9
            value = value * 10 + digit
    return value


def _hour(letters: _Bytes, layout: _Layout, good: NDArray[np.bool_]) -> _Ints:
    if "I" not in layout.starts:
        return _number(letters, layout, "H", good)
    hour = _number(letters, layout, "I", good)
    good &= (hour >= 1) & (hour <= 12)
    half, m = (letters[:, layout.starts["p"] + i] | 0x20 for i in (0, 1))  # lower case
    good &= ((half == ord("a")) | (half == ord("p"))) & (m == ord("m"))
    return hour % 12 + np.where(half == ord("p"), 12, 0)
