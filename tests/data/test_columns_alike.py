"""Columns under names that are almost known, and cells that are almost plain: the same calls come out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from coresponse.data.calls.history import CallHistory
from coresponse.data.calls.read import read_calls
from coresponse.data.errors import InputError
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.specs import CALLS
from tests.data.test_addresses import NETWORK, town

ROADS = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(344_000.0, 4_458_000.0))
PROGRAM = load_program("mixed")
FEET, BESIDE = "EPSG:2272", "EPSG:2271"


def history(n: int = 40) -> pd.DataFrame:
    at = np.arange(n) * 7 % ROADS.n_nodes
    back = Transformer.from_crs(ROADS.crs, "EPSG:4326", always_xy=True)
    lon, lat = back.transform(ROADS.node_x[at], ROADS.node_y[at])
    return pd.DataFrame(
        {
            "call_id": [f"E{i}" for i in range(n)],
            "received_at": pd.date_range("2024-01-03 23:55:30", periods=n, freq="433min"),
            "nature": np.resize(["WELFARE CHECK", "MENTAL HEALTH"], n),
            "longitude": np.round(lon, 6),
            "latitude": np.round(lat, 6),
        }
    )


def read(
    folder: Path, table: pd.DataFrame, *, sep: str = ",", crs: str | None = None
) -> CallHistory:
    table.to_csv(folder / "calls.csv", index=False, sep=sep)
    zone = "America/New_York"
    return read_calls(
        [folder / "calls.csv"], network=ROADS, program=PROGRAM, timezone=zone, crs=crs
    )


def same(one: CallHistory, other: CallHistory) -> None:
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=False, atol=0.2)
    assert one.funnel == other.funnel


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Incident #", "call_id"),
        ("CAD Event #", "call_id"),
        ("Nº de incidente", "call_id"),
        ("Date/Time Received", "received_at"),
        ("Call Received (Local)", "received_at"),
        ("Fecha y hora", "received_at"),
        ("Call Type Desc.", "nature"),
        ("Problème", "nature"),
        ("Tipo de llamada", "nature"),
        ("Priority (1-5)", "priority"),
        ("Dispatch Time (sec)", "dispatched_at"),
        ("On Scene [min]", "arrived_at"),
        ("X (ft)", "x"),
        ("Latitud", "latitude"),
        ("Dirección", "address"),
    ],
)
def test_units_signs_and_accents_do_not_hide_a_column(theirs: str, ours: str) -> None:
    needed = {"received_at": "received", "nature": "nature", "latitude": "lat", "longitude": "lon"}
    present = [name for mine, name in needed.items() if mine != ours]
    assert match_columns(CALLS, [*present, theirs], where="c")[ours] == theirs
    both = match_columns(CALLS, [theirs, "received", "nature", "lat", "lon", ours], where="c")
    assert both[ours] == ours  # a whole name goes first


SHORTENED = {
    "call_id": ("Inc #", "Evnt Nbr", "ID Llamada"),
    "received_at": ("Rcvd", "Recv Dt Tm", "Recibido", "Fecha de recepción"),
    "dispatched_at": ("Disp", "Dispatch", "Asgn", "Dsptch Tm", "Despacho", "Hora de despacho"),
    "en_route_at": ("Enr", "Enrte", "En camino"),
    "arrived_at": ("Arr", "Arrive", "OnSc", "Llegada", "Hora llegada", "En escena"),
    "cleared_at": ("Clear", "Clr", "Clsd", "Avail", "Cierre", "Hora de liberación"),
    "nature": ("Tipo", "Typ Cd", "Nat Cd", "Tipo de evento", "Clasificación"),
    "priority": ("Pri", "Prio", "Prty", "Prioridad"),
    "unit_id": ("Unit", "Unidad", "Patrulla"),
    "channel": ("Src", "Origen"),
}


@pytest.mark.parametrize("ours", SHORTENED)
def test_shortened_and_spanish_names_are_known(ours: str) -> None:
    """Beside Disp and Clear of another export a city was asked which column it is."""
    needed = {"received_at": "received", "nature": "nature", "latitude": "lat", "longitude": "lon"}
    present = [name for mine, name in needed.items() if mine != ours]
    for theirs in SHORTENED[ours]:
        assert match_columns(CALLS, [*present, theirs], where="c").get(ours) == theirs


def test_a_disposition_is_no_time_of_dispatch(tmp_path: Path) -> None:
    table = history()
    found = read(tmp_path, table.assign(Disp=np.resize(["RPT", "GOA"], len(table))))
    same(found, read(tmp_path, table))
    assert "40 values of Disp cannot be read as times; left blank" in " ".join(found.notes)


def test_clocks_of_another_zone_are_not_taken_for_local_ones(tmp_path: Path) -> None:
    table = history().rename(columns={"received_at": "Received (UTC)"})
    with pytest.raises(InputError, match="no columns found for received_at"):
        read(tmp_path, table)


def test_a_spanish_export_with_decimal_commas_gives_the_same_calls(tmp_path: Path) -> None:
    table = history()
    when = table["received_at"].dt
    spanish = pd.DataFrame(
        {
            "Nº de incidente": table["call_id"],
            "Fecha de la llamada": when.strftime("%d/%m/%Y"),
            "Hora de la llamada": when.strftime("%H:%M:%S"),
            "Tipo de llamada": table["nature"],
            "Latitud": table["latitude"].map("{:.6f}".format).str.replace(".", ","),
            "Longitud": table["longitude"].map("{:.6f}".format).str.replace(".", ","),
        }
    )
    found = read(tmp_path, spanish, sep=";")
    same(found, read(tmp_path, table))
    assert "received_at from 'Fecha de la llamada with Hora de la llamada'" in str(
        found.readings[0]
    )


def test_feet_with_commas_every_three_digits_give_the_same_calls(tmp_path: Path) -> None:
    table = history()
    there = Transformer.from_crs("EPSG:4326", FEET, always_xy=True)
    x, y = there.transform(table["longitude"], table["latitude"])
    feet = table.drop(columns=["longitude", "latitude"])
    feet = feet.assign(x=[f"{v:,.1f}" for v in x], y=[f"{v:,.1f}" for v in y])
    assert feet["x"].str.count(",").eq(2).all()
    same(read(tmp_path, feet, crs=FEET), read(tmp_path, table))


def test_columns_that_serve_as_nothing_are_named_clocks_first(tmp_path: Path) -> None:
    """Clear times under a name that nobody knew were left unread without a word, and service times were the program's."""
    table = history().assign(Shift="A", Libre="2024-01-04 01:30:00", nothing="")
    said = str(read(tmp_path, table).readings[0])
    assert said.endswith("; not used: 'Libre' (dates with times), 'Shift' (words)")
    assert "not used" not in str(read(tmp_path, history()).readings[0])
    many = history().assign(**{f"extra {k}": k for k in range(11)})
    assert str(read(tmp_path, many).readings[0]).endswith("'extra 7' (numbers) and 3 more")


def test_a_column_called_location_may_hold_addresses(tmp_path: Path) -> None:
    frame = pd.DataFrame({"event_id": range(3), "nature": "WELFARE CHECK"})
    frame["received"] = [f"2024-01-0{i + 1} 10:00:00" for i in range(3)]
    found = []
    for name in ("Location", "Address"):
        frame.assign(**{name: ["100 Main St", "1XX Main St", "120 Main Stret"]}).to_csv(
            tmp_path / "calls.csv", index=False
        )
        path = tmp_path / "calls.csv"
        found.append(read_calls([path], network=NETWORK, program=PROGRAM, addresses=town))
    same(*found)
    assert "address from 'Location' (100 Main St); places by their addresses" in str(
        found[0].readings[0]
    )
    assert found[0].set_aside["detail"].tolist() == [
        "120 Main Stret (no street MAIN STRET is known; did you mean MAIN ST?)"
    ]


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(1, 4 * 3600), min_size=12, max_size=40))
def test_durations_are_not_taken_for_times_of_day(tmp_path: Path, seconds: list[int]) -> None:
    table = history(len(seconds))
    later = table["received_at"] + pd.to_timedelta(seconds, unit="s")
    elapsed = [f"{s // 3600}:{s // 60 % 60:02d}:{s % 60:02d}" for s in seconds]
    wanted = read(tmp_path, table.assign(arrived=later))
    found = read(tmp_path, table.assign(arrived=elapsed))
    as_clocks = "holds times of day" in " ".join(found.notes)
    hours = (pd.to_timedelta(elapsed) - (table["received_at"] - table["received_at"].dt.normalize()))  # fmt: skip
    hours = hours.dt.total_seconds() / 3600
    middle = float(np.median(hours.where(hours > -1, hours + 24)))
    if not as_clocks:
        same(found, wanted)
        assert "hours, minutes and seconds from the receipt" in " ".join(found.notes)
    assert as_clocks == (middle <= 6), middle


def test_bare_numbers_that_are_no_clocks_are_left_out_and_told(tmp_path: Path) -> None:
    table = history().assign(dispatched=240)
    found = read(tmp_path, table)
    assert found.frame["dispatched_at"].isna().all()
    assert any("write their unit into the column's name" in note for note in found.notes)
    seconds = read(tmp_path, table.rename(columns={"dispatched": "Dispatched (sec)"}))
    waited = seconds.frame["dispatched_at"] - seconds.frame["received_at"]
    assert waited.dt.total_seconds().eq(240).all()


def test_a_zone_beside_the_right_one_is_told_also_where_it_is_near(tmp_path: Path) -> None:
    table = history()
    there = Transformer.from_crs("EPSG:4326", FEET, always_xy=True)
    x, y = there.transform(table["longitude"], table["latitude"])
    feet = table.drop(columns=["longitude", "latitude"]).assign(x=x, y=y)
    with pytest.raises(InputError, match=r'km from any crossing; under \[calls\] write crs = "EPSG:2272"'):  # fmt: skip
        read(tmp_path, feet, crs=BESIDE)
    # a county's calls beside a city's roads are right in the CRS that they are in
    far = table.assign(longitude=table["longitude"] + np.where(np.arange(len(table)) % 3, 0.3, 0.0))
    assert len(read(tmp_path, far).frame) == 14


def test_of_layers_in_an_archive_the_stations_are_read_not_the_hydrants(tmp_path: Path) -> None:
    at = np.array([3, 40, 77])
    points = gpd.points_from_xy(ROADS.node_x[at], ROADS.node_y[at], crs=ROADS.crs)
    stations = gpd.GeoDataFrame(
        {"FACNAME": ["A", "B", "C"], "FACTYPE": "Fire", "GlobalID": ["x", "y", "z"]},
        geometry=points,
    )
    hydrants = gpd.GeoDataFrame({"HYDRANT_NO": [1, 2, 3], "SIZE": 4}, geometry=points)
    for name, layer in (("Fire_Stations", stations), ("Hydrants", hydrants)):
        layer.to_file(tmp_path / f"{name}.shp")
    with zipfile.ZipFile(tmp_path / "gis.zip", "w") as archive:
        for part in sorted(tmp_path.glob("*.*")):
            if part.suffix != ".zip":
                archive.write(part, f"GIS/{part.name}")
    found = read_posts(tmp_path / "gis.zip", network=ROADS, kind="station")
    assert found.frame["name"].tolist() == ["A", "B", "C"]
    assert any("read 'GIS/Fire_Stations.shp' of the archive, not" in note for note in found.notes)
