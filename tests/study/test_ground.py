"""Water and parks in a study.

Inputs like any other, hashed, and refused in words together with the rest.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.sample_city import sample_folder
from coresponse.study.files import copy_study
from coresponse.study.folder import open_study
from coresponse.study.provenance import input_hashes
from coresponse.study.read import read_study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "sample"
    copy_study(sample_folder(), folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    own = 'water = "water.geojson"\nparks = "parks.geojson"\n'
    assert own in text
    more = 'water = "water.geojson"\nparks = "parks.gpkg"\nattribution = "Made shapes"\n'
    path.write_text(text.replace(own, more), encoding="utf-8")
    for name in ("water", "parks"):
        (folder / f"{name}.geojson").unlink()
    return folder


def write(path: Path, *shapes: shapely.Geometry) -> None:
    gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:4326").to_file(path)


def test_they_are_inputs_of_the_study(study: Path) -> None:
    with pytest.raises(MissingInputError, match=r"water\.geojson, parks\.gpkg"):
        open_study(study)
    write(study / "water.geojson", shapely.box(-74.05, 40.70, -74.02, 40.80))
    write(study / "parks.gpkg", shapely.box(-73.98, 40.77, -73.96, 40.79))
    opened = open_study(study)
    assert {"water.geojson", "parks.gpkg"} <= set(input_hashes(opened))
    inputs = read_study(opened).city
    assert inputs.water is not None
    assert inputs.parks is not None
    for shapes in (inputs.water, inputs.parks):
        assert shapes.crs == inputs.roads.crs
        assert shapes.area.sum() > 1e6


def test_both_are_refused_at_once(study: Path) -> None:
    write(study / "water.geojson", shapely.box(2.2, 48.8, 2.4, 48.9))
    write(study / "parks.gpkg", shapely.LineString([(-74, 40.7), (-74, 40.8)]))
    with pytest.raises(InputError) as caught:
        read_study(study)
    said = str(caught.value)
    assert "no water near the roads" in said
    assert "parks are areas" in said
