"""Real files, broken in thousands of ways.

Each is read with right totals, or refused in words.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from coresponse.data.calls.read import read_calls
from coresponse.data.posts_read import read_posts
from coresponse.data.programs.model import Program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.read import read_roads
from tests.fuzz.sound import sound_history, sound_network, sound_posts


def _real(folder: Path) -> dict[str, tuple[bytes, str]]:
    """The beginnings of real files, small enough to be read thousands of times."""
    nypd = (
        (folder / "manhattan" / "calls_nypd_2021-07-04.csv").read_bytes().splitlines(keepends=True)
    )
    county = gzip.decompress(
        (folder / "montgomery_pa" / "calls_911.csv.gz").read_bytes()
    ).splitlines(keepends=True)
    return {
        "NYPD calls": (b"".join(nypd[:40]), "calls"),
        "Montgomery calls": (b"".join(county[:40]), "county"),
        "EMS stations": ((folder / "manhattan" / "ems_stations.csv").read_bytes(), "posts"),
        "hospitals": ((folder / "manhattan" / "hospitals.csv").read_bytes(), "posts"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["NYPD calls", "Montgomery calls", "EMS stations", "hospitals"])
def test_broken_real_tables(name: str, program: Program, shared_data: Path, hammer: Any) -> None:
    content, kind = _real(shared_data)[name]
    # UTM 18N: roads over Manhattan, or over the county
    origin = (436_000.0, 4_422_000.0) if kind == "county" else (580_000.0, 4_500_000.0)
    roads = street_grid(
        30, 60, seed=1, spacing_m=900.0 if kind == "county" else 500.0, origin_xy=origin
    )

    def read(path: Path) -> None:
        if kind == "posts":
            sound_posts(read_posts(path, network=roads, kind="station", snap_max_m=2000.0), roads)
        else:
            sound_history(
                read_calls([path], network=roads, program=program, snap_max_m=2000.0), roads
            )

    read_once = hammer.kept / "sound.csv"
    read_once.parent.mkdir(parents=True, exist_ok=True)
    read_once.write_bytes(content)
    read(read_once)  # the file itself is sound: what is broken below is what this test broke
    hammer(f"real: {name}", content, ".csv", read, 0.003)


@pytest.mark.slow
def test_broken_real_roads(shared_data: Path, hammer: Any, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("a file, so that no cache is kept", encoding="utf-8")

    def read(path: Path) -> None:
        sound_network(read_roads(path, cache_folder=tmp_path / "none" / "cache"))

    hammer(
        "real: Harrisburg .osm.pbf",
        (shared_data / "roads_scale" / "harrisburg.osm.pbf").read_bytes(),
        ".osm.pbf",
        read,
        0.0005,
    )
