"""The compact form of a road network on disk: plain arrays, never pickles, written whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import platformdirs

from coresponse.data.errors import InputError
from coresponse.data.roads.network import RoadNetwork, RoadReport

FORMAT = 1
"""Raised whenever reading the same source would give other arrays, so that older cache files are not used."""

_ARRAYS = (
    "node_id", "node_x", "node_y", "edge_from", "edge_to", "length_m", "travel_s", "road_class", "shape_start",
    "shape_xy",
)  # fmt: skip
_BLOCK = 1 << 20


def default_cache_folder() -> Path:
    """Return the user's cache folder for road networks."""
    return Path(platformdirs.user_cache_dir("coresponse", appauthor=False)) / "roads"


def cache_path(source: Path, folder: Path) -> Path:
    """Return where the network read from `source` is kept: by the hash of its bytes and the reader's format."""
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return folder / f"{digest.hexdigest()[:32]}-{FORMAT}.npz"


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
    arrays = {name: getattr(network, name) for name in _ARRAYS}
    text = np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), dtype=np.uint8)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    building = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, words=text, **arrays)
            file.flush()
            os.fsync(file.fileno())
        building.replace(path)
    except BaseException:
        building.unlink(missing_ok=True)
        raise


def load_network(path: Path) -> RoadNetwork:
    """Read a network that :func:`save_network` wrote.

    Raises
    ------
    InputError
        If the file is damaged, of another format, or contradicts itself.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            words = json.loads(file["words"].tobytes().decode())
            arrays = {name: file[name] for name in _ARRAYS}
        if words["format"] != FORMAT:
            raise InputError(f"{path}: road file of format {words['format']}, this version reads {FORMAT}")
        report = RoadReport(**{**words["report"], "notes": tuple(words["report"]["notes"])})
        network = RoadNetwork(
            crs=words["crs"],
            road_classes=tuple(words["road_classes"]),
            attribution=words["attribution"],
            report=report,
            **arrays,
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, FileNotFoundError | InputError):
            raise
        raise InputError(f"{path}: damaged road file ({error})") from error
    _check(network, path)
    return network


def _check(network: RoadNetwork, path: Path) -> None:
    n, m = len(network.node_id), len(network.edge_from)
    shapes = {
        "node_x": n, "node_y": n, "edge_to": m, "length_m": m, "travel_s": m, "road_class": m, "shape_start": m + 1,
    }  # fmt: skip
    sound = (
        all(getattr(network, name).shape == (size,) for name, size in shapes.items())
        and m > 0
        and min(network.edge_from.min(), network.edge_to.min()) >= 0
        and max(network.edge_from.max(), network.edge_to.max()) < n
        and network.shape_start[0] == 0
        and network.shape_start[-1] == len(network.shape_xy)
        and bool((np.diff(network.shape_start) >= 2).all())
        and bool((network.travel_s > 0).all())
        and 0 <= network.road_class.min() <= network.road_class.max() < len(network.road_classes)
    )
    if not sound:
        raise InputError(f"{path}: the road file contradicts itself")
