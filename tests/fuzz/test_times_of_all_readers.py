"""Times in every form and kind of file: the instant that was written, or set aside with a reason.

``CORESPONSE_FUZZ_TIMES`` is the number of times (default 320). Each is known beforehand as a point
in time, by the standard library's clocks alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from coresponse.data.calls.read import BAD_TIME, NO_TIME, read_calls
from coresponse.data.calls.span import FAR_OUTSIDE
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid

TIMES = int(os.environ.get("CORESPONSE_FUZZ_TIMES", "320"))
A_FILE = 40
NETWORK = street_grid(6, 6, seed=2)
PROGRAM = load_program("mixed")
ZONES = (
    "America/New_York",
    "UTC",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/St_Johns",
)
FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
EDGES = [
    "0001-01-01 00:00:00", "1677-09-21 00:12:43", "1899-12-31 23:59:59", "1970-01-01 23:59:59", "1970-01-02 00:00:00",
    "2024-02-29 12:00:00", "2024-03-10 02:30:00", "2024-11-03 01:30:00", "2038-01-19 03:14:08", "2106-02-07 06:28:16",
    "2199-12-31 23:59:59", "2200-01-01 00:00:01", "2262-04-11 23:47:17", "2554-07-21 23:34:33", "9999-12-31 23:59:59",
]  # fmt: skip
NO_TIMES = [
    "", "0", "-1", "1e308", "nan", "inf", "24:00", "99999999999999999999", "2024-02-30 10:00:00", "2024-13-01 10:00:00",
    "2024-05-01 24:00:01", "2024-05-01 10:60:00", "10000-01-01 00:00:00", "2024-05-01 10:00:00+25:00",
    "\u0662\u0660\u0662\u0664-01-01",
    "soon", "=NOW()", "2024-05-01 10:00:00 EST5", "0000-00-00 00:00:00", "1/1/1", "\x00", "2024-W05-1", "'2024-05-01 10:00:00",
]  # fmt: skip


@dataclass(frozen=True)
class Form:
    """A way to write times: as text from a local time and its offset, or as a column of a type."""

    name: str
    write: Callable[[datetime], object]
    zoned: bool = False


def _text(form: str) -> Callable[[datetime], object]:
    return lambda when: when.strftime(form).replace(when.strftime("%Y"), f"{when.year:04d}", 1)


def _offset(when: datetime) -> str:
    return when.isoformat(" ", "seconds")


FORMS = [
    Form("iso", _text("%Y-%m-%d %H:%M:%S")),
    Form("iso T", _text("%Y-%m-%dT%H:%M:%S")),
    Form("north america", lambda when: when.strftime("%m/%d/") + f"{when.year:04d}" + when.strftime(" %H:%M:%S")),
    Form("12 hours", lambda when: when.strftime("%m/%d/") + f"{when.year:04d}" + when.strftime(" %I:%M:%S %p")),
    Form("german", lambda when: when.strftime("%d.%m.") + f"{when.year:04d}" + when.strftime(" %H:%M:%S")),
    Form("offset", _offset, zoned=True),
    Form("Z", lambda when: when.astimezone(UTC).isoformat("T", "seconds").replace("+00:00", "Z"), zoned=True),
]  # fmt: skip
TYPES = [(unit, zoned) for unit in ("s", "ms", "us") for zoned in (False, True)]


def _drawn(rng: np.random.Generator, count: int) -> list[datetime]:
    """Local times without a zone: edges, seasons of clocks, and any second of ten thousand years."""
    out = []
    for _ in range(count):
        kind = rng.random()
        if kind < 0.25:
            edge = datetime.fromisoformat(EDGES[int(rng.integers(len(EDGES)))])
            moved = kind < 0.1 and 1 < edge.year < 9999
            out.append(edge + timedelta(seconds=int(rng.integers(-2, 3)) * moved))
        elif kind < 0.5:  # around the hours at which clocks are set, in many zones
            start = datetime(int(rng.integers(1975, 2060)), int(rng.choice([3, 4, 10, 11])), 1)  # noqa: DTZ001
            out.append(start + timedelta(seconds=int(rng.integers(0, 30 * 86400))))
        elif kind < 0.8:
            out.append(datetime(2024, 1, 1) + timedelta(seconds=int(rng.integers(0, 400 * 86400))))  # noqa: DTZ001
        else:
            out.append(
                datetime(1, 1, 2)  # noqa: DTZ001
                + timedelta(seconds=int(rng.integers(0, 9997 * 365 * 86400)))
            )
    return out


def _instants(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Earliest and latest point in time that a local time may be read as; None if out of range.

    They differ in the hour that clocks skip, where the reader may move to any moment of it.
    """
    try:
        first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
        other = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
        skipped = first.astimezone(zone).replace(tzinfo=None) != local
    except OverflowError:
        return None
    low, high = (min(first, other), max(first, other)) if skipped else (first, first)
    return (low, high) if low >= FIRST and high <= LAST else None


def _check(path: Path, wanted: dict[str, tuple[datetime, datetime] | None], zone: str) -> None:
    history = read_calls([path], network=NETWORK, program=PROGRAM, timezone=zone)
    assert history.funnel.steps[0].count == len(wanted)
    found = dict(zip(history.frame["call_id"], history.frame["received_at"], strict=True))
    aside = dict(zip(history.set_aside["call_id"], history.set_aside["reason"], strict=True))
    assert found.keys() | aside.keys() == wanted.keys()
    assert not found.keys() & aside.keys()
    for call, instants in wanted.items():
        if instants is None:
            assert aside.get(call) in {BAD_TIME, NO_TIME}, (call, found.get(call))
        elif call not in found:
            assert aside[call] == FAR_OUTSIDE, (call, aside[call], instants)
        else:
            assert instants[0] <= found[call].to_pydatetime() <= instants[1], (call, instants, found[call])  # fmt: skip


def _written(column: pd.Series, folder: Path, kind: str) -> Path:
    points = gpd.points_from_xy(
        np.resize(NETWORK.node_x, len(column)), np.resize(NETWORK.node_y, len(column))
    )
    places = gpd.GeoSeries(points, crs=NETWORK.crs).to_crs(4326)
    table = pd.DataFrame(
        {
            "call_id": [f"C{i}" for i in range(len(column))],
            "received_at": column,
            "nature": "WELFARE CHECK",
        }
    )
    path = folder / f"calls.{kind}"
    if kind in {"gpkg", "geojson", "geo.parquet"}:
        layer = gpd.GeoDataFrame(table, geometry=places)
        layer.to_parquet(path) if kind == "geo.parquet" else layer.to_file(path)
        return path
    table = table.assign(longitude=places.x, latitude=places.y)
    if kind == "csv":
        table.to_csv(path, index=False)
    elif kind == "xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_parquet(path)
    return path


BATCHES = max(1, TIMES // A_FILE)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_any_time_in_any_file_is_the_instant_that_was_written(part: int, tmp_path: Path) -> None:
    for batch in range(part, BATCHES, 8):
        rng = np.random.default_rng([TIMES, batch])
        zone = ZONES[int(rng.integers(len(ZONES)))]
        usual = [datetime(2024, 5, 1, 10), datetime(2024, 5, 2, 10)]  # noqa: DTZ001
        local = [*_drawn(rng, A_FILE - 2), *usual]
        if rng.random() < 0.6:
            form = FORMS[int(rng.integers(len(FORMS)))]
            ahead = timezone(timedelta(minutes=int(rng.choice([-720, -210, 0, 345, 840]))))
            texts, wanted = [], []
            for when in local:
                if rng.random() < 0.15 and when.year != 2024:
                    texts.append(NO_TIMES[int(rng.integers(len(NO_TIMES)))])
                    wanted.append(None)
                elif form.zoned:
                    own = when.replace(tzinfo=ahead)
                    near = 2 < own.year < 9998
                    texts.append(form.write(own) if near else "9999-12-31 23:59:59Z")
                    utc = own.astimezone(UTC) if near else None
                    wanted.append((utc, utc) if utc and FIRST <= utc <= LAST else None)
                else:
                    texts.append(form.write(when))
                    wanted.append(_instants(when, ZoneInfo(zone)))
            column = pd.Series(texts, dtype=object)
            kinds = ["csv", "xlsx", "parquet", "gpkg", "geojson", "geo.parquet"]
        else:
            unit, zoned = TYPES[int(rng.integers(len(TYPES)))]
            column = pd.Series(
                np.array(local, dtype="datetime64[us]").astype(f"datetime64[{unit}]")
            )
            wanted = [_instants(when, ZoneInfo("UTC" if zoned else zone)) for when in local]
            if zoned:
                column = column.dt.tz_localize("UTC")
            kinds = ["parquet", "gpkg", "geo.parquet", *([] if zoned else ["csv"])]
        kind = kinds[int(rng.integers(len(kinds)))]
        if "parquet" not in kind:  # a text with zero bytes is refused as a whole
            column = column.map(lambda v: v.replace("\x00", "x") if isinstance(v, str) else v)
        path = _written(column, tmp_path, kind)
        try:
            _check(path, {f"C{i}": instants for i, instants in enumerate(wanted)}, zone)
        except AssertionError as error:
            raise AssertionError(
                f"batch {batch}, {kind}, {zone}, {column.dtype}: {error}"
            ) from error
        path.unlink()
