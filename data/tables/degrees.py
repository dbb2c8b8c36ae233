"""Coordinates as people write them: ``39.99 N, 105.02 W``, ``39°59'24" N 105°1'12" W``, ``39,99; -105,02``."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.errors import InputError

Axis = Literal["x", "y", ""]

_HEMISPHERE: dict[str, tuple[Axis, float]] = {
    "N": ("y", 1.0), "S": ("y", -1.0), "E": ("x", 1.0), "W": ("x", -1.0),
}  # fmt: skip
# West in Spanish and French (oeste, ouest), east in German (Ost): nobody can tell from the cell.
_AMBIGUOUS = "O"

# The signs that keyboards and word processors make of degrees, minutes and seconds.
_SIGNS = str.maketrans(
    {**dict.fromkeys("\u00ba\u02da", "\u00b0"), **dict.fromkeys("\u2032\u2019\u2018\u00b4", "'"),
     **dict.fromkeys("\u2033\u201d\u201c", '"'), **dict.fromkeys("\u2212\u2013", "-"),
     **dict.fromkeys("\u00a0\n\t", " ")}
)  # fmt: skip

_DECIMAL = r"\d+(?:[.,]\d+)?"
_ANGLE = (
    rf"(?P<sign{{0}}>[-+])?\s*(?P<degrees{{0}}>{_DECIMAL})\s*°?"
    rf"(?:\s*(?P<minutes{{0}}>{_DECIMAL})\s*'?(?:\s*(?P<seconds{{0}}>{_DECIMAL})\s*(?:\"|'')?)?)?"
)
_LETTER = "(?P<letter{0}>[NSEWO])"
# the letter behind the angle, before it, or none
_FORMS = (rf"{_ANGLE}\s*{_LETTER}", rf"{_LETTER}\s*{_ANGLE}", rf"(?P<letter{{0}}>){_ANGLE}")
_SINGLE = tuple(re.compile(form.format("")) for form in _FORMS)
# a comma between the two has a space, a letter or a sign beside it where commas stand for points
_BETWEEN = r"(?:\s*[;/]\s*|\s*,\s+|\s+|(?<=[NSEWO'\"°])\s*,?|,(?=[-+NSEWO]))"
_PAIRS = tuple(
    re.compile(rf"\(?\s*{form.format('1')}{_BETWEEN}{form.format('2')}\s*\)?") for form in _FORMS
)
# What nothing but a coordinate is made of: no street has a name of such letters alone.
_FORM = r"[\s\d.,;:/()+\-°'\"NSEWO]*\d[\s\d.,;:/()+\-°'\"NSEWO]*"
# A house number with a point of the compass, such as ``12 N``, tells no degrees.
_TELLING = r"[°;]|\d[.,]\d|\d\s+\d+\s+\d+\s*[NSEW]"


class Written(NamedTuple):
    """One coordinate: its value, which it is by its letter, and whether nobody can tell its letter."""

    value: float
    axis: Axis
    ambiguous: bool


def looks_like_degrees(text: pd.Series[str]) -> pd.Series[bool]:
    """Say which cells are written as coordinates are, whether or not they are understood."""
    plain = text.str.translate(_SIGNS).str.upper()
    return plain.str.fullmatch(_FORM) & plain.str.contains(_TELLING)


def degrees_of_pairs(
    text: pd.Series[str], *, where: str, rows: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read both coordinates of cells; without letters latitude is first.

    Parameters
    ----------
    text
        (n,) cells, '' where there is none.
    where
        The file and column, for people.
    rows
        (n,) of the file.

    Returns
    -------
    x, y
        (n,) longitude and latitude; NaN where a cell is not understood.

    Raises
    ------
    InputError
        If a letter may be east or west.
    """
    x, y = np.full(len(text), np.nan), np.full(len(text), np.nan)
    for i in np.flatnonzero(looks_like_degrees(text).to_numpy()):
        match = _matched(_PAIRS, text.iloc[i])
        if match is None or _no_whole(match):
            continue
        first, second = (_written(match, k) for k in ("1", "2"))
        if first is None or second is None:
            continue
        _refuse_ambiguous(first.ambiguous or second.ambiguous, text, int(i), where, rows)
        if {first.axis, second.axis} == {"x", "y"} and first.axis == "x":
            first, second = second, first
        if first.axis in {"y", ""} and second.axis in {"x", ""}:
            x[i], y[i] = second.value, first.value
    return x, y


def degrees_of_column(
    text: pd.Series[str], axis: Axis, *, where: str, rows: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Read a column of longitudes (x) or latitudes (y) that are no plain numbers; NaN where a cell is not understood.

    Raises
    ------
    InputError
        If a letter may be east or west, or is of the other coordinate.
    """
    out = np.full(len(text), np.nan)
    for i in np.flatnonzero((text != "").to_numpy()):
        match = _matched(_SINGLE, text.iloc[i])
        found = None if match is None else _written(match, "")
        if found is None:
            continue
        _refuse_ambiguous(found.ambiguous, text, int(i), where, rows)
        if found.axis not in {"", axis}:
            kinds = {"x": "longitudes, E or W", "y": "latitudes, N or S", "": ""}
            raise InputError(
                f"{where}, {_row(int(i), rows)}: {text.iloc[i]!r} is in a column of {kinds[axis]} -- "
                "exchange the two columns: columns.longitude and columns.latitude"
            )
        out[i] = found.value
    return out


def _matched(forms: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    plain = text.translate(_SIGNS).upper().strip()
    return next((found for form in forms if (found := form.fullmatch(plain))), None)


def _no_whole(match: re.Match[str]) -> bool:
    """Whether two whole numbers stand side by side, which may be anything."""
    told = [match[f"{name}{k}"] for name in ("letter", "minutes") for k in (1, 2)]
    points = [re.search(r"[.,]", match[f"degrees{k}"]) for k in (1, 2)]
    return not any(told) and not all(points)


def _written(match: re.Match[str], k: str) -> Written | None:
    """Return a coordinate; None where its parts are no angle."""
    parts = [match[f"{name}{k}"] for name in ("degrees", "minutes", "seconds")]
    degrees, *finer = (float(part.replace(",", ".")) for part in parts if part is not None)
    # of an angle, only the last part has a fraction, and sixty minutes are a degree
    broken = any(re.search(r"[.,]", part) for part in parts[: len(finer)] if part)
    if broken or any(part >= 60 for part in finer):
        return None
    value = degrees + sum(part / 60**n for n, part in enumerate(finer, start=1))
    letter = match[f"letter{k}"]
    if letter == _AMBIGUOUS:
        return Written(value, "x", ambiguous=True)
    axis, way = _HEMISPHERE.get(letter, ("", 1.0))
    # ``-105.02 W`` is west once
    return Written(-value if way < 0 or match[f"sign{k}"] == "-" else value, axis, ambiguous=False)


def _refuse_ambiguous(
    ambiguous: bool, text: pd.Series[str], i: int, where: str, rows: NDArray[np.int64] | None
) -> None:
    if ambiguous:
        raise InputError(
            f"{where}, {_row(i, rows)}: {text.iloc[i]!r}: the letter O is west in Spanish and French "
            "(oeste, ouest) and east in German (Ost) -- write W or E, or degrees with a sign, west "
            "below 0"
        )


def _row(i: int, rows: NDArray[np.int64] | None) -> str:
    return f"row {i + 1 if rows is None else int(rows[i])}"
