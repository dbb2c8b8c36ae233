"""One history in every form that it is sent in: the same calls come out."""

from __future__ import annotations

import io
import json
import string
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from coresponse.data.calls.read import read_calls
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid

ROADS = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(583_000.0, 4_506_000.0))
PROGRAM = load_program("mixed")
COLUMNS = ["call_id", "received_at", "arrived_at", "nature", "longitude", "latitude"]
EPOCH = pd.Timestamp("2024-02-01 00:07:01")
WORDS = st.sampled_from(["MENTAL HEALTH", "WELFARE CHECK", "PARKING", "5150 & <b>", "Prüfen", "@1+1"])  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(2, 9))
    at = np.array(draw(st.lists(st.integers(0, ROADS.n_nodes - 1), min_size=n, max_size=n)))
    back = Transformer.from_crs(ROADS.crs, "EPSG:4326", always_xy=True)
    lon, lat = back.transform(ROADS.node_x[at], ROADS.node_y[at])
    seconds = draw(st.lists(st.integers(0, 10**7), min_size=n, max_size=n, unique=True))
    received = EPOCH + pd.to_timedelta(sorted(seconds), unit="s")
    letters = st.text(string.ascii_letters, max_size=3)
    return pd.DataFrame(
        {
            "call_id": [f"E{i}{draw(letters)}" for i in range(n)],
            "received_at": received.strftime("%Y-%m-%d %H:%M:%S"),
            "arrived_at": (received + pd.Timedelta("9min")).strftime("%Y-%m-%d %H:%M:%S"),
            "nature": draw(st.lists(WORDS, min_size=n, max_size=n)),
            "longitude": np.round(lon, 6),
            "latitude": np.round(lat, 6),
        }
    )


def kml_text(table: pd.DataFrame, folders: int = 1, *, schema: bool = False) -> bytes:
    root = ET.Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    document = ET.SubElement(root, "Document")
    ET.SubElement(document, "name").text = "A day of calls"
    for part in range(folders):
        folder = ET.SubElement(document, "Folder")
        ET.SubElement(folder, "name").text = f"Month {part}"
        for row in table.iloc[part::folders].to_dict("records"):
            mark = ET.SubElement(folder, "Placemark")
            point = ET.SubElement(mark, "Point")
            place = f"{row['longitude']},{row['latitude']},0"
            ET.SubElement(point, "coordinates").text = f"\n  {place}\n"
            extended = ET.SubElement(mark, "ExtendedData")
            holder = ET.SubElement(extended, "SchemaData") if schema else extended
            for name in COLUMNS[:4]:
                if schema:
                    ET.SubElement(holder, "SimpleData", name=name).text = row[name]
                else:
                    ET.SubElement(ET.SubElement(holder, "Data", name=name), "value").text = row[name]  # fmt: skip
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def by_gdal(table: pd.DataFrame, path: Path) -> None:
    points = gpd.points_from_xy(table["longitude"], table["latitude"])
    layer = gpd.GeoDataFrame(table[COLUMNS[:4]], geometry=points, crs=4326)
    layer.to_file(path, driver="LIBKML", layer="calls")


def kmz(content: bytes, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", content)
        archive.writestr("files/icon.png", b"\x89PNG")


def xls(table: pd.DataFrame, path: Path, *, dates: bool = False, cover: bool = False) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    if cover:
        book.add_sheet("Cover").write(0, 0, "All calls of the year")
    sheet = book.add_sheet("Calls")
    style = xlwt.XFStyle()
    style.num_format_str = "yyyy-mm-dd hh:mm:ss"
    for j, name in enumerate(table.columns):
        sheet.write(0, j, name)
        for i, cell in enumerate(table[name], start=1):
            if dates and name.endswith("_at"):
                sheet.write(i, j, pd.Timestamp(cell).to_pydatetime(), style)
            else:
                sheet.write(i, j, cell)
    book.save(str(path))


def workbook(table: pd.DataFrame, path: Path) -> None:
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="openpyxl") as writer:
        pd.DataFrame({"All calls": ["of the year"]}).to_excel(writer, sheet_name="Cover")
        table.to_excel(writer, sheet_name="Calls", index=False)
        pd.DataFrame({"code": ["5150"], "words": ["MENTAL"]}).to_excel(writer, sheet_name="Codes")
    path.write_bytes(out.getvalue())


def several(table: pd.DataFrame, path: Path) -> None:
    codes = pd.DataFrame({"nature": ["5150"], "description": ["MENTAL CASE"]})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/codes.csv", codes.to_csv(index=False))
        archive.writestr("export/calls.csv", table.to_csv(index=False))
        archive.writestr("export/layout.csv", "field,meaning\nCALL_ID,number\n")
        archive.writestr("export/README.txt", "Read me first")


def portal(table: pd.DataFrame, path: Path) -> None:
    """An open-data portal's answer: places in an object of text, times with a T and thousandths."""
    rows = table.drop(columns=["longitude", "latitude"]).to_dict("records")
    for row, lon, lat in zip(rows, table["longitude"], table["latitude"], strict=True):
        row["location"] = {"latitude": str(lat), "longitude": str(lon), "human_address": "{}"}
        for name in ("received_at", "arrived_at"):
            row[name] = row[name].replace(" ", "T") + ".000"
    path.write_text(json.dumps(rows), encoding="utf-8")


def layer(table: pd.DataFrame, path: Path, **how: str) -> None:
    points = gpd.points_from_xy(table["longitude"], table["latitude"])
    gpd.GeoDataFrame(table[COLUMNS[:4]], geometry=points, crs=4326).to_file(path, **how)


def second_layer(table: pd.DataFrame, path: Path) -> None:
    gpd.GeoDataFrame({"height": [1]}, geometry=gpd.points_from_xy([0], [0]), crs=4326).to_file(
        path, layer="trees"
    )
    layer(table, path, layer="calls")


def spread(table: pd.DataFrame, path: Path) -> None:
    """Semicolons, decimal commas, the date and each clock in columns of their own."""
    received, arrived = (pd.to_datetime(table[name]) for name in ("received_at", "arrived_at"))
    out = pd.DataFrame(
        {
            "Incident #": table["call_id"],
            "Date": received.dt.strftime("%Y-%m-%d"),
            "Time Received": received.dt.strftime("%H:%M:%S"),
            "Time Arrived": arrived.dt.strftime("%I:%M:%S %p"),
            "Nature": table["nature"],
            "Longitude (deg)": table["longitude"].map("{:.6f}".format).str.replace(".", ","),
            "Latitude (deg)": table["latitude"].map("{:.6f}".format).str.replace(".", ","),
        }
    )
    out.to_csv(path, sep=";", index=False)


FORMS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    "data.kml": lambda t, p: p.write_bytes(kml_text(t)),
    "schema.kml": lambda t, p: p.write_bytes(kml_text(t, schema=True)),
    "folders.kml": lambda t, p: p.write_bytes(kml_text(t, folders=2)),
    "gdal.kml": by_gdal,
    "calls.kmz": lambda t, p: kmz(kml_text(t), p),
    "calls.xls": xls,
    "dates.xls": lambda t, p: xls(t, p, dates=True),
    "cover.xls": lambda t, p: xls(t, p, cover=True),
    "tabs.xls": lambda t, p: t.to_csv(p, sep="\t", index=False),
    "cover.xlsx": workbook,
    "nameless.csv": lambda t, p: t.to_csv(p, index=False, header=False),
    "several.zip": several,
    "records.json": lambda t, p: p.write_text(t.to_json(orient="records"), encoding="utf-8"),
    "portal.json": portal,
    "points.geojson": layer,
    "second.gpkg": second_layer,
    "spread.csv": spread,
    "utf16.txt": lambda t, p: t.to_csv(p, sep="\t", index=False, encoding="utf-16"),
    "packed.csv.gz": lambda t, p: t.to_csv(p, index=False),
}
"""How a table is written, by the name of the file."""


@settings(deadline=None, max_examples=3)
@given(histories())
@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_calls_of_the_csv(
    tmp_path_factory: pytest.TempPathFactory, name: str, table: pd.DataFrame
) -> None:
    folder = tmp_path_factory.mktemp("forms")
    table.to_csv(folder / "calls.csv", index=False)
    FORMS[name](table, folder / name)
    given_columns = (
        {ours: f"column {i}" for i, ours in enumerate(COLUMNS, start=1)}
        if name == "nameless.csv"
        else None
    )
    wanted = read_calls([folder / "calls.csv"], network=ROADS, program=PROGRAM)
    found = read_calls([folder / name], network=ROADS, program=PROGRAM, columns=given_columns)
    pd.testing.assert_frame_equal(found.frame, wanted.frame, check_exact=False, atol=0.2)
    assert found.funnel == wanted.funnel
    said = " ".join(found.notes)
    told = {
        "folders.kml": "'Month 0', 'Month 1'",
        "cover.xls": "read sheet 'Calls', not 'Cover'",
        "cover.xlsx": "read sheet 'Calls', not 'Cover', 'Codes'",
        "nameless.csv": "has no header row",
        "second.gpkg": "read layer 'calls', not 'trees'",
        "several.zip": "read 'export/calls.csv' of the archive, not export/codes.csv, export/layout.csv",
    }
    assert told.get(name, "") in said
