"""Names, and contents, that would lead a reader to another file or onto the network.

A server on this machine counts who comes.
"""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import geopandas as gpd
import pyarrow.parquet
import pyogrio
import pyproj
import pytest
import shapely

from coresponse.data.calls.read import read_calls
from coresponse.data.crs_text import refuse_leading_crs
from coresponse.data.deployments import read_deployment
from coresponse.data.district_layers import read_districts
from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.ground import read_ground
from coresponse.data.names import odd_name
from coresponse.data.posts_read import read_posts
from coresponse.data.private import shut_off
from coresponse.data.programs.load import load_program
from coresponse.data.roads.download import read_polygon
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.read import read_roads
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import CALLS

NETWORK = street_grid(5, 4, seed=5)
PROGRAM = load_program("mixed")

READERS: dict[str, Callable[[Path], object]] = {
    "calls": lambda path: read_calls([path], network=NETWORK, program=PROGRAM),
    "posts": lambda path: read_posts(path, network=NETWORK),
    "deployment": lambda path: read_deployment(path, read_posts(path, network=NETWORK), PROGRAM),
    "districts": lambda path: read_districts(path, network=NETWORK),
    "water": lambda path: read_ground(path, network=NETWORK, what="water"),
    "roads": lambda path: read_roads(path, cache_folder=path.parent / "cache"),
    "area": read_polygon,
}


class Visitors:
    """A server on this machine that hangs up, and counts who called."""

    def __init__(self) -> None:
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.server.listen(64)
        self.count = 0
        self.address = f"127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self.server.accept()
            except OSError:
                return
            self.count += 1
            visitor.close()

    def so_far(self) -> int:
        """Count those who came before a visitor of our own, who is let in after them."""
        before = self.count
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port))) as own:
            own.recv(1)
        while self.count == before:
            time.sleep(0.001)
        self.count -= 1
        return self.count


@pytest.fixture
def visitors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitors]:
    # a city's machine often has its own servers excepted from the proxy
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    made = Visitors()
    yield made
    made.server.close()


def _layer(folder: Path, name: str, **more: object) -> Path:
    x, y = float(NETWORK.node_x.mean()), float(NETWORK.node_y.mean())
    shape = gpd.GeoSeries([shapely.box(x - 300, y - 300, x, y)], crs=NETWORK.crs).to_crs(4326)
    document = json.loads(shape.to_json()) | more
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("ending", ["geojson", "gpkg", "zip", "parquet", "csv"])
def test_a_name_leads_nowhere_else(
    reader: str, ending: str, tmp_path: Path, visitors: Visitors
) -> None:
    """A decoy at the path that was checked stands in front of what the name leads to."""
    secret = _layer(tmp_path, f"elsewhere/secret.{ending}")
    address = quote(f"http://{visitors.address}/secret.{ending}", safe="")
    names = [
        f"a!{secret}",
        f"a!/vsicurl?url={address}",
        f"a!/vsicurl/http:/{visitors.address}/secret.{ending}",
        f"vsizip/secret.{ending}",
        f"line\nbreak.{ending}",
        f"tab\t.{ending}",
        f"bytes\udcff.{ending}",
    ]
    for name in names:
        decoy = tmp_path / "study" / name.lstrip("/")
        decoy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(secret, decoy)
        with pytest.raises(CoresponseError, match="the name "):
            READERS[reader](decoy)
    assert visitors.so_far() == 0


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("start", ["http:", "zip:", "file:", "https:", "GPKG:x:", "zip+http:"])
def test_a_path_that_begins_like_an_address(
    reader: str, start: str, tmp_path: Path, visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("x.geojson", "x.osm.pbf", "x.parquet", "x.csv"):
        path = Path(f"{start}//{visitors.address}") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_layer(tmp_path, "real.geojson"), path)
        with pytest.raises(CoresponseError, match="like an address"):
            READERS[reader](path)
    assert visitors.so_far() == 0


@pytest.mark.parametrize("kind", ["url", "link", "URL", "Link"])
@pytest.mark.parametrize("reader", ["districts", "water", "area", "posts", "roads"])
def test_a_crs_by_its_address_is_not_fetched(
    kind: str, reader: str, tmp_path: Path, visitors: Visitors
) -> None:
    """GDAL asks the server that a GeoJSON names for its CRS."""
    address = f"http://{visitors.address}/crs"
    crs = {"type": kind, "properties": {"url": address, "href": address, "type": "ogcwkt"}}
    path = _layer(tmp_path, "layer.geojson", crs=crs)
    try:
        READERS[reader](path)
    except CoresponseError as error:
        assert "layer.geojson" in str(error)  # noqa: PT017 -- some read it with the usual CRS
    assert visitors.so_far() == 0


def test_gdal_is_shut_off_in_the_whole_process(tmp_path: Path, visitors: Visitors) -> None:
    shut_off()
    inner = _layer(tmp_path, "inner.geojson")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(inner, "inner.geojson")
    for name in (
        f"/vsicurl/http://{visitors.address}/a.geojson",
        f"/vsicurl?url=http%3A%2F%2F{visitors.address}%2Fa.geojson",
        f"/vsicurl_streaming/http://{visitors.address}/a.geojson",
        f"http://{visitors.address}/a.geojson",
        f"WFS:http://{visitors.address}/",
        f"GeoJSON:http://{visitors.address}/",
        f"/vsizip/{tmp_path}/a.zip/inner.geojson",
        f"zip://{tmp_path}/a.zip!inner.geojson",
    ):
        with pytest.raises(Exception, match=r"."):
            pyogrio.read_dataframe(name)
    assert visitors.so_far() == 0
    assert len(pyogrio.read_dataframe(inner)) == 1


def test_what_lies_beside_an_input_is_not_read(tmp_path: Path) -> None:
    """By a path, a reader of Parquet makes columns of the folders' names."""
    folder = tmp_path / "agency=1" / "nature=54E1"
    folder.mkdir(parents=True)
    source = tmp_path / "calls.csv"
    source.write_text("call_id,received_at\nA,2024-05-01 10:00:00\n", encoding="utf-8")
    read_table(source, CALLS).frame.to_parquet(folder / "calls.parquet")
    assert list(read_table(folder / "calls.parquet", CALLS).frame.columns) == [
        "call_id",
        "received_at",
    ]


@pytest.mark.parametrize("odd", ["a!b", "vsizip", "tab\there"])
def test_a_folder_for_temporary_files_with_an_odd_name(
    odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / odd).mkdir()
    path = _layer(tmp_path, "layer.geojson")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / odd))
    with pytest.raises(InputError, match="TMPDIR"):
        read_districts(path, network=NETWORK)


@pytest.mark.parametrize(
    "name",
    [
        "calls 2024 (final).csv", "Straße.geojson", "a#b.geojson", "a%20b.gpkg", "a?b.geojson", "C:\\Users\\x.csv",
        "/run/user/1000/gvfs/smb-share:server=x,share=y/a.csv", "a=b.parquet", "vs i.csv", "police's.csv", "a;b,c.csv",
    ],
)  # fmt: skip
def test_a_plain_name_is_none(name: str) -> None:
    assert odd_name(name) == ""


@pytest.mark.parametrize("name", ["a#b", "a%20b", "a?b=c&d", "a b", "ä"])
def test_a_plain_name_is_read_however_it_looks(name: str, tmp_path: Path) -> None:
    path = _layer(tmp_path, f"{name}.geojson")
    assert len(read_districts(path, network=NETWORK).frame) == 1


def test_times_in_geojson_are_text_until_we_read_them(tmp_path: Path) -> None:
    """GDAL takes them for times of its own, and drops a zone that it does not know."""
    said = ["2024-05-01 10:00:00", "2024-05-01 10:00:00 EST5"]
    point = {"type": "Point", "coordinates": [1, 2]}
    features = [
        {"type": "Feature", "properties": {"received_at": text}, "geometry": point} for text in said
    ]
    path = tmp_path / "calls.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert read_table(path, CALLS).frame["received_at"].tolist() == said


@pytest.mark.parametrize(
    "crs",
    [
        "+init={secret}:1",
        "+init=../{name}:1",
        "+proj=longlat +nadgrids={secret} +no_defs",
        "+proj=longlat +nadgrids=conus,@{secret} +no_defs",
        "+proj=longlat +ellps=WGS84 +geoidgrids=@./{name}",
    ],
)
def test_a_crs_that_names_a_file_is_refused(crs: str, tmp_path: Path) -> None:
    """PROJ opens what +init names as soon as the text is read, and grids as places are moved."""
    secret = tmp_path / "secret"
    secret.write_text("<1> +proj=longlat +datum=WGS84 +no_defs <>\n", encoding="utf-8")
    crs = crs.format(secret=secret, name="secret")
    layer = gpd.read_file(_layer(tmp_path, "plain.geojson"))
    layer.to_parquet(tmp_path / "a.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    about = json.loads(table.schema.metadata[b"geo"])
    about["columns"]["geometry"]["crs"] = crs
    told = {**table.schema.metadata, b"geo": json.dumps(about).encode()}
    pyarrow.parquet.write_table(table.replace_schema_metadata(told), tmp_path / "a.parquet")
    nodes = [{"id": i, "x": -75 + i / 1000, "y": 40.0} for i in range(2)]
    links = [{"source": a, "target": b, "key": 0} for a, b in ((0, 1), (1, 0))]
    graph = {"directed": True, "multigraph": True, "nodes": nodes, "links": links}
    (tmp_path / "a.json").write_text(json.dumps({**graph, "graph": {"crs": crs}}))
    for reader in ("districts", "water", "posts", "roads"):
        with pytest.raises(InputError, match="its CRS names a file"):
            READERS[reader](tmp_path / "a.parquet")
    with pytest.raises(InputError, match="CRS names a file"):
        READERS["roads"](tmp_path / "a.json")
    text = "call_id,received_at,nature,x,y\n1,2024-05-01 10:00:00,WELFARE CHECK,-75,40\n"
    (tmp_path / "calls.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="CRS names a file"):
        read_calls([tmp_path / "calls.csv"], network=NETWORK, program=PROGRAM, crs=crs)


@pytest.mark.parametrize(
    "crs", ["EPSG:4326", "EPSG:2263", "EPSG:27700", "OGC:CRS84", "+proj=utm +zone=18 +datum=NAD27"]
)
def test_a_plain_crs_names_none(crs: str) -> None:
    known = pyproj.CRS.from_user_input(crs)
    for text in (crs, known.to_wkt(), known.to_wkt("WKT1_GDAL"), known.to_json()):
        refuse_leading_crs(text, "x")
