"""Names that are code in HTML, scripts, templates, spreadsheets and terminals stay text in everything that a plan writes."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse.cli import main as cli

MARK = "h7x"
HOSTILE = [
    f"<img src={MARK} onerror=alert(1)>",
    f"</script><script>{MARK}()</script>",
    f"${{{MARK}()}}`{MARK}`",
    f"{{{{ {MARK}.__class__ }}}}{{% {MARK} %}}",
    f'=HYPERLINK("http://{MARK}","x")',
    f"@{MARK}",
    f"[bold red]{MARK}[/bold red]\x1b[31m",
    f"javascript:{MARK}\u202e\u2028",
]


@pytest.fixture
def hostile(study: Path) -> Path:
    posts = pd.read_csv(study / "posts.csv", dtype=str)
    posts.assign(name=HOSTILE).to_csv(study / "posts.csv", index=False)
    calls = pd.read_csv(study / "calls.csv", dtype=str)
    calls.loc[calls["nature"] == "PARKING", "nature"] = HOSTILE[4]
    calls.to_csv(study / "calls.csv", index=False)
    text = (study / "study.toml").read_text(encoding="utf-8")
    for old in ("Small town", "SYNTHETIC calls"):
        text = text.replace(f'"{old}"', f"'{HOSTILE[1]}'")
    (study / "study.toml").write_text(text.replace("= 3 }", "= 8 }"), encoding="utf-8")
    return study


def test_nothing_that_a_plan_writes_runs_what_a_name_says(hostile: Path) -> None:
    result = CliRunner().invoke(cli.app, ["plan", str(hostile), "--quiet"])
    assert result.exit_code == 0, result.output
    assert "\x1b[31m" not in result.output
    (run,) = (hostile / "results").iterdir()
    pages = sorted(run.rglob("*.html"))
    assert run / "map.html" in pages
    for path in pages:  # that they do nothing in a browser is tested with the map page
        page = path.read_text(encoding="utf-8")
        assert MARK in page
        assert not re.search(rf"<img[^>]*{MARK}", page), path.name
        assert f"<script>{MARK}" not in page, path.name
    for path in run.rglob("*.svg"):
        assert f"<script>{MARK}" not in path.read_text(encoding="utf-8")
    for path in run.rglob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")):
            for cell in row:
                number = re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)
                assert number or not cell.lstrip().startswith(("=", "+", "-", "@")), (
                    f"{path.name}: {cell}"
                )


def test_check_shows_names_as_text(hostile: Path) -> None:
    result = CliRunner().invoke(cli.app, ["check", str(hostile), "--quiet", "--details"])
    assert result.exit_code == 0, result.output
    assert "HYPERLINK" in result.output
