"""Roads in which a node stands at two places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coresponse.data.errors import InputError
from coresponse.data.roads.read import read_roads

NODES = [{"id": i, "x": -75.0 + i / 1000, "y": 40.0} for i in range(3)]
LINKS = [{"source": a, "target": b, "length": 85.0} for a, b in ((0, 1), (1, 0), (1, 2), (2, 1))]


def _node_link(path: Path, nodes: list[dict[str, float]]) -> Path:
    content = {"directed": True, "multigraph": True, "graph": {}, "nodes": nodes, "edges": LINKS}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _graphml(path: Path, nodes: list[dict[str, float]]) -> Path:
    keys = "".join(
        f'<key id="{k}" for="node" attr.name="{k}" attr.type="double"/>' for k in ("x", "y")
    )
    points = "".join(
        f'<node id="{n["id"]}"><data key="x">{n["x"]}</data><data key="y">{n["y"]}</data></node>'
        for n in nodes
    )
    edges = "".join(f'<edge source="{e["source"]}" target="{e["target"]}"/>' for e in LINKS)
    head = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    text = f'{head}{keys}<graph edgedefault="directed">{points}{edges}</graph></graphml>'
    path.write_text(text, encoding="utf-8")
    return path


def _osm(path: Path, nodes: list[dict[str, float]]) -> Path:
    points = "".join(f'<node id="{n["id"] + 1}" lon="{n["x"]}" lat="{n["y"]}"/>' for n in nodes)
    way = '<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/></way>'
    path.write_text(f'<osm version="0.6">{points}{way}</osm>', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("write", "name"), [(_node_link, "r.json"), (_graphml, "r.graphml"), (_osm, "r.osm")]
)
def test_a_node_at_two_places_is_refused(write: object, name: str, tmp_path: Path) -> None:
    assert callable(write)
    once = read_roads(write(tmp_path / name, NODES), cache_folder=tmp_path / "cache")
    assert once.n_nodes >= 2
    twice = [*NODES, {"id": 1, "x": -74.9, "y": 40.1}]
    with pytest.raises(InputError, match=rf"{name}: .*(more than once|comes twice)"):
        read_roads(write(tmp_path / name, twice), cache_folder=tmp_path / "cache")
