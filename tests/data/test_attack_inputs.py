"""Inputs made to harm.

Each is refused in words, in bounded time and memory, and runs or reaches nothing.

Those that could take a machine with them are read in a process of their own, with 3 GB of address
space and half a minute."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coresponse.data.errors import CoresponseError, InputError, UnsupportedInputError
from coresponse.data.programs.load import load_program
from coresponse.data.programs.natures import classify
from coresponse.data.roads.cache import load_network, save_network
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.read import read_roads
from coresponse.data.sample_city import sample_folder
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS
from coresponse.data.tables.write import write_csv
from coresponse.data.toml import read_toml
from coresponse.study.folder import open_study
from coresponse.study.settings import Study
from tests.data.conftest import Reads

Refused = Callable[[str, Path], str]
SECONDS, BYTES = 30, 3 << 30
"""Of processor time, so that a slow machine refuses nothing of its own."""


@pytest.fixture
def refused(reads: Reads) -> Refused:
    """Read in a bounded process; return the words of the refusal, '' if it was read after all."""
    return lambda reader, path: reads.read(reader, path, RLIMIT_AS=BYTES, RLIMIT_CPU=SECONDS).said


posix = pytest.mark.skipif(os.name != "posix", reason="address space is bounded on POSIX")

# ---- XML entity bombs ----

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]>"
)


@posix
@pytest.mark.parametrize("suffix", [".graphml", ".osm"])
def test_an_xml_entity_bomb(suffix: str, refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / f"roads{suffix}"
    path.write_text(f"{LAUGHS}<graphml><osm>&j;</osm></graphml>", encoding="utf-8")
    assert "declares XML entities" in refused("roads", path)


def test_an_xml_entity_that_reads_another_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret words", encoding="utf-8")
    path = tmp_path / "roads.graphml"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY s SYSTEM '
        f'"file://{tmp_path}/secret">]><graphml>&s;</graphml>',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="declares XML entities") as caught:
        read_roads(path, cache_folder=tmp_path / "cache")
    assert "secret words" not in str(caught.value)


@posix
def test_an_entity_bomb_inside_a_workbook(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "calls.xlsx"
    _workbook(
        path,
        f"{LAUGHS}<worksheet><sheetData><row><c "
        "t='inlineStr'><is><t>&j;</t></is></c></row></sheetData></worksheet>",
    )
    assert "not a readable Excel workbook" in refused("table", path)


def _workbook(path: Path, sheet: str) -> None:
    plain = io.BytesIO()
    pd.DataFrame({"call_id": ["1"], "received_at": ["2024-01-01"]}).to_excel(plain, index=False)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for info in source.infolist():
            made.writestr(
                info.filename, sheet if info.filename.endswith("sheet1.xml") else source.read(info)
            )


# ---- bombs that unpack ----


@posix
@pytest.mark.parametrize("kind", [".zip", ".gz", ".xlsx"])
def test_a_bomb_that_unpacks_to_gigabytes(kind: str, refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / ("calls.csv" + kind if kind != ".xlsx" else "calls.xlsx")
    block = b"call_id,received_at,longitude,latitude\n" + b"0" * (1 << 20)
    if kind == ".gz":
        path.write_bytes(gzip.compress(block * 2, 9) * 200)
    elif kind == ".zip":
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("calls.csv", "w") as member,
        ):
            for _ in range(300):
                member.write(block)
    else:
        _workbook(path, "<worksheet>" + "0" * (300 << 20) + "</worksheet>")
    assert "unpacks to" in refused("table", path)


@posix
@pytest.mark.parametrize(("names", "kind"), [(45_000, ".zip"), (80_000, ".zip"), (80_000, ".xlsx")])
def test_an_archive_of_more_names_than_can_be_listed(
    names: int, kind: str, refused: Refused, tmp_path: Path
) -> None:
    """Each takes memory before any is unpacked; beyond 65,535 the list stands in another record."""
    path = tmp_path / f"calls{kind}"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(names):
            archive.writestr(f"folder of an archive/with a name that is long/{number:08}.csv", b"")
    assert "list of contents" in refused("table", path)


@posix
def test_a_workbook_of_one_cell_in_the_farthest_corner(refused: Refused, tmp_path: Path) -> None:
    """A few bytes that a reader fills up to seventeen thousand million cells."""
    path = tmp_path / "calls.xlsx"
    cell = "<row r='1'><c r='A1' t='inlineStr'><is><t>call_id</t></is></c></row>"
    far = "<row r='1048576'><c r='XFD1048576' t='inlineStr'><is><t>x</t></is></c></row>"
    name = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"
    _workbook(
        path,
        f"<worksheet {name}><dimension "
        f"ref='A1:XFD1048576'/><sheetData>{cell}{far}</sheetData></worksheet>",
    )
    assert "cells" in refused("table", path)


# ---- files that lie about their size ----


def test_a_graphml_that_lies_about_its_size(tmp_path: Path) -> None:
    path = tmp_path / "roads.graphml"
    words = 'parse.nodes="99999999999" parse.edges="99999999999" parse.maxindegree="99999999999"'
    path.write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed" '
        f"{words}></graph></graphml>",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"roads\.graphml"):
        read_roads(path, cache_folder=tmp_path / "cache")


@posix
@pytest.mark.parametrize("count", [10**12, 10**18, 400_000_000])
def test_a_road_file_that_claims_arrays_larger_than_itself(
    count: int, refused: Refused, tmp_path: Path
) -> None:
    save_network(street_grid(4, 4, seed=1), tmp_path / "right.npz")
    path = tmp_path / "roads.npz"
    with zipfile.ZipFile(tmp_path / "right.npz") as source, zipfile.ZipFile(path, "w") as made:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "node_x.npy":
                head = content[:128].replace(b"(16,)", f"({count},)".encode())
                content = (
                    head[:10]
                    + head[10:].rstrip()[: 128 - 10 - 1].ljust(117)
                    + b"\n"
                    + content[128:]
                )
            made.writestr(info.filename, content)
    assert "damaged road file" in refused("roads", path)


def test_a_parquet_file_that_claims_more_rows_than_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coresponse.data.tables.parquet.MOST_VALUES", 100)
    pd.DataFrame({"call_id": range(101)}).to_parquet(tmp_path / "calls.parquet")
    with pytest.raises(InputError, match="claims 101 rows"):
        read_table(tmp_path / "calls.parquet", CALLS)


# ---- paths that lead out ----


@pytest.mark.parametrize(
    "name", ["../../escape.csv", "/etc/escape.csv", "..\\..\\escape.csv", "a/../../escape.csv"]
)
def test_a_path_in_an_archive_is_not_followed(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "in"
    inner.mkdir()
    with zipfile.ZipFile(inner / "calls.zip", "w") as archive:
        archive.writestr(
            name, "call_id,received_at,longitude,latitude\n1,2024-01-01 10:00:00,-74,40.7\n"
        )
    before = set(tmp_path.rglob("*"))
    assert len(read_table(inner / "calls.zip", CALLS).frame) == 1
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    [
        "../calls.csv",
        "/etc/passwd",
        "C:/calls.csv",
        "a\\b.csv",
        "a/../../b.csv",
        "file:calls.csv",
        "",
        "x/..",
    ],
)
def test_a_path_in_a_study_that_leads_out_is_refused(
    name: str, refused: Refused, tmp_path: Path
) -> None:
    study = _study(tmp_path)
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(
        text.replace('"calls.parquet"', json.dumps(name)), encoding="utf-8"
    )
    with pytest.raises(InputError, match="inside its folder"):
        open_study(study)


def test_a_link_in_a_study_that_leads_out_is_refused(refused: Refused, tmp_path: Path) -> None:
    study = _study(tmp_path)
    (tmp_path / "outside.parquet").write_bytes((study / "calls.parquet").read_bytes())
    (study / "calls.parquet").unlink()
    (study / "calls.parquet").symlink_to(tmp_path / "outside.parquet")
    with pytest.raises(InputError, match="leads out of the study folder"):
        open_study(study).file("calls.parquet")


def _study(folder: Path) -> Path:
    study = folder / "study"
    study.mkdir()
    for path in sample_folder().iterdir():
        if path.is_file():
            (study / path.name).write_bytes(path.read_bytes())
    return study


# ---- code in data ----


class _Runs:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize(
    "name",
    [
        "roads.pkl",
        "roads.pickle",
        "roads.npz",
        "roads.npy",
        "roads.graphml",
        "roads.json",
        "roads.gz",
    ],
)
def test_a_pickle_under_any_name_is_refused_and_does_not_run(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    content = pickle.dumps(_Runs(tmp_path / "it-ran"))
    if name.endswith(".npz"):
        np.savez(path, words=np.array([_Runs(tmp_path / "it-ran")], dtype=object))
    else:
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(CoresponseError):
        read_roads(path, cache_folder=tmp_path / "cache")
    with pytest.raises(CoresponseError):
        read_table(path, CALLS)
    assert not (tmp_path / "it-ran").exists()


@posix
@pytest.mark.parametrize("reader", ["roads", "table"])
def test_a_database_whose_layer_is_a_query_that_never_ends(
    reader: str, refused: Refused, tmp_path: Path
) -> None:
    path = tmp_path / "layer.gpkg"
    line = shapely.LineString([(0, 0), (1, 1)]) if reader == "roads" else shapely.Point(0, 0)
    gpd.GeoDataFrame({"call_id": [1]}, geometry=[line], crs=4326).to_file(path, layer="roads")
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE roads RENAME TO hidden")
        database.execute(
            "CREATE VIEW roads AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
            "SELECT x AS fid, x AS call_id, (SELECT geom FROM hidden) AS geom FROM c"
        )
        database.execute("UPDATE gpkg_contents SET table_name = 'roads'")
        database.execute("UPDATE gpkg_geometry_columns SET table_name = 'roads'")
        database.commit()
    assert "is a view" in refused(reader, path)


# ---- what a spreadsheet would run ----


def test_formulas_do_not_run_in_a_spreadsheet(tmp_path: Path) -> None:
    cells = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "'=1",
        "\uff1d1",
        '=HYPERLINK("http://x","y")',
        "=cmd|'/C calc'!A0",
    ]
    write_csv(pd.DataFrame({"name": cells, "=head": cells}), tmp_path / "out.csv")
    shown = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    for value in [*shown["name"], *shown.columns, *shown.iloc[:, 1]]:
        assert not value.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))


# ---- settings that never end ----


def test_a_toml_file_of_100_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(
        InputError, match=r"has 100,000,000 bytes; a configuration file has at most 1,000,000"
    ):
        read_toml(path)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "a." * 50_000 + "b = 1",
        "[" + "a." * 100_000 + "b]",
        "a = " + "9" * 400_000,
    ],
)
def test_toml_nested_or_long_beyond_reason(text: str, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"study\.toml"):
        read_toml(path)


def test_nature_rules_that_would_never_end(tmp_path: Path) -> None:
    rules = ["*a" * 90 + "*b", "*?a*" * 40 + "c", "(a+)+$", "[" * 150, "b" * 100 + "*" * 99]
    path = tmp_path / "program.toml"
    path.write_text(
        f'extends = "star"\nname = "x"\n[call_classes.crisis_low]\nnatures = {json.dumps(rules)}\n',
        encoding="utf-8",
    )
    natures = pd.Series(["a" * 100_000, "(a+)+$", "ad" * 50_000, "A" * 99 + "!"])
    found = classify(natures, load_program(path))
    assert found.tolist() == ["not_eligible", "crisis_low", "not_eligible", "not_eligible"]
    path.write_text(
        f'extends = "star"\nname = "x"\n[call_classes.crisis_low]\nnatures = ["{"*a" * 200}"]\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="natures"):
        load_program(path)


def test_a_study_of_another_schema_is_refused_with_advice(tmp_path: Path) -> None:
    study = _study(tmp_path)
    text = (study / "study.toml").read_text(encoding="utf-8")
    for schema, advice in (
        ("2", "newer coresponse"),
        ("0", "older coresponse"),
        ('"one"', "schema"),
    ):
        (study / "study.toml").write_text(
            text.replace("schema = 1", f"schema = {schema}"), encoding="utf-8"
        )
        with pytest.raises(InputError, match=advice):
            open_study(study)
    assert Study.model_config["extra"] == "forbid"


def test_a_road_file_of_another_format_is_refused_with_advice(tmp_path: Path) -> None:
    save_network(street_grid(4, 4, seed=1), tmp_path / "right.npz")
    with np.load(tmp_path / "right.npz") as file:
        arrays = dict(file)
    words = json.loads(arrays.pop("words").tobytes().decode()) | {"format": 2}
    np.savez(
        tmp_path / "roads.npz",
        words=np.frombuffer(json.dumps(words).encode(), dtype=np.uint8),
        **arrays,
    )
    with pytest.raises(InputError, match="format 2, this version reads 1 -- update coresponse"):
        load_network(tmp_path / "roads.npz")


def test_kinds_of_file_that_are_not_read_say_which_are(tmp_path: Path) -> None:
    (tmp_path / "calls.pkl").write_bytes(b"x")
    with pytest.raises(UnsupportedInputError, match=r"supported are: \.csv"):
        read_table(tmp_path / "calls.pkl", CALLS)
