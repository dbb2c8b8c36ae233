"""A figure is the same wherever it is told: on the terminal, in JSON and in tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from typer.testing import CliRunner

from coresponse.cli import main as cli


def test_the_least_cost_in_a_scenario_is_that_of_the_table(
    make_study: Callable[[Path], Path], tmp_path: Path
) -> None:
    """The terminal told it to a hundredth of a minute, where the table had steps of five calls."""
    study = make_study(tmp_path / "town")
    done = CliRunner().invoke(cli.app, ["scenarios", str(study), "--only", "demand-up", "--quiet"])
    assert done.exit_code == 0, done.output
    (run,) = (study / "results").glob("scenarios-*")
    figures = pd.read_csv(run / "figures.csv")
    least = figures[figures["keeps_limits"]].groupby("scenario")["cost"].min()
    rows = [re.split(r"\s*[│|]\s*", line.strip("│| ")) for line in done.output.splitlines()]
    told = {row[0]: row for row in rows if len(row) > 3}
    assert told["As the study states"][2] == f"{least['as-stated']:,.2f}"
    others = {row[2] for name, row in told.items() if name.startswith("Demand") or "demand" in name}
    assert f"{least['demand-up']:,.2f}" in others
