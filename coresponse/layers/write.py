"""Write a plan's layers for other tools: GeoPackage with QGIS styles, GeoParquet, GeoJSON."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from coresponse.data.tables.write import write_csv
from coresponse.layers.frames import crew_types, deployments, layers, responder_titles
from coresponse.maps.qgis.styles import Style, area_styles, district_styles, post_styles
from coresponse.maps.qgis.table import write_styles
from coresponse.metrics import metrics_frame
from coresponse.planning import Planned, target_min
from coresponse.publish.disclosure import PUBLIC, Disclosure

# GeoPackage stamps its tables with the time of writing; a fixed time gives the same plan the same
# bytes
STAMP = "2000-01-01T00:00:00.000Z"

CANNOT_WRITE = (DataSourceError, DataLayerError, FeatureError, sqlite3.OperationalError)
"""What GDAL and SQLite raise where a disk is full or a quota reached; neither is an OSError."""

_OLD_ENOUGH = {"VERSION": "1.2"}
"""GeoPackage of 2018.

What is in it needs no later version, and older QGIS reads it without a warning.
"""


_AS_RFC_7946 = {"RFC7946": "YES"}
"""GeoJSON as its standard has it.

No `crs`, outer rings counterclockwise, seven decimals of a degree (a centimeter).
"""


def write_layers(planned: Planned, folder: Path, *, disclosure: Disclosure = PUBLIC) -> None:
    """Write posts, areas, districts and metrics for other tools.

    Layers as GeoPackage with styles, GeoParquet, and GeoJSON (in degrees, as its standard asks);
    metrics as CSV and in the package. Internal ones suppress nothing and say what they are in a
    column.
    """
    found = layers(planned, disclosure=disclosure)
    titles = responder_titles(planned)
    crews = {
        name: tuple(crew_types(of, titles).values()) for name, of in deployments(planned).items()
    }
    metrics = disclosure.marked(metrics_frame(planned, disclosure=disclosure))
    write_csv(metrics, folder / "metrics.csv")
    write_files(
        found,
        styles(found, crews, titles, target_min(planned.inputs)),
        folder,
        {"metrics": metrics},
    )


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


def styles(
    found: Mapping[str, gpd.GeoDataFrame],
    crews: Mapping[str, Sequence[tuple[str, ...]]],
    titles: Mapping[str, str],
    target_min: float,
) -> list[Style]:
    """Return the styles of the layers that there are.

    Parameters
    ----------
    crews
        By deployment, the responder types that stand together somewhere.
    titles
        By responder type, in the order they are shown.
    """
    out: list[Style] = []
    if "posts" in found:
        out += post_styles(_columns(found["posts"]), crews, titles)
    if "areas" in found:
        out += area_styles(
            _columns(found["areas"]), found["areas"]["calls_band"].map(str), target_min
        )
    if "areas_by_time" in found:
        timed = found["areas_by_time"]
        bands = {
            str(band)
            for name in _columns(timed)
            if name.startswith("calls_band@")
            for band in timed[name]
        }
        out += area_styles(_columns(timed), bands, target_min, layer="areas_by_time")
    if "districts" in found:
        out += district_styles(_columns(found["districts"]), target_min)
    return out


def _columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in frame.columns if name != frame.geometry.name]


@contextmanager
def _fixed_time() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
