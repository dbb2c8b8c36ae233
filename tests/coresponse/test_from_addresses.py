"""From an extract, calls in state plane feet with date and times apart, and stations by address to a plan, without
an edit of any file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer
from typer.testing import CliRunner

from coresponse.cli import main as cli
from coresponse.study.read import read_study

LON, LAT, STEP, SIDE = -76.88, 40.26, 0.002, 8
PENNSYLVANIA_SOUTH_FEET = "EPSG:2272"


def write_extract(path: Path) -> None:
    """A grid of numbered avenues and lettered streets; each lettered street has houses 100 and 198."""
    parts = ["<?xml version='1.0' encoding='UTF-8'?>", "<osm version='0.6'>"]
    parts += [
        f"<node id='{i * SIDE + j + 1}' lon='{LON + j * STEP}' lat='{LAT + i * STEP}'/>"
        for i in range(SIDE)
        for j in range(SIDE)
    ]
    for i in range(SIDE):
        for k, number in ((0, 100), (1, 198)):
            tags = {"addr:housenumber": number, "addr:street": f"{chr(65 + i)} Street"}
            parts.append(
                f"<node id='{900 + i * 2 + k}' lon='{LON + k * STEP}' lat='{LAT + i * STEP + 0.0001}'>"
                + "".join(f"<tag k='{key}' v='{value}'/>" for key, value in tags.items())
                + "</node>"
            )
    runs = [([i * SIDE + j + 1 for j in range(SIDE)], f"{chr(65 + i)} Street") for i in range(SIDE)]
    runs += [([i * SIDE + j + 1 for i in range(SIDE)], f"{j + 11}th Avenue") for j in range(SIDE)]
    for number, (refs, name) in enumerate(runs, start=1):
        nodes = "".join(f"<nd ref='{ref}'/>" for ref in refs)
        parts.append(f"<way id='{number}'>{nodes}<tag k='highway' v='residential'/><tag k='name' v='{name}'/></way>")  # fmt: skip
    path.write_text("\n".join([*parts, "</osm>"]), encoding="utf-8")


def write_calls(path: Path) -> None:
    rng = np.random.default_rng(4)
    n = 240
    lon, lat = LON + rng.integers(0, SIDE, n) * STEP, LAT + rng.integers(0, SIDE, n) * STEP
    there = Transformer.from_crs("EPSG:4326", PENNSYLVANIA_SOUTH_FEET, always_xy=True)
    x, y = there.transform(lon, lat)
    received = pd.date_range("2023-01-02 23:50", periods=n, freq="407min")
    frame = pd.DataFrame({"incident_number": np.arange(n) + 7000})
    frame["call_date"] = received.strftime("%m/%d/%Y")
    frame["time_received"] = received.strftime("%H:%M:%S")
    for name, minutes in (("dispatched", 4), ("arrived", 13), ("cleared", 55)):
        frame[f"time_{name}"] = (received + pd.Timedelta(minutes=minutes)).strftime("%H:%M:%S")
    frame["nature"] = np.resize(["MENTAL HEALTH", "WELFARE CHECK", "PARKING"], n)
    frame.assign(x_coord=np.round(x, 1), y_coord=np.round(y, 1)).to_csv(path, index=False)


def test_new_and_plan_run_with_no_edit_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_extract(tmp_path / "town.osm")
    write_calls(tmp_path / "cad.csv")
    written = ["149 A St", "C Street & 15th Ave.", "1XX G STREET", "12 Unknown Rd"]
    stations = pd.DataFrame({"station_no": [1, 2, 3, 4], "address": written})
    stations.to_csv(tmp_path / "stations.csv", index=False)
    runner, study = CliRunner(), tmp_path / "town"
    arguments = [
        "new",
        str(study),
        "--program",
        "ride-along",
        "--roads",
        str(tmp_path / "town.osm"),
    ]
    arguments += ["--calls", str(tmp_path / "cad.csv"), "--timezone", "America/New_York", "--yes"]
    made = runner.invoke(cli.app, [*arguments, "--posts", f"station={tmp_path / 'stations.csv'}"])
    assert made.exit_code == 0, (made.output, made.exception)
    shown = " ".join(made.output.split())
    assert "3 of 4 addresses were found" in shown
    assert "(149 A St); places by their addresses." in shown
    assert "address is not found: 12 Unknown Rd (no street UNKNOWN RD is known)" in shown
    city = read_study(study).city
    frame = city.calls.frame
    assert len(frame) == 240
    assert (frame["snap_m"] < 5).mean() > 0.9  # the town's four corners are no crossings
    assert (frame["arrived_at"] - frame["received_at"]).dt.total_seconds().eq(780).all()
    back = Transformer.from_crs(city.roads.crs, "EPSG:4326", always_xy=True)
    posts = city.posts.frame
    lon, lat = back.transform(posts["x"], posts["y"])
    places = {(round((a - LON) / STEP, 2), round((b - LAT) / STEP, 2)) for a, b in zip(lon, lat, strict=True)}  # fmt: skip
    assert places == {(0.5, 0.0), (4.0, 2.0), (0.5, 6.05)}
    opened = list[str]()
    monkeypatch.setattr("webbrowser.open", opened.append)
    planned = runner.invoke(cli.app, ["plan", str(study), "--open"])
    assert planned.exit_code == 0, (planned.output, planned.exception)
    run = next(path for path in (study / "results").iterdir() if path.is_dir())
    assert (run / "map.html").is_file()
    assert opened == [(run / "map.html").resolve().as_uri()]
    assert json.loads((run / "plan.json").read_text(encoding="utf-8"))
