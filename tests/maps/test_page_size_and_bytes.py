"""Pages stay small in large cities, and are the same bytes from any process.

Map, report and explorer of made cities.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PAGES = ("map", "report", "explorer")

# The contents are those of this folder's tests, with streets of two sizes that bend as streets do.
MAKE = """
import hashlib, importlib.util, json, sys
from pathlib import Path

import numpy as np

def module(name):
    spec = importlib.util.spec_from_file_location(name, Path(sys.argv[1]) / f"{name}.py")
    sys.modules[name] = found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found

from coresponse.data.roads.frames import edges_frame
from coresponse.data.roads.made import street_grid
from coresponse.maps.explorer.page import explorer_page
from coresponse.maps.plan_map import plan_page
from coresponse.maps.report.page import report_page

make, report, explorer = module("conftest").make_content, module("test_report_page").report, module("test_explorer_page").explorer

def bend(line):
    (x0, y0), (x1, y1) = line.coords
    if (x0, y0) > (x1, y1):
        return type(line)(list(bend(type(line)([(x1, y1), (x0, y0)])).coords)[::-1])
    dx, dy = (x1 - x0) / 3, (y1 - y0) / 3
    return type(line)([(x0, y0), (x0 + dx - dy / 5, y0 + dy + dx / 5), (x0 + 2 * dx + dy / 7, y0 + 2 * dy - dx / 7), (x1, y1)])

told = {}
for side in (16, 48):
    roads = edges_frame(street_grid(side, side, seed=2))
    content = make(roads=roads.set_geometry(roads.geometry.map(bend)))
    made = {"map": plan_page(content), "report": report_page(report(content)), "explorer": explorer_page(explorer(content))}
    told[len(roads)] = {p: [len(t.encode()), hashlib.sha256(t.encode()).hexdigest()] for p, t in made.items()}
print(json.dumps(told))
"""


def made(hash_seed: str) -> dict[str, dict[str, Any]]:
    """Make the pages of a small and a larger city in a process of its own.

    Size and digest, by number of edges.
    """
    done = subprocess.run(
        [sys.executable, "-c", MAKE, str(Path(__file__).parent)],
        env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    return made("1")


def test_the_same_content_gives_the_same_bytes_in_another_process(
    told: dict[str, dict[str, Any]],
) -> None:
    assert made("2") == told


@pytest.mark.parametrize("page", PAGES)
def test_a_further_street_costs_few_bytes(told: dict[str, dict[str, Any]], page: str) -> None:
    small, large = sorted(told, key=int)
    (of_small, _), (of_large, _) = told[small][page], told[large][page]
    edges = int(large) - int(small)
    an_edge = (of_large - of_small) / edges
    # two directions of a street are drawn once, each corner as its difference from the one before;
    # print has main roads only
    assert an_edge < (3 if page == "report" else 16), f"{an_edge:.1f} bytes a directed edge"
    assert (an_edge > 6) is (page != "report"), "where have the streets gone?"
