"""One study whose every name is an attack, through every command.

Each name is text in each page and file, and nothing runs.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from coresponse.cli import main as cli

HARM = "window.harm=1"
NAMES = [
    f"<img src=x onerror={HARM}>",
    f"</script><script>{HARM}</script>",
    f"${{{HARM}}}`${{{HARM}}}`\\`",
    "{{7*191}}{% raw %}<%= 7*191 %>#{7*191}",
    f'=HYPERLINK("http://harm.example/?{HARM}","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1-cmd|' /C calc'!A0",
    f"-\u202e\u2066\u2028javascript:{HARM}\u2069",
]
DISTRICTS = [
    f'" onmouseover="{HARM}" x=\'',
    f"<svg/onload={HARM}>",
    "]]><!--&lt;b&gt;",
    "=1+1;[% 7*191 %]'; DROP TABLE posts;--",
]
STUDY_NAME = f"Town <script>{HARM}</script>"
UNIT = f"Unit <b onclick={HARM}>&amp;"
SHIFT = f"Shift `${{{HARM}}}` {{{{7*191}}}}"
SCENARIO = f"=2+2 <iframe srcdoc='<script>parent.{HARM}</script>'>"
SWEEP = ["--vary", "units.co_responder_unit=2:3", "--busy-units", "free", "--jobs", "1"]

SCENARIO_TEXT = """
[[scenarios]]
name = "mine"
title = '''{title}'''
posts_closed = ['''{post}''']
"""


def hostile_study(study: Path) -> Path:
    """Put an attack into the place of every name of a small town."""
    posts = pd.read_csv(study / "posts.csv", dtype=str)
    ids = [f"P{i}" for i in range(6)] + ["<u>P6", "=P7"]
    posts.assign(post_id=ids, name=NAMES, kind=["station"] * 8).to_csv(
        study / "posts.csv", index=False
    )
    calls = pd.read_csv(study / "calls.csv", dtype=str)
    calls.loc[calls["nature"] == "PARKING", "nature"] = NAMES[4]
    calls.to_csv(study / "calls.csv", index=False)
    x, y = calls["x"].astype(float), calls["y"].astype(float)
    halves = (
        np.linspace(x.min() - 50, x.max() + 50, 3),
        np.linspace(y.min() - 50, y.max() + 50, 3),
    )
    boxes = [
        shapely.box(halves[0][i], halves[1][j], halves[0][i + 1], halves[1][j + 1])
        for i in range(2)
        for j in range(2)
    ]
    frame = gpd.GeoDataFrame(
        {"district_id": [f"<i>{i}" for i in range(4)], "name": DISTRICTS},
        geometry=boxes,
        crs="EPSG:32618",
    )
    frame.to_file(study / "districts.gpkg", driver="GPKG")
    program = f"""extends = "ride-along"
name = "hostile"
[responder_types.co_responder_unit]
title = '''{UNIT}'''
shift_patterns = ["always"]
[shift_patterns.always]
title = '''{SHIFT}'''
hours = "always"
"""
    (study / "program.toml").write_text(program, encoding="utf-8")
    text = (study / "study.toml").read_text(encoding="utf-8")
    text = text.replace('name = "Small town"', f"name = '''{STUDY_NAME}'''").replace(
        "= 3 }", "= 8 }\nmax_per_post = 1"
    )
    text = text.replace('preset = "ride-along"', 'file = "program.toml"')
    text = text.replace("[program]", '[districts]\nfile = "districts.gpkg"\n[program]')
    text += SCENARIO_TEXT.format(title=SCENARIO, post="<u>P6")
    text += "\n".join(
        f"[[periods]]\nname = '''{name}'''\nhours = '{hours}'\n"
        for name, hours in ((NAMES[1], "daily 07:00-19:00"), (NAMES[4], "daily 19:00-07:00"))
    )
    (study / "study.toml").write_text(text, encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def results(make_study: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run every command that writes results."""
    study = hostile_study(make_study(tmp_path_factory.mktemp("hostile") / "town"))
    for command in (
        ["plan"], ["sweep", *SWEEP], ["report"], ["explore"], ["replay"], ["scenarios", "--only", "mine", "--time-limit", "5"],
        ["compare", "--programs", "ride-along,mixed", "--budget", "2000000", "--time-limit", "5"], ["alternatives"],
    ):  # fmt: skip
        done = CliRunner().invoke(
            cli.app,
            [command[0], str(study), *command[1:], *([] if command == ["report"] else ["--quiet"])],
        )
        assert done.exit_code == 0, (command, done.output, done.exception)
        assert "\u202e" not in done.output
    return study / "results"


def files(results: Path, ending: str) -> list[Path]:
    found = sorted(path for path in results.rglob(f"*{ending}") if "sweep-points" not in path.parts)
    assert found, ending
    return found


@pytest.fixture(scope="module")
def browser(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def test_nothing_runs_in_any_page_and_names_are_text(results: Path, browser: Any) -> None:
    wanted = {
        "map.html": [NAMES[0], DISTRICTS[1], UNIT, SHIFT],
        "report.html": [STUDY_NAME, UNIT],
        "explorer.html": [STUDY_NAME],
    }
    pages = files(results, ".html")
    assert {path.name for path in pages} >= set(wanted)
    for path in pages:
        page = browser.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("dialog", lambda dialog, said=said: (said.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on(
            "console",
            lambda line, said=said: (
                said.append(line.text) if line.type in ("error", "warning") else None
            ),
        )
        page.goto(path.as_uri())
        page.wait_for_load_state("load")
        page.wait_for_timeout(300)
        for radio in page.locator('input[name="view"]').all():
            radio.check(force=True)
        for element in page.locator(".leaflet-marker-icon").all()[:20]:
            element.dispatch_event("click")
        assert page.evaluate("window.harm") is None, path
        assert asked == [path.as_uri()], path
        assert said == [], path
        # what names would have made of the page
        assert (
            page.locator("img[onerror], iframe, [onmouseover], [onclick], svg[onload]").count() == 0
        ), path
        text = re.sub(
            r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]",
            "",
            page.evaluate("document.documentElement.textContent"),
        )
        assert "1337" not in text  # 7 * 191: no template was worked out
        for name in wanted.get(path.name, []):
            assert (
                name in text
                or json.dumps(name)[1:-1].replace("<", "\\u003c").replace(">", "\\u003e") in text
            ), (
                path.name,
                name,
            )
        page.close()


def test_no_cell_of_any_table_is_a_formula(results: Path) -> None:
    seen = set()
    for path in files(results, ".csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")):
            for cell in row:
                number = re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell)
                assert number or not cell.lstrip().startswith(("=", "+", "-", "@", "\t")), (
                    f"{path}: {cell}"
                )
                seen.add(cell.lstrip("'"))
    assert {NAMES[4], "=P7"} <= seen


def test_packages_and_layers_hold_names_as_they_are(results: Path) -> None:
    for package in files(results, ".gpkg"):
        posts = gpd.read_file(package, layer="posts").set_index("post_id")
        assert len(posts) == 8
        assert posts.loc["P0", "name"] == NAMES[0]
        assert posts.loc["=P7", "name"].endswith(NAMES[7][-10:]) or HARM in posts.loc["=P7", "name"]
        assert set(gpd.read_file(package, layer="districts")["name"]) == set(DISTRICTS)
        with closing(sqlite3.connect(package)) as base:
            for (style,) in base.execute("select styleQML from layer_styles"):
                ET.fromstring(style)
    for path in files(results, "posts.parquet"):
        assert set(NAMES[:7]) <= set(gpd.read_parquet(path)["name"])
    for path in files(results, "districts.geojson"):
        assert set(gpd.read_file(path)["name"]) == set(DISTRICTS)


def test_results_are_json_and_pictures_are_pictures(results: Path) -> None:
    for path in files(results, ".json"):
        json.loads(path.read_text(encoding="utf-8"))
    plan = next(results.glob("plan-*/plan.json")).read_text(encoding="utf-8")
    assert json.loads(plan)["study"] == STUDY_NAME
    for path in files(results, ".svg"):
        root = ET.fromstring(path.read_text(encoding="utf-8"))
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"script", "foreignObject", "iframe", "image"}
        assert not [
            key for element in root.iter() for key in element.attrib if key.lower().startswith("on")
        ]
