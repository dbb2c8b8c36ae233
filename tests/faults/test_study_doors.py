"""A study's folder and files: nothing in it leads out, and nothing is read that no hash covers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.sample_city import sample_folder
from coresponse.study.folder import StudyFolder, open_study
from coresponse.study.new import NewStudy, new_study
from coresponse.study.provenance import input_hashes
from coresponse.study.read import read_study

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def _study(folder: Path) -> Path:
    """The sample city with its parks as a shapefile."""
    shutil.copytree(sample_folder(), folder, ignore=shutil.ignore_patterns("results"))
    written = folder / "study.toml"
    parks = gpd.GeoDataFrame({"name": ["A"]}, geometry=[shapely.box(-73.99, 40.7, -73.98, 40.71)])
    parks.set_crs(4326).to_file(folder / "parks.shp")
    text = written.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("parks =")]
    at = lines.index("[roads]") + 1
    lines.insert(at, 'parks = "parks.shp"')
    written.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    return open_study(_study(tmp_path / "city"))


@pytest.mark.parametrize("odd", ["a!b", "tab\there", "line\nbreak", "vsizip", "bell\a"])
def test_a_folder_with_an_odd_name_is_refused_at_once(odd: str, tmp_path: Path) -> None:
    for folder in (tmp_path / odd, tmp_path / odd / "inner"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "study.toml").write_text("schema = 1", encoding="utf-8")
        with pytest.raises(InputError, match="the name ") as refused:
            open_study(folder)
        assert str(refused.value).isprintable()
        with pytest.raises(InputError, match="the name "):
            new_study(folder / "new", NewStudy(program="mixed", calls=()))


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_a_folder_whose_name_is_no_text_is_refused_at_once(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    (folder / "study.toml").write_text("schema = 1", encoding="utf-8")
    with pytest.raises(InputError, match="not UTF-8") as refused:
        open_study(folder)
    str(refused.value).encode()


@pytest.mark.parametrize("name", ["a!b.csv", "vsicurl/x.csv", "a\\tb.csv", "a\\u2028b.csv"])
def test_an_odd_name_in_a_study_is_refused_and_nothing_else(name: str, study: StudyFolder) -> None:
    written = study.path / "study.toml"
    text = written.read_text(encoding="utf-8")
    written.write_text(text.replace("parks.shp", name), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        open_study(study.path)
    assert "1 fault" in str(refused.value)
    assert "roads.parks: the name " in str(refused.value)


def test_what_new_is_given_has_plain_names(tmp_path: Path) -> None:
    calls = tmp_path / "calls!x.csv"
    calls.write_text("a,b\n", encoding="utf-8")
    start = NewStudy(program="mixed", calls=(calls,), roads=calls, posts=(str(calls),))
    with pytest.raises(InputError, match="3 faults") as refused:
        new_study(tmp_path / "city", start)
    assert str(refused.value).count("the name has a !") == 3


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_a_shapefile_is_hashed_and_guarded(part: str, study: StudyFolder) -> None:
    path = study.path / f"parks{part}"
    before = input_hashes(study)
    assert f"parks{part}" in before
    path.write_bytes(path.read_bytes() + b" ")
    changed = [name for name, digest in input_hashes(study).items() if digest != before[name]]
    assert changed == [f"parks{part}"]
    outside = study.path.parent / f"secret{part}"
    shutil.move(path, outside)
    path.symlink_to(outside)
    with pytest.raises(InputError, match="leads out of the study folder"):
        study.file("parks.shp")
    with pytest.raises(CoresponseError, match=f"parks{part} leads out"):
        read_study(study)


def test_study_toml_may_not_be_a_link_out(study: StudyFolder) -> None:
    inner = study.path / "study.toml"
    outside = study.path.parent / "other.toml"
    shutil.move(inner, outside)
    inner.symlink_to(outside)
    with pytest.raises(InputError, match=r"study\.toml leads out"):
        open_study(study.path)
