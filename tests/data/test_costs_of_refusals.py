"""Small files that would take gigabytes or minutes: refused, each under 500 MB and 10 s of processor time.

All are read by one process with every package loaded, each in a fork of it, so that what is
measured is what the file costs.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from coresponse.data.errors import InputError
from coresponse.data.roads.cache import save_network
from coresponse.data.roads.made import street_grid
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS
from tests.data.conftest import Reads

MOST_CPU_S, MOST_MB = 10, 500

pytestmark = pytest.mark.skipif(os.name != "posix", reason="memory is measured by POSIX's wait4")

HEAD = b"call_id,received_at"
GRAPHML = b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed">'


def _packed(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(gzip.compress(content, 1))


def _features(*features: bytes) -> bytes:
    return b'{"type":"FeatureCollection","features":[' + b",".join(features) + b"]}"


def _zipped(content: bytes) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("a.geojson", content)

    return write


def _numbered(value: object, kind: pa.DataType, rows: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), pa.array([value], kind))


def _long_text(path: Path) -> None:
    pq.write_table(pa.table({"call_id": _numbered("x" * 900_000, pa.string(), 20_000)}), path)


def _text_in_lists(path: Path) -> None:
    lists = pa.ListArray.from_arrays([0, 20_000], _numbered("x" * 900_000, pa.string(), 20_000))
    pq.write_table(pa.table({"call_id": lists}), path)


def _one_number(path: Path) -> None:
    table = pa.table({f"a{i}": np.zeros(1_000_000, np.int64) for i in range(40)})
    pq.write_table(table, path, compression="zstd")


def _one_shape(path: Path) -> None:
    plain = io.BytesIO()
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=4326).to_parquet(plain)
    shape = shapely.to_wkb(shapely.LineString(np.random.default_rng(1).random((20_000, 2))))
    table = pa.table({"a": np.zeros(5_000), "geometry": _numbered(shape, pa.binary(), 5_000)})
    pq.write_table(table.replace_schema_metadata(pq.read_schema(plain).metadata), path)


def _road_file(**arrays: np.ndarray) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        save_network(street_grid(4, 4, seed=1), path)
        with np.load(path) as file:
            right = dict(file)
        np.savez_compressed(path, **{**right, **arrays})

    return write


def _varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def _block(kind: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content, 1)
    blob = b"\x10" + _varint(len(content)) + b"\x1a" + _varint(len(packed)) + packed
    head = b"\x0a" + _varint(len(kind)) + kind + b"\x18" + _varint(len(blob))
    return struct.pack(">I", len(head)) + head + blob


def _pbf(path: Path) -> None:
    """Twenty blocks of ten million nodes."""
    count = 10_000_000
    dense = b"".join(key + _varint(count) + b"\x02" * count for key in (b"\x0a", b"\x42", b"\x4a"))
    group = b"\x12" + _varint(len(dense)) + dense
    block = b"\x0a\x02\x0a\x00\x12" + _varint(len(group)) + group
    start = _block(b"OSMHeader", b"\x22\x0eOsmSchema-V0.6\x22\x0aDenseNodes")
    path.write_bytes(start + _block(b"OSMData", block) * 20)


def _star(path: Path) -> None:
    """A ring of 4,000 corners drawn at random: it crosses itself two million times."""
    corners = np.round(np.random.default_rng(3).random((4_000, 2)) * 0.05 + [-75.0, 40.6], 5)
    ring = [*corners.tolist(), corners[0].tolist()]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"district_id": "a"}, "geometry": shape}
    path.write_bytes(_features(json.dumps(feature).encode()))


def _needles(path: Path) -> None:
    """Areas of one district, each of them sound, that cross each other a million times."""
    rng = np.random.default_rng(3)
    ends = rng.random((2_000, 2, 2)) * 0.05 + [-75.0, 40.6]
    shapes = shapely.polygons(np.concatenate([ends, ends[:, 1:] + 1e-6], axis=1))
    gpd.GeoDataFrame({"district_id": "a"}, index=range(2_000), geometry=shapes, crs=4326).to_file(
        path
    )


COLUMNS = ",".join(f'"a{i}":"x"' for i in range(4_000)).encode()
WIDE = b'{"type":"Feature","properties":{' + COLUMNS + b'},"geometry":null}'

FILES: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "long-text.parquet": (_long_text, ("calls",)),
    "text-in-lists.parquet": (_text_in_lists, ("calls",)),
    "one-number.parquet": (_one_number, ("calls",)),
    "one-shape.parquet": (_one_shape, ("calls", "districts", "water", "roads")),
    "bomb.csv.gz": (_packed(HEAD + b"\n" + b"1,\n" * 20_000_000), ("calls",)),
    "commas.csv.gz": (_packed(HEAD + b"," * 3_999 + (b"\n1" + b"," * 4_000) * 6_000), ("calls",)),
    "odd-rows.csv.gz": (_packed(HEAD + b"\n" + b"1\n" * 12_000_000), ("calls",)),
    "lines.csv.gz": (_packed(HEAD + b',a\n' + b'"\n",,\n' * 3_400_000), ("calls",)),
    "objects.json.gz": (
        _packed(b'{"directed":true,"nodes":[' + b"{}," * 8_000_000 + b'{}],"links":[]}'),
        ("roads",),
    ),
    "result.json": (
        lambda path: path.write_bytes(b'{"schema":1,"a":[' + b"{}," * 15_000_000 + b"{}]}"),
        ("result",),
    ),
    "zeros.npz": (_road_file(node_x=np.zeros(30_000_000)), ("roads",)),
    "words.npz": (
        _road_file(words=np.frombuffer(b"[" + b"{}," * 5_000_000 + b"{}]", np.uint8)),
        ("roads",),
    ),
    "tags.graphml.gz": (_packed(GRAPHML + b"<b/>" * 6_000_000 + b"</graph></graphml>"), ("roads",)),
    "nowhere.graphml.gz": (
        _packed(GRAPHML + b"".join(b'<node id="%d"/>' % i for i in range(1_000_000))),
        ("roads",),
    ),
    "attributes.graphml": (
        lambda path: path.write_bytes(
            b"<graphml " + b" ".join(b"a%d=''" % i for i in range(1_000_000)) + b"/>"
        ),
        ("roads",),
    ),
    "nodes.osm.pbf": (_pbf, ("roads",)),
    "star.geojson": (_star, ("districts", "water", "area")),
    "needles.geojson": (_needles, ("districts", "water", "area")),
    "missing-cells.zip": (
        _zipped(_features(WIDE, *[b'{"type":"Feature"}'] * 400_000)),
        ("calls", "districts", "roads"),
    ),
    "properties.zip": (_zipped(_features(*[WIDE] * 400)), ("calls", "districts", "roads")),
    "corners.zip": (
        _zipped(
            _features(
                b'{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[['
                + b"[0,0],[0,1],[1,1]," * 1_300_000
                + b"[0,0]]]}}"
            )
        ),
        ("districts",),
    ),
}  # fmt: skip


@pytest.mark.slow
def test_no_small_file_takes_much_to_refuse(reads: Reads, tmp_path: Path) -> None:
    asked = [
        (reader, tmp_path / name) for name, (_, readers) in FILES.items() for reader in readers
    ]
    for name, (write, _) in FILES.items():
        write(tmp_path / name)
        assert (tmp_path / name).stat().st_size < 60e6
    costs = [reads.read(reader, path) for reader, path in asked]
    faults = [
        f"{path.name} as {reader}: {cost}"
        for (reader, path), cost in zip(asked, costs, strict=True)
        if not cost.said or cost.cpu_s > MOST_CPU_S or cost.mb > MOST_MB
    ]
    assert faults == []
    counts = os.environ.get("CORESPONSE_COSTS")
    if counts:
        rows = [json.dumps([f"refused: {c.said}"[:300], c.cpu_s, c.mb]) + "\n" for c in costs]
        Path(counts).write_text("".join(rows), encoding="utf-8")


@pytest.mark.parametrize("unit", [1, 300])
def test_large_tables_of_people_are_read_all_the_same(unit: int, tmp_path: Path) -> None:
    """What is like a bomb and is none: a column of one value, rows that end with a comma too many."""
    rows = 3_000 * unit
    ids = np.arange(rows)
    table = pa.table(
        {"call_id": ids, "agency": _numbered("Police", pa.string(), rows), "beat": ids % 7}
    )
    pq.write_table(table, tmp_path / "calls.parquet")
    assert len(read_table(tmp_path / "calls.parquet", CALLS).frame) == rows
    if unit == 1:
        text = HEAD + b"\n" + b"".join(b"%d,2024-05-01 10:00:00,\n" % i for i in ids)
        (tmp_path / "calls.csv.gz").write_bytes(gzip.compress(text))
        found = read_table(tmp_path / "calls.csv.gz", CALLS)
        assert len(found.frame) == rows
        assert found.bad_rows.empty


@pytest.mark.parametrize("zone", ["Mars/Base", "+25:00"])
def test_a_zone_that_is_none_is_named(zone: str, tmp_path: Path) -> None:
    times = pa.array([1_714_557_600_000], pa.timestamp("ms", zone))
    pq.write_table(pa.table({"call_id": ["1"], "received_at": times}), tmp_path / "calls.parquet")
    with pytest.raises(InputError, match=r"column 'received_at': its time zone .* is not known"):
        read_table(tmp_path / "calls.parquet", CALLS)
