"""A whole study with the bad inputs that dispatch systems and people make.

A clear error, or set aside with its reason.

Errors name the file, the place in it, the value and the cure; what is set aside is counted, and the
counts add up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from coresponse.data.city import City
from coresponse.data.errors import InputError
from coresponse.data.roads.cache import load_network, save_network
from coresponse.data.roads.frames import edges_frame
from coresponse.questions.plan import plan
from coresponse.study.read import read_study


def calls_of(study: Path) -> pd.DataFrame:
    return pd.read_csv(study / "calls.csv", dtype=str)


def change(study: Path, **cells: str) -> None:
    """Set cells of the third call (row 4 of the file) and save."""
    frame = calls_of(study)
    for name, value in cells.items():
        if name not in frame:
            frame[name] = ""
        frame.loc[2, name] = value
    frame.to_csv(study / "calls.csv", index=False)


def settings(study: Path, before: str, after: str) -> None:
    text = (study / "study.toml").read_text(encoding="utf-8")
    assert before in text
    (study / "study.toml").write_text(text.replace(before, after), encoding="utf-8")


def read(study: Path) -> City:
    inputs = read_study(study).city
    steps = inputs.calls.funnel.steps
    for before, after in pairwise(steps):
        assert after.count + after.lost == before.count
        assert sum(count for _, count in after.reasons) == after.lost
    rows = len((study / "calls.csv").read_bytes().splitlines()) - 1
    assert steps[0].count == rows
    assert len(inputs.calls.set_aside) == steps[2].lost + steps[3].lost
    return inputs


# ---- set aside, with the reason ----

FEET = Transformer.from_crs("EPSG:32618", "EPSG:2263", always_xy=True)
ASIDE: dict[str, tuple[dict[str, str], str, str]] = {
    "no place": ({"x": "", "y": ""}, "no place", ""),
    "at 0, 0": ({"x": "0", "y": "0"}, "place at 0, 0", "0, 0"),
    "words for a place": ({"x": "north", "y": "south"}, "no place", "north, south"),
    "in the sea": (
        {"x": "500000", "y": "4000000"},
        "more than 500 m from a road of the network",
        " m",
    ),
    "not on Earth": (
        {"x": "1e300", "y": "1e300"},
        "more than 500 m from a road of the network",
        " m",
    ),
    "no time": ({"received_at": ""}, "no time of receipt", ""),
    "words for a time": (
        {"received_at": "about noon"},
        "time of receipt is not understood",
        "about noon",
    ),
    "before the epoch": (
        {"received_at": "1969-07-20 20:17:00"},
        "time of receipt is not understood",
        "1969",
    ),
    "a year of five digits": (
        {"received_at": "20240-01-01 10:00:00"},
        "time of receipt is not understood",
        "20240",
    ),
    "30 February": (
        {"received_at": "2024-02-30 10:00:00"},
        "time of receipt is not understood",
        "2024-02-30",
    ),
}


@pytest.mark.parametrize("name", ASIDE)
def test_a_bad_row_is_set_aside_with_its_row_and_reason(name: str, study: Path) -> None:
    cells, reason, detail = ASIDE[name]
    change(study, **cells)
    aside = read(study).calls.set_aside
    assert len(aside) == 1
    row = aside.iloc[0]
    assert (row["source"], row["source_row"], row["call_id"]) == ("calls.csv", 4, "C002")
    assert row["reason"].startswith(reason)
    assert detail in row["detail"]


def test_a_row_that_does_not_split_is_counted(study: Path) -> None:
    lines = (study / "calls.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (study / "calls.csv").write_text(
        "".join([*lines[:3], "C999,x,y,z,1,2,3\n", *lines[4:]]), encoding="utf-8"
    )
    inputs = read_study(study).city
    assert dict(inputs.calls.funnel.steps[1].reasons) == {"row could not be split into columns": 1}
    assert inputs.calls.set_aside.iloc[0]["source_row"] == 4


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        ({"dispatched_at": "2023-12-01 10:00:00"}, "dispatched before received"),
        (
            {"dispatched_at": "2023-12-01 10:00:00", "arrived_at": "2023-12-01 09:00:00"},
            "arrived before sent",
        ),
        ({"cleared_at": "2025-06-01 10:00:00"}, "cleared more than 48 hours later"),
        ({"cleared_at": "2023-01-01 10:00:00"}, "cleared before arrived"),
        ({"received_at": "2024-03-10 02:30:00"}, "in the hour skipped by daylight saving"),
    ],
)
def test_times_that_contradict_each_other_are_blanked_and_said(
    cells: dict[str, str], note: str, study: Path
) -> None:
    change(study, **cells)
    inputs = read(study)
    assert any(note in said for said in inputs.calls.notes), inputs.calls.notes
    assert inputs.calls.funnel.steps[3].count == 400


def test_rows_of_one_event_are_folded_and_counted(study: Path) -> None:
    change(study, call_id="C001")
    inputs = read(study)
    assert dict(inputs.calls.funnel.steps[1].reasons) == {"further rows of the same event": 1}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_any_encoding_is_read_and_a_guess_is_said(encoding: str, study: Path) -> None:
    frame = calls_of(study)
    frame.loc[2, "nature"] = "WELFARE CHECK \u2013 Café"
    frame.to_csv(study / "calls.csv", index=False, encoding=encoding)
    inputs = read_study(study).city
    assert "WELFARE CHECK \u2013 Café" in set(inputs.calls.frame["nature"])
    assert any("check whether accents are right" in note for note in inputs.calls.notes) == (
        encoding == "cp1252"
    )


def test_mixed_encodings_are_said_to_be_a_guess(study: Path) -> None:
    content = (
        (study / "calls.csv").read_bytes().replace(b"PARKING", "PARKING é".encode("cp1252"), 1)
    )
    (study / "calls.csv").write_bytes(content.replace(b"PARKING\n", "PARKING ü\n".encode(), 1))
    inputs = read_study(study).city
    assert any("check whether accents are right" in note for note in inputs.calls.notes)
    assert len(inputs.calls.frame) == 400


def test_unknown_natures_are_listed_with_their_calls(study: Path) -> None:
    inputs = read(study)
    assert inputs.calls.unmapped["nature"].tolist() == ["PARKING"]
    assert inputs.calls.unmapped["calls"].sum() == inputs.calls.funnel.steps[-1].lost


# ---- refused, with the cure ----


def rename(study: Path, old: str, new: str) -> None:
    calls_of(study).rename(columns={old: new}).to_csv(study / "calls.csv", index=False)


def swapped(study: Path) -> None:
    frame = calls_of(study).astype({"x": float, "y": float})
    longitude, latitude = Transformer.from_crs("EPSG:32618", "EPSG:4326", always_xy=True).transform(
        frame["x"], frame["y"]
    )
    frame.drop(columns=["x", "y"]).assign(longitude=latitude, latitude=longitude).to_csv(
        study / "calls.csv", index=False
    )
    settings(
        study, 'timezone = "America/New_York"\ncrs = "EPSG:32618"', 'timezone = "America/New_York"'
    )


def feet(study: Path) -> None:
    frame = calls_of(study).astype({"x": float, "y": float})
    x, y = FEET.transform(frame["x"], frame["y"])
    frame.assign(x=x, y=y).to_csv(study / "calls.csv", index=False)


def one_way_only(study: Path) -> None:
    roads = edges_frame(load_network(study / "roads.npz")).rename(
        columns={"edge_from": "u", "edge_to": "v"}
    )
    roads = gpd.GeoDataFrame(
        roads[roads["u"] < roads["v"]].assign(oneway="yes").drop(columns=["u", "v"])
    )
    roads.to_file(study / "roads.gpkg", layer="roads")
    settings(study, "roads.npz", "roads.gpkg")


def program(study: Path, text: str) -> None:
    (study / "program.toml").write_text(
        f'extends = "ride-along"\nname = "own"\n{text}', encoding="utf-8"
    )
    settings(study, 'preset = "ride-along"', 'file = "program.toml"')


HALVES = ("daily 00:00-12:00", "daily 12:00-24:00")
REFUSED: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "a column is missing": (
        lambda s: rename(s, "received_at", "when"),
        ("calls.csv", "received_at", "columns there: call_id"),
    ),
    "no coordinates": (
        lambda s: calls_of(s).drop(columns=["x", "y"]).to_csv(s / "calls.csv"),
        ("calls.csv", "place"),
    ),
    "longitude and latitude swapped": (
        swapped,
        ("calls.csv", "look swapped", "exchange the two columns"),
    ),
    "feet for meters": (feet, ("calls.csv", "km from the roads", "feet taken for meters")),
    "a CRS that is none": (
        lambda s: settings(s, 'York"\ncrs = "EPSG:32618"', 'York"\ncrs = "EPSG:1"'),
        ("EPSG:1", "write like"),
    ),
    "a time zone that is none": (
        lambda s: settings(s, "America/New_York", "Mars/Olympus"),
        ("Mars/Olympus", "IANA"),
    ),
    "an empty file": (
        lambda s: (s / "calls.csv").write_bytes(b""),
        ("calls.csv", "the file is empty"),
    ),
    "a header and no rows": (
        lambda s: calls_of(s).head(0).to_csv(s / "calls.csv", index=False),
        ("has a header and no rows",),
    ),
    "an empty road file": (
        lambda s: (s / "roads.npz").write_bytes(b""),
        ("roads.npz", "damaged road file"),
    ),
    "roads of one way only": (one_way_only, ("roads.gpkg", "one-way")),
    "posts off the network": (
        lambda s: (
            pd.read_csv(s / "posts.csv")
            .assign(x=500_000.0, y=4_520_000.0)
            .to_csv(s / "posts.csv", index=False)
        ),
        (
            "no post is usable",
            "8 x more than 500 m from a road of the network",
            "check the coordinates",
        ),
    ),
    "a post with no whole number": (
        lambda s: (
            pd.read_csv(s / "posts.csv").assign(at_most="-2").to_csv(s / "posts.csv", index=False)
        ),
        ("posts.csv", "row 2, column at_most", "'-2' is not a whole number", "row 9"),
    ),
    "a negative weight": (
        lambda s: program(s, "[call_classes.crisis_low]\nweight = -1.0\n"),
        ("weight", "found -1.0"),
    ),
    "a program that contradicts itself": (
        lambda s: program(
            s,
            '[responder_types.co_responder_unit]\nshift_patterns = ["never"]\neligible = ["nobody"]\n',
        ),
        ("program.toml", "'never' is not defined", "'nobody' is not defined"),
    ),
    "a limit on a type that is not there": (
        lambda s: settings(s, "co_responder_unit = 3", "helicopter = 3"),
        ("helicopter", "there are"),
    ),
    "words for times": (
        lambda s: calls_of(s).assign(received_at="about noon").to_csv(s / "calls.csv", index=False),
        ("not one of 400 rows", "calls.csv, row 2, such as 'about noon'", "write times like"),
    ),
    "places in words": (
        lambda s: calls_of(s).assign(x="east").to_csv(s / "calls.csv", index=False),
        ("not one of 400 rows", "calls.csv, row 2, such as 'east", "with a decimal point"),
    ),
    "a period in which nobody moves": (
        lambda s: settings(
            s, "[limits]", '[[periods]]\nname = "a"\nhours = "always"\nspeed_factor = 0\n[limits]'
        ),
        ("study.toml", "the first [[periods]] ('a')", "speed_factor must be above 0"),
    ),
    "two periods of one name": (
        lambda s: settings(
            s,
            "[limits]",
            "".join(f'[[periods]]\nname = "a"\nhours = "{h}"\n' for h in HALVES) + "[limits]",
        ),
        ("study.toml", "two have the same name"),
    ),
    "calls that come once in a hundred years": (
        lambda s: settings(s, '["calls.csv"]', '["calls.csv"]\nlast_day = 9999-12-31'),
        ("2 x 2 weeks of the replay have none", "raise judging.weeks"),
    ),
    "a study that names no file": (
        lambda s: settings(s, '"calls.csv"', '"cals.csv"'),
        ("cals.csv", "not in the study folder"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_input_is_refused_with_place_value_and_cure(name: str, study: Path) -> None:
    spoil, words = REFUSED[name]
    spoil(study)
    with pytest.raises((InputError, FileNotFoundError)) as caught:
        plan(read_study(study).case)
    for word in words:
        assert word in str(caught.value)


def test_no_call_that_anybody_may_be_sent_to_says_what_to_do(study: Path) -> None:
    calls_of(study).assign(nature="PARKING").to_csv(study / "calls.csv", index=False)
    with pytest.raises(InputError, match="look at the natures that no class takes"):
        plan(read_study(study).case)


# ---- small and odd, and still a plan ----


def test_one_call_and_one_post_are_a_plan(study: Path) -> None:
    calls_of(study)[lambda frame: frame["nature"] != "PARKING"].head(1).to_csv(
        study / "calls.csv", index=False
    )
    pd.read_csv(study / "posts.csv").head(1).to_csv(study / "posts.csv", index=False)
    planned = plan(read_study(study).case)
    assert planned.found
    assert planned.measures["plan"].figure("calls") == 1
    assert {option.post_id for option, _ in planned.deployment.counts} <= {"P0"}


def test_of_two_halves_the_larger_is_kept_and_what_is_lost_is_said(study: Path) -> None:
    whole = load_network(study / "roads.npz")
    middle = float(np.quantile(whole.node_x, 0.6))
    left = whole.node_x < middle
    cut = left[whole.edge_from] == left[whole.edge_to]
    lines = edges_frame(whole)[cut]
    roads = gpd.GeoDataFrame({"geometry": lines.geometry}, crs=whole.crs)
    roads.to_parquet(study / "roads.parquet")
    settings(study, "roads.npz", "roads.parquet")
    inputs = read(study)
    report = inputs.roads.report
    assert inputs.roads.n_nodes == int(left.sum())
    assert report.nodes_dropped == int((~left).sum())
    assert any("cannot be driven to and back" in note for note in report.notes)
    lost = inputs.calls.funnel.steps[3].lost
    assert lost > 0
    assert inputs.calls.set_aside["reason"].str.startswith("more than 500 m").sum() == lost
    assert (inputs.posts.set_aside["reason"] != "").all()
    assert len(inputs.posts.frame) + len(inputs.posts.set_aside) == 8


def test_five_hundred_units_of_today_are_judged(study: Path) -> None:
    header = "responder_type,post_id,shift_pattern,count"
    (study / "today.csv").write_text(
        f"{header}\nco_responder_unit,P0,day_10h,500\n", encoding="utf-8"
    )
    settings(study, "[limits]", '[today]\nfile = "today.csv"\n[limits]')
    assert plan(read_study(study).case).evaluations["today"].queueing.figure("calls_per_week") > 0


def test_residents_below_zero_are_not_known(study: Path) -> None:
    network = load_network(study / "roads.npz")
    area = shapely.box(
        network.node_x.min(), network.node_y.min(), network.node_x.max(), network.node_y.max()
    )
    layer = gpd.GeoDataFrame({"name": ["A"], "population": [-5]}, geometry=[area], crs=network.crs)
    layer.to_parquet(study / "districts.parquet")
    settings(study, "[limits]", '[districts]\nfile = "districts.parquet"\n[limits]')
    districts = read(study).districts
    assert districts is not None
    assert districts.frame["population"].isna().all()


def test_a_road_file_in_two_parts_is_refused(study: Path) -> None:
    whole = load_network(study / "roads.npz")
    far = dataclasses.replace(
        whole, edge_to=np.where(whole.edge_to == 0, 1, whole.edge_to).astype(np.int32)
    )
    save_network(far, study / "roads.npz")
    with pytest.raises(InputError, match="contradicts itself"):
        read_study(study)
