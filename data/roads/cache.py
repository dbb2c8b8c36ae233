"""The compact form of a road network on disk.

Plain arrays, never pickles, written whole or not at all.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from coresponse.data.crs_text import refuse_leading_crs
from coresponse.data.errors import InputError, unreadable
from coresponse.data.roads.network import RoadNetwork, RoadReport
from coresponse.data.roads.street_names import LONGEST
from coresponse.data.shapefile import parts_beside
from coresponse.data.unpack import most_unpacked, open_zip

# Of the file itself.
#
# Studies keep their roads in such files: a later version has to go on reading format 1.
FORMAT = 1

# Raised whenever reading the same source would give other arrays, so that older cache files are not used.
READER = 4

_ARRAYS = {
    "node_id": np.int64, "node_x": np.float64, "node_y": np.float64, "edge_from": np.int32, "edge_to": np.int32,
    "length_m": np.float32, "travel_s": np.float32, "road_class": np.int16, "shape_start": np.int64,
    "shape_xy": np.float64,
}  # fmt: skip
_BLOCK = 1 << 20
# Bytes of the report and the names of classes: some thousands.
MAX_WORDS = 4 << 20


def default_cache_folder() -> Path:
    """Return the user's cache folder for road networks."""
    return Path(platformdirs.user_cache_dir("coresponse", appauthor=False)) / "roads"


def cache_path(source: Path, folder: Path) -> Path:
    """Return where the network read from `source` is kept.

    By the hash of its bytes and the reader's version.

    The kind of the file counts too, and so do the files that belong to it: a shapefile's attributes
    and CRS, and what a database has not yet merged into its main file.
    """
    digest = hashlib.sha256(source.suffix.lower().encode())
    for file in (source, *_beside(source)):
        digest.update(f"|{file.suffix.lower()}|{file.stat().st_size}|".encode())
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return folder / f"{digest.hexdigest()[:32]}-{READER}.npz"


def _beside(source: Path) -> list[Path]:
    suffix = source.suffix.lower()
    if suffix == ".shp":
        return list(parts_beside(source))
    unmerged = source.with_name(source.name + "-wal")
    return (
        [unmerged]
        if suffix in {".gpkg", ".sqlite"} and unmerged.is_file() and unmerged.stat().st_size
        else []
    )


def save_network(network: RoadNetwork, path: Path) -> None:
    """Write a network as an uncompressed .npz; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    words = {
        "format": FORMAT,
        "crs": network.crs,
        "road_classes": list(network.road_classes),
        "attribution": network.attribution,
        "report": dataclasses.asdict(network.report),
    }
    arrays = {name: getattr(network, name) for name in _ARRAYS} | _names(network)
    text = np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), dtype=np.uint8)
    # opened plainly, not by mkstemp: a study's roads must be readable by whoever may read the
    # study's folder
    building = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    try:
        with building.open("xb") as file:
            np.savez(file, words=text, **arrays)
            file.flush()
            os.fsync(file.fileno())
        building.replace(path)
    except BaseException:
        building.unlink(missing_ok=True)
        raise


def _names(network: RoadNetwork) -> dict[str, NDArray[Any]]:
    """Return the arrays of streets' names: a part of its own, for there may be many."""
    if not network.street_names:
        return {}
    text = json.dumps(list(network.street_names), ensure_ascii=False).encode()
    return {
        "street_name": network.street_name,
        "street_names": np.frombuffer(text, dtype=np.uint8),
    }


def load_network(path: Path) -> RoadNetwork:
    """Read a network that :func:`save_network` wrote.

    Raises
    ------
    InputError
        If the file is damaged, of another format, or contradicts itself.
    """
    try:
        # opened here: numpy leaves a file open that is not the archive it looks like
        _refuse_bomb(path)
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            words = json.loads(file["words"].tobytes().decode())
            arrays = {name: file[name] for name in _ARRAYS}
            named = "street_name" in file  # files of earlier versions have none
            if named:
                arrays["street_name"] = file["street_name"]
                street_names = tuple(map(str, json.loads(file["street_names"].tobytes().decode())))
        _check_format(words["format"], path)
        refuse_leading_crs(words["crs"], str(path))
        report = RoadReport(**{**words["report"], "notes": tuple(words["report"]["notes"])})
        network = RoadNetwork(
            crs=words["crs"],
            road_classes=tuple(words["road_classes"]),
            attribution=words["attribution"],
            report=report,
            street_names=street_names if named else (),
            **arrays,
        )
        sound = _is_sound(network)
    except (
        Exception
    ) as error:  # numpy's reader of array heads lets many kinds through, TokenError among them
        if isinstance(error, FileNotFoundError | InputError):
            raise
        raise unreadable(
            path, "road file: it is a damaged road file", error, "make it again"
        ) from error
    if not sound:
        raise InputError(f"{path}: the road file contradicts itself")
    return network


def _refuse_bomb(path: Path) -> None:
    """Refuse an archive that unpacks to far more than it is, or has more words than such a file."""
    with open_zip(path, path) as archive:
        size = sum(info.file_size for info in archive.infolist())
        words = archive.getinfo("words.npy").file_size
    if size > most_unpacked(path.stat().st_size) or words > MAX_WORDS:
        raise InputError(
            f"{path}: damaged road file (unpacks to {size:,} bytes, of which {words:,} are words)"
        )


def _check_format(found: object, path: Path) -> None:
    if found != FORMAT:
        raise InputError(
            f"{path}: road file of format {found!r:.20}, this version reads {FORMAT} -- update "
            "coresponse, or read the roads from their source again"
        )


def _is_sound(network: RoadNetwork) -> bool:
    if any(getattr(network, name).dtype != kind for name, kind in _ARRAYS.items()):
        return False
    words = (network.crs, network.attribution, *network.road_classes, *network.report.notes)
    if not all(isinstance(word, str) for word in words):
        return False
    n, m, k = network.node_id.size, network.edge_from.size, len(network.shape_xy)
    shapes = {
        "node_id": (n,), "node_x": (n,), "node_y": (n,), "edge_from": (m,), "edge_to": (m,), "length_m": (m,),
        "travel_s": (m,), "road_class": (m,), "shape_start": (m + 1,), "shape_xy": (k, 2),
    }  # fmt: skip
    return (
        all(getattr(network, name).shape == shape for name, shape in shapes.items())
        and m > 0
        and min(network.edge_from.min(), network.edge_to.min()) >= 0
        and max(network.edge_from.max(), network.edge_to.max()) < n
        and network.shape_start[0] == 0
        and network.shape_start[-1] == len(network.shape_xy)
        and bool((np.diff(network.shape_start) >= 2).all())
        and all(
            bool(np.isfinite(getattr(network, name)).all())
            for name in ("node_x", "node_y", "shape_xy")
        )
        and all(
            bool((values > 0).all() and np.isfinite(values).all())
            for values in (network.length_m, network.travel_s)
        )
        and bool(
            0 <= network.road_class.min() <= network.road_class.max() < len(network.road_classes)
        )
        and _names_are_sound(network)
        and _is_one_part(network)
    )


def _names_are_sound(network: RoadNetwork) -> bool:
    names, positions = network.street_names, network.street_name
    if not names:
        return positions.size == 0
    return (
        all(len(name) <= LONGEST for name in names)
        and positions.dtype == np.int32
        and positions.shape == network.edge_from.shape
        and bool(0 <= positions.min() <= positions.max() < len(names))
    )


def _is_one_part(network: RoadNetwork) -> bool:
    """Whether every node can be driven to from every other: all that follows supposes it."""
    ends = (network.edge_from, network.edge_to)
    matrix = coo_matrix(
        (np.ones(network.n_edges, dtype=np.int8), ends), shape=(network.n_nodes, network.n_nodes)
    )
    _, part = connected_components(matrix.tocsr(), directed=True, connection="strong")
    return not part.any()
