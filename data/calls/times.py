"""Times as dispatch systems write them, brought to one time zone."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.errors import InputError

FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%y %H:%M",
)
"""Tried in this order; with slashes the month goes first, as in North America. ISO 8601 may have fractions, offsets."""

EARLIEST, LATEST = np.datetime64("1970-01-02", "ns"), np.datetime64("2200-01-01", "ns")
_SAMPLE = 200


@dataclass(frozen=True, eq=False)
class Times:
    """Parsed times.

    Attributes
    ----------
    utc
        (n,) datetime64[ns] in UTC, NaT where blank or bad.
    bad
        (n,) bool: text that is no time, or a time before 1970 or after 2200.
    moved
        How many fell into an hour that the clocks skip in spring, and were moved past it.
    """

    utc: NDArray[np.datetime64]
    bad: NDArray[np.bool_]
    moved: int = 0


def time_zone(name: str | None) -> ZoneInfo:
    """Return a time zone by its IANA name; none means that local time is kept as it stands (as if UTC).

    Raises
    ------
    InputError
        If there is no such zone.
    """
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"time zone {name!r} is not known -- write an IANA name such as America/New_York") from None


def parse_times(values: pd.Series, zone: ZoneInfo) -> Times:
    """Parse a column of times.

    Times with an offset are taken at their word; times without are local times of `zone`. A local time that occurs
    twice (clocks set back) is taken as the first.
    """
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return _checked(values.dt.tz_convert("UTC").dt.tz_localize(None), np.zeros(len(values), dtype=bool))
    if pd.api.types.is_datetime64_any_dtype(values):
        blank = values.isna().to_numpy()
        return _localized(values, np.zeros(len(values), dtype=bool), zone, blank)
    text = values.astype("str").str.strip()
    blank = (values.isna() | text.isin(["", "NaT", "None", "nan", "NULL", "null"])).to_numpy()
    if blank.all():
        return Times(np.full(len(values), np.datetime64("NaT", "ns")), np.zeros(len(values), dtype=bool))
    offset = text.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True).to_numpy() & ~blank
    parsed = pd.Series(np.full(len(values), np.datetime64("NaT", "ns")))
    plain = ~blank & ~offset
    parsed[plain] = _plain(text[plain]).to_numpy()
    local = _localized(parsed, blank | offset, zone, blank)
    if not offset.any():
        return Times(local.utc, local.bad & ~blank, local.moved)
    aware = pd.to_datetime(text[offset], utc=True, errors="coerce", format="ISO8601").dt.tz_localize(None)
    utc = local.utc.copy()
    utc[offset] = aware.to_numpy().astype("datetime64[ns]")
    checked = _checked(pd.Series(utc), blank)
    return Times(checked.utc, checked.bad, local.moved)


def _plain(text: pd.Series) -> pd.Series:
    """Parse local times: the format that fits a sample best, then the others for what is left."""
    sample = text.iloc[:: max(1, len(text) // _SAMPLE)]
    fits = [(-int(pd.to_datetime(sample, format=f, errors="coerce").notna().sum()), i) for i, f in enumerate(FORMATS)]
    out = pd.Series(np.full(len(text), np.datetime64("NaT", "ns")), index=text.index)
    left = text.notna()
    for name in (*(FORMATS[i] for _, i in sorted(fits)), "ISO8601"):
        if not left.any():
            break
        found = pd.to_datetime(text[left], format=name, errors="coerce")
        good = found.notna() & (found >= pd.Timestamp("1677-10-01")) & (found <= pd.Timestamp("2262-01-01"))
        out[found.index[good]] = found[good].to_numpy().astype("datetime64[ns]")
        left &= out.isna()
    return out


def _localized(local: pd.Series, skip: NDArray[np.bool_], zone: ZoneInfo, blank: NDArray[np.bool_]) -> Times:
    bad = local.isna().to_numpy() & ~skip
    if zone.key == "UTC":
        return _checked(local, blank, bad)
    known = pd.DatetimeIndex(local)
    first = np.ones(len(known), dtype=bool)
    placed = known.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    moved = int((placed.tz_localize(None) != known)[known.notna()].sum())
    checked = _checked(pd.Series(placed.tz_convert("UTC").tz_localize(None)), blank, bad)
    return Times(checked.utc, checked.bad, moved)


def _checked(utc: pd.Series, blank: NDArray[np.bool_], bad: NDArray[np.bool_] | None = None) -> Times:
    values = utc.to_numpy().astype("datetime64[ns]")
    out_of_range = ~np.isnat(values) & ((values < EARLIEST) | (values > LATEST))
    values = np.where(out_of_range, np.datetime64("NaT", "ns"), values)
    wrong = out_of_range | (np.zeros(len(values), dtype=bool) if bad is None else bad)
    return Times(values, wrong & ~blank)
