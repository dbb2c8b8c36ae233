"""KML, KMZ, old workbooks, answers of Overpass and extracts of posts, broken in many ways."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from coresponse.data.calls.read import read_calls
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.read import read_roads
from tests.data.test_forms import kml_text, xls
from tests.data.test_overpass import answer, street_file
from tests.data.test_posts_extract import ROADS, TO_DEGREES, write_osm
from tests.fuzz.test_mutated_files import sound_history, sound_network, sound_posts

PROGRAM = load_program("mixed")
PLACES = [("n", "police", 5), ("w", "hospital", 44), ("r", "townhall", 90), ("n", "clinic", 17)]


def calls() -> pd.DataFrame:
    x, y = TO_DEGREES.transform(ROADS.node_x[:12], ROADS.node_y[:12])
    days = pd.date_range("2024-03-09 22:15", periods=12, freq="7h").strftime("%Y-%m-%d %H:%M:%S")
    table = pd.DataFrame({"call_id": [f"C{i}" for i in range(12)], "received_at": days})
    table = table.assign(arrived_at=days, nature=["MENTAL HEALTH", "PARKING"] * 6)
    return table.assign(longitude=x.round(6), latitude=y.round(6))


def seeds(folder: Path) -> dict[str, bytes]:
    kml = kml_text(calls(), folders=2)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("doc.kml", kml)
    xls(calls(), folder / "calls.xls", dates=True)
    for ending in (".osm", ".osm.pbf"):
        write_osm(folder / f"posts{ending}", PLACES)  # type: ignore[arg-type]
    street_file(street_grid(4, 4, seed=1), folder / "roads.osm")
    posts, roads = (answer(folder / f"{name}.osm", "skel") for name in ("posts", "roads"))
    return {
        "calls.kml": kml,
        "calls.kmz": packed.getvalue(),
        "calls.xls": (folder / "calls.xls").read_bytes(),
        "posts.osm": (folder / "posts.osm").read_bytes(),
        "posts.osm.pbf": (folder / "posts.osm.pbf").read_bytes(),
        "posts.json": json.dumps(posts).encode(),
        "roads.json": json.dumps(roads).encode(),
    }


SHARES = {
    "calls.kml": 0.01, "calls.kmz": 0.004, "calls.xls": 0.0008, "posts.osm": 0.005, "posts.osm.pbf": 0.005,
    "posts.json": 0.01, "roads.json": 0.004,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", SHARES)
def test_broken_forms(name: str, hammer: Any, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("a file, so that no cache is kept", encoding="utf-8")

    def read(path: Path) -> None:
        if name.startswith("roads"):
            sound_network(read_roads(path, cache_folder=tmp_path / "none" / "cache"))
        elif name.startswith("posts"):
            sound_posts(read_posts(path, network=ROADS), ROADS)
        else:
            sound_history(read_calls([path], network=ROADS, program=PROGRAM), ROADS)

    suffix = name.removeprefix(name.split(".", maxsplit=1)[0])
    tally = hammer(
        f"form {name}", seeds(tmp_path)[name], suffix, read, SHARES[name], inside=suffix == ".kmz"
    )
    assert tally.refused > 0
