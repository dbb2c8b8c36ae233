"""Roads as GraphML: looked over as a stream before a reader makes a tree of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from coresponse.data.errors import InputError, unreadable
from coresponse.data.roads.graph import from_graph
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.xml_blocks import feed

# Elements that are no part of a graph, and nodes without a place: each takes 80 to 300 bytes in memory, and 4 in a file.
MOST_OTHERS = 100_000

# data of an edge stand four deep; what goes on for ever is there to exhaust the parser
DEEPEST = 50

_OF_GRAPHS = {"node", "edge", "data", "graph", "key", "default", "desc"}
# Values of a node, at least: x and y.
_PLACE = 2


def read_graphml(path: Path, name: str) -> RoadNetwork:
    """Read a directed graph, in GraphML as OSMnx and networkx write it.

    Raises
    ------
    InputError
        If it is damaged, declares XML entities, has a node twice or without a place, holds mostly
        what is no graph, or is undirected.
    """
    import networkx as nx  # noqa: PLC0415 - half a second, and the cache needs none of it

    _Look(name).over(path)
    try:
        # not by OSMnx, which raises where a value it knows by name does not fit, or a node's name
        # is no number
        graph = nx.read_graphml(path, force_multigraph=True)
    except Exception as error:  # whatever the file's reader lets through
        raise unreadable(name, "GraphML file", error) from error
    if not graph.is_directed():
        raise InputError(f"{name}: the graph is undirected -- save it as a directed graph")
    return from_graph(nx.MultiDiGraph(graph), source=name)


@dataclass
class _Look:
    """What is counted while the file goes by."""

    name: str
    ids: set[str] = field(default_factory=set)
    twice: list[str] = field(default_factory=list)
    nowhere: int = 0
    edges: int = 0
    others: int = 0
    depth: int = 0
    _node: str | None = None
    _values: int = 0

    def over(self, path: Path) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse_entities
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        with path.open("rb") as file:
            feed(parser, file, self.name, "GraphML file")
        if self.twice:
            raise InputError(
                f"{self.name}: {len(self.twice):,} nodes come more than once, the first is "
                f"{self.twice[0]!r:.40} -- export it again with each node once"
            )

        if len(self.ids) > max(MOST_OTHERS, self.edges):
            raise InputError(
                f"{self.name}: {len(self.ids):,} nodes and only {self.edges:,} edges are not a "
                "road network -- export it again"
            )

    def _refuse_entities(self, *_: object) -> NoReturn:
        raise InputError(
            f"{self.name}: declares XML entities, which road files have no use for; refused"
        )

    def _begin(self, element: str, given: dict[str, str]) -> None:
        kind = element.rpartition(":")[2]
        self.depth += 1
        self.others += kind not in _OF_GRAPHS
        if self.others > MOST_OTHERS or self.depth > DEEPEST:
            raise InputError(
                f"{self.name}: is mostly something other than a graph -- export it again"
            )
        if kind == "node":
            self._node, self._values = given.get("id", ""), 0
            (self.twice if self._node in self.ids else []).append(self._node)
            self.ids.add(self._node)
        elif kind == "edge":
            self.edges += 1
        elif kind == "data" and self._node is not None:
            self._values += 1

    def _end(self, element: str) -> None:
        self.depth -= 1
        if element.rpartition(":")[2] == "node":
            self.nowhere += self._values < _PLACE
            self._node = None
            if self.nowhere > MOST_OTHERS:
                raise InputError(f"{self.name}: more than {MOST_OTHERS:,} nodes have no x and y")
