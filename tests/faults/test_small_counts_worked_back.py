"""Towns that differ in one small count only: whoever reads what is published cannot tell them apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from coresponse import cli

OF_THE_INPUTS = re.compile(rb"\b(?:plan|replay)-[0-9a-f]{10}\b|\b[0-9a-f]{64}\b|\b[0-9a-f]{16}\b")
"""Names of runs and hashes of inputs."""


def published(study: Path) -> dict[str, bytes]:
    """Return what is meant for showing, without the inputs' hashes."""
    files = [path for path in (study / "results").rglob("*") if path.is_file() and "internal" not in path.parts]
    name = re.compile(r"-[0-9a-f]{10}")
    return {
        name.sub("", str(path.relative_to(study))): OF_THE_INPUTS.sub(b"", path.read_bytes()) for path in sorted(files)
    }


@pytest.fixture(scope="module")
def towns(make_study: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """What two towns publish: in one 3 calls are of a kind that no responder takes, in the other 8."""
    out = []
    for few in (3, 8):
        study = make_study(tmp_path_factory.mktemp("few") / "town")
        calls = pd.read_csv(study / "calls.csv")
        parking = calls.index[calls["nature"] == "PARKING"]
        calls.drop(parking[few:]).to_csv(study / "calls.csv", index=False)
        for command in ("plan", "replay"):
            done = CliRunner().invoke(cli.app, [command, str(study), "--quiet"])
            assert done.exit_code == 0, done.output
        out.append(published(study))
    return out


def test_a_small_count_changes_nothing_that_is_published(towns: list[dict[str, bytes]]) -> None:
    one, other = towns
    assert one.keys() == other.keys()
    assert len(one) > 20
    assert [name for name, content in one.items() if content != other[name]] == []
