"""Layers as files that other tools read: GeoPackage with QGIS styles, GeoParquet, GeoJSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from coresponse.maps.qgis.styles import Style
from coresponse.maps.qgis.table import write_styles

# GeoPackage stamps its tables with the time of writing; a fixed time gives the same plan the same
# bytes
STAMP = "2000-01-01T00:00:00.000Z"

# GeoPackage of 2018.
#
# What is in it needs no later version, and older QGIS reads it without a warning.
_OLD_ENOUGH = {"VERSION": "1.2"}


# GeoJSON as its standard has it.
#
# No `crs`, outer rings counterclockwise, seven decimals of a degree (a centimeter).
_AS_RFC_7946 = {"RFC7946": "YES"}


def write_files(
    found: Mapping[str, gpd.GeoDataFrame],
    styled: Sequence[Style],
    folder: Path,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Write layers by name, none of them empty, in all formats.

    The same layers give the same bytes.

    Parameters
    ----------
    tables
        Without shapes, by name; they go into the GeoPackage only.
    """
    package = folder / "plan.gpkg"
    with _fixed_time():
        for name, frame in found.items():
            options = {} if package.exists() else _OLD_ENOUGH
            frame.to_file(package, layer=name, driver="GPKG", dataset_options=options)
            frame.to_parquet(folder / f"{name}.parquet", index=False)
            degrees = frame.to_crs("EPSG:4326")
            degrees.to_file(
                folder / f"{name}.geojson", driver="GeoJSON", layer_options=_AS_RFC_7946
            )
        for name, table in (tables or {}).items():
            options = {} if package.exists() else _OLD_ENOUGH
            pyogrio.write_dataframe(
                table, package, layer=name, driver="GPKG", dataset_options=options
            )
    if found:
        write_styles(package, styled, stamp=STAMP)


@contextmanager
def _fixed_time() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
