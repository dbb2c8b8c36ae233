"""Times as dispatch systems write them, brought to one time zone."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.calls.fixed_times import parse_fixed
from coresponse.data.errors import InputError
from coresponse.data.tables.cells import as_text

# Tried in this order; with slashes the month goes first, as in North America.
#
# ISO 8601 may have fractions.
FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y-%m-%d %I:%M %p",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%y %H:%M",
    "%m/%d/%y %H:%M:%S",
    "%m/%d/%y %I:%M:%S %p",
    "%m/%d/%y %I:%M %p",
    "%m/%d/%Y %H:%M:%S.%f",
    "%m/%d/%Y %I:%M:%S.%f %p",
    "%m-%d-%Y %H:%M:%S",
    "%m-%d-%Y %I:%M:%S %p",
    "%m-%d-%Y %H:%M",
    "%d-%b-%Y %H:%M:%S",
    "%b %d %Y %I:%M%p",
    "%m/%d/%Y",
    "%Y/%m/%d %H:%M",
    "%d.%m.%y %H:%M",
    "%d.%m.%y %H:%M:%S",
    "%d.%m.%Y",
    "%d-%b-%Y %H:%M",
    "%d-%b-%Y %I:%M:%S %p",
    "%d-%b-%y %H:%M",
    "%d-%b-%y %I:%M:%S %p",
    "%d-%b-%y %I.%M.%S.%f %p",
    "%d-%b-%Y",
    "%d%b%Y:%H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%d %b %Y %I:%M %p",
    "%d %b %Y",
    "%d %B %Y %H:%M:%S",
    "%d %B %Y %H:%M",
    "%d %B %Y %I:%M %p",
    "%d %B %Y",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y %H:%M",
    "%b %d, %Y %H:%M:%S",
    "%B %d, %Y %I:%M:%S %p",
    "%B %d, %Y %I:%M %p",
    "%B %d, %Y %H:%M",
    "%B %d, %Y %H:%M:%S",
    "%B %d, %Y",
    "%b %d %Y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%m/%d/%y",
    "%Y/%m/%d",
    "%Y%m%d",
    "ISO8601",
)

# formats with a name of a month or day, or AM and PM: no cell of digits and signs alone has one
_WORDED = {form for form in FORMATS if any(part in form for part in ("%a", "%b", "%B", "%p"))}
_WORD = "[^0-9 :/.,-]"

# [ ] and [0-9] in place of \s and \d, for with those pandas leaves Arrow's fast expressions
_ISO = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]*)?$"
_ZONED = (
    ":[0-9]{2}(?:[.][0-9]+)?(?:[ ]?[AaPp][Mm])?[ ]*(?:[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)$"
)
_ZONE = "[ ]*(?:[Zz]|UTC|GMT|([+-])([0-9]{2}):?([0-9]{2})?)$"
# Seconds, milliseconds or microseconds since 1970, as servers write times: from 2001 to 2033.
_EPOCH = "^1[0-9]{9}(?:[0-9]{3}|[0-9]{6})?(?:[.][0-9]+)?$"

# Parts of a second by the number of digits.
_EPOCH_UNITS = {10: 1, 13: 1_000, 16: 1_000_000}

# 2:05 p.m.
_DOTTED = "([AaPp])[.][ ]?[Mm][.]?"

# Zones of whichever machine reads them, and copies that count leap seconds: no city's.
_OF_THE_MACHINE = {"localtime", "posixrules", "Factory"}

# Minutes from UTC of the easternmost and westernmost clocks (Kiritimati, Baker Island).
_FARTHEST_AHEAD, _FARTHEST_BEHIND = 14 * 60, 12 * 60

EARLIEST, LATEST = np.datetime64("1970-01-02", "ns"), np.datetime64("2200-01-01", "ns")
# the form of a column shows in so many cells, taken from all over the file
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
    """Return a time zone by its IANA name.

    None means that local time is kept as it stands (as if UTC).

    Raises
    ------
    InputError
        If there is no such zone.
    """
    text = name or "UTC"
    try:
        if text in _OF_THE_MACHINE or text.startswith(("posix/", "right/")):
            raise ValueError(text)  # noqa: TRY301 -- told below, with names that are none
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"time zone {name!r} is not known -- write an IANA name such as America/New_York"
        ) from None


def parse_times(values: pd.Series, zone: ZoneInfo) -> Times:
    """Parse a column of times.

    Times with an offset are taken at their word; times without are local times of `zone`. A local
    time that occurs twice (clocks set back) is taken as the first.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        blank = values.isna().to_numpy()
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            placed = _within(values.dt.tz_convert("UTC").dt.tz_localize(None))
            return _checked(placed, blank, placed.isna().to_numpy())
        return _localized(_within(values), np.zeros(len(values), dtype=bool), zone, blank)
    text = as_text(values)
    blank = text.isin(["", "NULL", "null"]).to_numpy()
    nothing = np.full(len(values), np.datetime64("NaT", "ns"))
    if blank.all():
        return Times(nothing, np.zeros(len(values), dtype=bool))
    zoned = text.str.contains(_ZONED, regex=True).to_numpy() & ~blank
    epoch = text.str.contains(_EPOCH, regex=True).to_numpy()
    plain = ~blank & ~zoned & ~epoch
    parsed = pd.Series(nothing.copy())
    parsed[plain] = _plain(text[plain]).to_numpy()
    local = _localized(_within(parsed), ~plain, zone, blank)
    if plain.sum() + blank.sum() == len(text):
        return local
    utc = local.utc.copy()
    utc[zoned] = _with_offset(text[zoned])
    if epoch.any():
        utc[epoch] = _since_1970(text[epoch])
    checked = _checked(pd.Series(utc), blank, np.isnat(utc))
    return Times(checked.utc, checked.bad, local.moved)


def _within(values: pd.Series) -> pd.Series:
    """Return times of any unit as nanoseconds; NaT for those that are far out of range.

    Nanoseconds, and shifts between zones, end in 2262: an open end such as 9999-12-31 would wrap
    round to a time that nobody wrote.
    """
    found = values.to_numpy()
    unit = np.datetime_data(found.dtype)[0]
    day = np.timedelta64(1, "D").astype(f"timedelta64[{unit}]")
    low, high = (edge.astype(f"datetime64[{unit}]") for edge in (EARLIEST, LATEST))
    out = np.full(len(found), np.datetime64("NaT", "ns"))
    kept = (found >= low - day) & (found <= high + day)
    out[kept] = found[kept].astype("datetime64[ns]")
    return pd.Series(out)


def _since_1970(text: pd.Series) -> NDArray[np.datetime64]:
    whole, rest = (text.str.partition(".")[k] for k in (0, 2))
    per_s = whole.str.len().map(_EPOCH_UNITS).to_numpy().astype(np.int64)
    nanoseconds = whole.astype(np.int64).to_numpy() * (1_000_000_000 // per_s)
    part = ("0." + rest + "0").astype(float).to_numpy()
    found: NDArray[np.int64] = nanoseconds + (part * 1e9 / per_s).astype(np.int64)
    return found.astype("datetime64[ns]")


def _with_offset(text: pd.Series) -> NDArray[np.datetime64]:
    """Parse times that end with Z or an offset."""
    zone = text.str.extract(_ZONE)
    minutes = zone[1].fillna("0").astype(int) * 60 + zone[2].fillna("0").astype(int)
    behind = (zone[0] == "-").to_numpy()
    none = (minutes > np.where(behind, _FARTHEST_BEHIND, _FARTHEST_AHEAD)) | (
        zone[2].fillna("0").astype(int) > 59
    )
    ahead = np.where(behind, -minutes, minutes)
    local = _plain(text.str.replace(_ZONE, "", regex=True))
    utc: NDArray[np.datetime64] = local.to_numpy() - ahead.astype("timedelta64[m]")
    utc[none.to_numpy()] = np.datetime64("NaT")
    return utc


def _plain(text: pd.Series) -> pd.Series:
    """Parse local times: the format that fits a sample best, then the others for what is left."""
    step = max(1, len(text) // _SAMPLE)
    if text.iloc[::step].str.contains("[AaPp][.]", regex=True).any():
        text = text.str.replace(_DOTTED, r"\1m", regex=True)
    out = pd.Series(np.full(len(text), np.datetime64("NaT", "ns")), index=text.index)
    left = text.notna()
    for name in _by_fit(text.iloc[::step], whole=step == 1):
        if not left.any():
            break
        found = _parse(text[left], name)
        good = (
            found.notna()
            & (found >= pd.Timestamp("1677-10-01"))
            & (found <= pd.Timestamp("2262-01-01"))
        )
        out[found.index[good]] = found[good].to_numpy().astype("datetime64[ns]")
        left &= out.isna()
    return out


def _by_fit(sample: pd.Series, *, whole: bool) -> list[str]:
    """Return the formats, the one that fits most of a sample first.

    Where the sample is the whole, those that fit none of it are left out.
    """
    fitting: list[int] = []
    worded = sample[sample.str.contains(_WORD, regex=True, na=False)]
    for form in FORMATS:
        may = worded if form in _WORDED else sample
        fitting.append(int(_parse(may, form).notna().sum()) if len(may) else 0)
        if fitting[-1] == len(sample):
            break
    best = FORMATS[fitting.index(max(fitting))]
    none = {form for form, fits in zip(FORMATS, fitting, strict=False) if whole and not fits}
    return [best, *(form for form in FORMATS if form != best and form not in none)]


def _parse(text: pd.Series, form: str) -> pd.Series:
    if form == "ISO8601":  # which would take 1545 for a year
        return pd.to_datetime(
            text.where(text.str.contains(_ISO, regex=True)), format=form, errors="coerce"
        )
    found = parse_fixed(text, form).astype("datetime64[us]")
    rest = np.isnat(found)
    if rest.any():
        read = pd.to_datetime(text[rest], format=form, errors="coerce")
        found[rest] = read.to_numpy().astype("datetime64[us]")
    return pd.Series(found, index=text.index)


def _localized(
    local: pd.Series, skip: NDArray[np.bool_], zone: ZoneInfo, blank: NDArray[np.bool_]
) -> Times:
    bad = local.isna().to_numpy() & ~skip
    if zone.key == "UTC":
        return _checked(local, blank, bad)
    known = pd.DatetimeIndex(local)
    first = np.ones(len(known), dtype=bool)
    placed = known.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    moved = int((placed.tz_localize(None) != known)[known.notna()].sum())
    checked = _checked(pd.Series(placed.tz_convert("UTC").tz_localize(None)), blank, bad)
    return Times(checked.utc, checked.bad, moved)


def _checked(
    utc: pd.Series, blank: NDArray[np.bool_], bad: NDArray[np.bool_] | None = None
) -> Times:
    values = utc.to_numpy().astype("datetime64[ns]")
    out_of_range = ~np.isnat(values) & ((values < EARLIEST) | (values > LATEST))
    values = np.where(out_of_range, np.datetime64("NaT", "ns"), values)
    wrong = out_of_range | (np.zeros(len(values), dtype=bool) if bad is None else bad)
    return Times(values, wrong & ~blank)
