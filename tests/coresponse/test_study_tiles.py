"""A study asks for online tiles by name, or there are none."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from coresponse import cli
from coresponse.data.errors import InputError
from coresponse.study import OPENSTREETMAP, Study, StudyFolder, TilesInput


def test_no_tiles_unless_asked_for() -> None:
    assert Study.model_fields["tiles"].default is None


def test_tiles_need_a_server_and_whom_to_name() -> None:
    assert (
        TilesInput(url="https://{s}.tiles.example/{z}/{x}/{y}.png", attribution="Us").attribution
        == "Us"
    )
    for url, attribution in (
        ("ftp://tiles.example/", "Us"),
        ("https://a b/", "Us"),
        ("https://tiles.example/", ""),
    ):
        with pytest.raises(ValidationError):
            TilesInput(url=url, attribution=attribution)


def test_tiles_for_one_run() -> None:
    roads, calls, posts = {"file": "r.json"}, {"files": ["c.csv"]}, {"propose": 3}
    content = {
        "schema": 1,
        "name": "n",
        "roads": roads,
        "calls": calls,
        "posts": posts,
        "program": {"preset": "star"},
    }
    plain = StudyFolder(Path(), Study.model_validate(content))
    own = TilesInput(url="https://tiles.example/{z}/{x}/{y}.png", attribution="Us")
    with_own = StudyFolder(Path(), plain.study.model_copy(update={"tiles": own}))
    assert plain.with_tiles().study.tiles is None
    assert plain.with_tiles(wanted=True).study.tiles == OPENSTREETMAP
    assert plain.with_tiles(url=own.url, attribution="Us").study.tiles == own
    assert with_own.with_tiles().study.tiles == with_own.with_tiles(wanted=True).study.tiles == own
    assert with_own.with_tiles(wanted=False).study.tiles is None
    for url, attribution in (("ftp://x/", "Us"), (own.url, "")):
        with pytest.raises(InputError, match="whom to name"):
            plain.with_tiles(url=url, attribution=attribution)


def test_tiles_and_none_are_not_asked_for_together() -> None:
    done = CliRunner().invoke(
        cli.app, ["plan", "nowhere", "--no-tiles", "--tiles-url", "https://tiles.example/"]
    )
    assert done.exit_code == 2
