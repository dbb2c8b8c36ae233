"""Write a plan's layers for other tools: GeoPackage, GeoParquet, GeoJSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from coresponse.content import cells_frame, districts_frame, posts_frame
from coresponse.planning import Planned

# GeoPackage stamps its tables with the time of writing; a fixed time gives the same plan the same bytes
STAMP = "2000-01-01T00:00:00Z"

GDAL_CANNOT_WRITE = (DataSourceError, DataLayerError, FeatureError)


def write_layers(planned: Planned, folder: Path) -> None:
    """Write posts, areas and districts for other tools: GeoPackage, GeoParquet, GeoJSON (in degrees, as its standard asks)."""
    posts = posts_frame(planned.inputs.posts)
    for name, deployment in (("plan", planned.plan), ("today", planned.inputs.today)):
        if deployment is not None:
            by_post: dict[str, int] = {}
            for option, count in deployment.counts:
                by_post[option.post_id] = by_post.get(option.post_id, 0) + count
            posts[f"responders_{name}"] = posts["post_id"].map(by_post).fillna(0).astype("int64")
    layers = {"posts": posts, "areas": cells_frame(planned)}
    districts = districts_frame(planned)
    if districts is not None:
        layers["districts"] = districts
    with _fixed_time():
        for layer, frame in layers.items():
            if len(frame):
                frame.to_file(folder / "plan.gpkg", layer=layer, driver="GPKG")
                frame.to_parquet(folder / f"{layer}.parquet", index=False)
                frame.to_crs("EPSG:4326").to_file(folder / f"{layer}.geojson", driver="GeoJSON")


@contextmanager
def _fixed_time() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
