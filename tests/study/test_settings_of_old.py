"""A study of an older version is read, or refused with what became of a setting and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from coresponse.data.errors import InputError
from coresponse.data.sample_city import sample_folder
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study


def test_online_tiles_are_refused_with_the_reason_and_with_all_else_that_is_wrong(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "sample"
    copy_study(sample_folder(), folder)
    path = folder / "study.toml"
    tiles = '\n[tiles]\nurl = "https://tiles.example/{z}/{x}/{y}.png"\nattribution = "Us"\n'
    path.write_text(path.read_text(encoding="utf-8") + tiles + "\n[tile]\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        open_study(folder)
    said = str(caught.value)
    assert "tiles: is no longer read: a map with online tiles tells a server where" in said
    assert "take [tiles] out" in said
    assert "tile: is not a known key" in said


def test_a_study_of_schema_1_is_read() -> None:
    assert open_study(sample_folder()).study.schema_version == 1
