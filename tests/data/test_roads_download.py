"""Downloads through OSMnx, without the internet: settings, errors, what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import osmnx as ox
import pytest
import requests
from osmnx._errors import InsufficientResponseError, ResponseStatusCodeError
from shapely import Polygon, box

from coresponse.data.errors import InputError
from coresponse.data.roads.download import download_roads

WATCHED = ("data_folder", "cache_folder", "use_cache", "log_console", "log_file")


def two_crossings() -> nx.MultiDiGraph[Any]:
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(1, x=-76.88, y=40.26)
    graph.add_node(2, x=-76.87, y=40.26)
    for u, v in [(1, 2), (2, 1)]:
        graph.add_edge(u, v, length=850.0, highway="primary", maxspeed=["25 mph", "35 mph"])
    return graph


def now() -> dict[str, Any]:
    return {name: getattr(ox.settings, name) for name in WATCHED}


@pytest.fixture
def asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> list[tuple[str, Any, dict[str, Any], dict[str, Any]]]:
    """What OSMnx was asked, with its settings at that time; it answers two crossings."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls: list[tuple[str, Any, dict[str, Any], dict[str, Any]]] = []

    def answering(name: str) -> Callable[..., nx.MultiDiGraph[Any]]:
        def answer(what: Any, **options: Any) -> nx.MultiDiGraph[Any]:
            calls.append((name, what, options, now()))
            return two_crossings()

        return answer

    for name in ("graph_from_place", "graph_from_polygon", "graph_from_bbox"):
        monkeypatch.setattr(ox, name, answering(name))
    return calls


AREA = Polygon([(-77, 40), (-76, 40), (-76, 41)])


@pytest.mark.parametrize(
    ("given", "function", "argument", "source"),
    [
        (
            {"place": "Harrisburg, PA"},
            "graph_from_place",
            "Harrisburg, PA",
            "roads of 'Harrisburg, PA'",
        ),
        ({"polygon": AREA}, "graph_from_polygon", AREA, "roads of the polygon"),
        (
            {"box": (-77.0, 40.0, -76.0, 41.0)},
            "graph_from_bbox",
            (-77.0, 40.0, -76.0, 41.0),
            "roads of (-77.0, ",
        ),
    ],
)
def test_what_osmnx_is_asked(
    given: Any, function: str, argument: Any, source: str, asked: list[Any]
) -> None:
    before = now()
    network = download_roads(**given)
    ((name, what, options, during),) = asked
    assert (name, what) == (function, argument)
    assert options == {"network_type": "drive", "retain_all": True}
    assert now() == before
    assert during["use_cache"] is True
    assert "coresponse" in during["cache_folder"]
    assert during["cache_folder"] != before["cache_folder"]
    assert not during["log_console"]
    assert not during["log_file"]
    assert (network.n_nodes, network.n_edges, network.crs) == (2, 2, "EPSG:32618")
    assert network.travel_s == pytest.approx([850 / (30 * 1.609344 / 3.6)] * 2)
    assert network.report.source.startswith(source)
    assert network.attribution == "Roads © OpenStreetMap contributors (ODbL)"


@pytest.mark.parametrize(
    ("given", "asked_for"),
    [
        ({}, 0),
        ({"place": "x", "box": (0, 0, 1, 1)}, 0),
        ({"place": "x", "polygon": box(0, 0, 1, 1)}, 0),
    ],
)
def test_one_of_three(given: Any, asked_for: int, asked: list[Any]) -> None:
    with pytest.raises(InputError, match="one of place, polygon, box"):
        download_roads(**given)
    assert len(asked) == asked_for


NOT_REACHED, NOTHING = "cannot be reached .* --roads FILE", "finds nothing there .* fuller name"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectionError("no route"), NOT_REACHED),
        (requests.Timeout("slow"), NOT_REACHED),
        (requests.JSONDecodeError("not JSON", "<html>", 0), NOT_REACHED),
        (ResponseStatusCodeError("504"), NOT_REACHED),
        (OSError("no space left"), NOT_REACHED),
        (InsufficientResponseError("no results"), NOTHING),
        (TypeError("Nominatim did not geocode it to a polygon"), NOTHING),
        (ValueError("graph has no nodes"), NOTHING),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_faults_of_a_download_in_words(
    error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(ox, "graph_from_place", fail)
    before = now()
    with pytest.raises(InputError, match=rf"roads of 'Nowhere': OpenStreetMap {words}") as caught:
        download_roads(place="Nowhere")
    assert caught.value.__cause__ is error
    assert now() == before


def test_a_fault_of_ours_is_not_blamed_on_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ox, "graph_from_place", fail)
    before = now()
    with pytest.raises(ZeroDivisionError):
        download_roads(place="Nowhere")
    assert now() == before
