"""What is in memory already: frames and graphs, read as files are, with the same checks and words."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from coresponse.data.errors import InputError
from coresponse.data.roads.graph import from_graph
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads


@contextmanager
def in_a_file(frame: pd.DataFrame, name: str) -> Iterator[Path]:
    """Give a frame as a file of its name, for as long as the block lasts.

    Yields
    ------
    pathlib.Path
    """
    with tempfile.TemporaryDirectory(prefix="coresponse-frame-") as folder:
        path = Path(folder) / f"{name}.parquet"
        try:
            if isinstance(frame, gpd.GeoDataFrame):
                frame.to_parquet(path)
            else:
                frame.reset_index(drop=True).to_parquet(path)
        except (ValueError, TypeError, ImportError) as error:
            raise _mixed(frame, name) from error
        try:
            yield path
        except InputError as error:
            raise _of_frames(error, name) from None


def _of_frames(error: InputError, name: str) -> InputError:
    """Say in words of this call what a study's file would say of itself."""
    crs = next((proposal for proposal in error.proposals if proposal.key == "crs"), None)
    if crs is None:
        return error
    return InputError(
        f"{name}: columns of places are not degrees -- City(..., crs={crs.value!r}) tells what "
        f"they are: {crs.why}"
    )


def _mixed(frame: pd.DataFrame, name: str) -> InputError:
    """Name the first column that no file can hold, and its first value of another kind."""
    cure = "give each column values of one kind, such as text"
    for column in frame.columns:
        values = frame[column]
        if isinstance(values, pd.DataFrame):
            return InputError(f"{name}: two columns are called {column!r:.60} -- name each once")
        try:
            pa.array(values, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            kinds = values.map(type)
            known = values.notna().to_numpy() & np.array([kind is not float for kind in kinds])
            others = np.flatnonzero(known & (kinds != kinds.mode().iloc[0]).to_numpy())
            row = int(others[0]) if len(others) else 0
            return InputError(
                f"{name}: column {column!r:.60}, row {row + 1}: {values.iloc[row]!r:.60} is of "
                f"another kind than the others -- {cure}"
            )
    return InputError(f"{name}: the frame cannot be kept as a file -- {cure}")


def network_of(roads: RoadNetwork | Any) -> RoadNetwork:
    """Return a road network from one, from a networkx graph, or from a road file.

    Raises
    ------
    InputError
        If it is none of these, or holds no drivable road.
    """
    if isinstance(roads, RoadNetwork):
        return roads
    if isinstance(roads, str | Path):
        return read_roads(Path(roads))
    import networkx as nx  # noqa: PLC0415 - half a second, and who has a graph has it loaded

    if isinstance(roads, nx.MultiDiGraph):
        return from_graph(roads, source="graph in memory")
    raise InputError(
        f"roads: a {type(roads).__name__} is neither a road network, nor a networkx.MultiDiGraph, "
        "nor a road file"
    )
