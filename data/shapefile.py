"""The parts of an input: a shapefile is several files of one name."""

from __future__ import annotations

from pathlib import Path

# Read beside a ``.shp``: index, attributes, CRS, encoding. Others, such as ``.qix``, are never
# read.
SHAPE_PARTS = (".shx", ".dbf", ".prj", ".cpg")


def parts_beside(path: Path) -> tuple[Path, ...]:
    """Return the further files that are read with an input, sorted; none but for a shapefile."""
    if path.suffix.lower() != ".shp":
        return ()
    return tuple(
        sorted(
            near
            for near in path.parent.iterdir()
            if near.stem == path.stem and near.suffix.lower() in SHAPE_PARTS
        )
    )
