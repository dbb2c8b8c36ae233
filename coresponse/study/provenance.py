"""Where a result comes from: input hashes, versions, and the run's name that follows from them."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from coresponse.data.hashes import sha256
from coresponse.study.files import STUDY_FILE
from coresponse.study.folder import StudyFolder
from coresponse.study.settings import Study

# what can change a figure or the bytes of a file; the interface's packages cannot
_PACKAGES = (
    "coresponse",
    "geopandas",
    "highspy",
    "networkx",
    "numba",
    "numpy",
    "openpyxl",
    "osmnx",
    "pandas",
    "pulp",
    "pyproj",
    "scipy",
    "shapely",
)


def input_hashes(folder: StudyFolder) -> dict[str, str]:
    """Hash ``study.toml`` and every input it names with all its parts, by path within the study, as they are now.

    What a result was made of are the hashes of :class:`coresponse.study.read.LoadedStudy`: files
    may have changed since they were read.
    """
    return {name: sha256(folder.path / name) for name in folder.input_files()}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that can change a figure."""
    return {"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES}


@cache  # read from files, and asked for with every run that is named, written or verified
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def run_name(
    hashes: Mapping[str, str], settings: Mapping[str, object], *, kind: str = "plan"
) -> str:
    """Name a run after its kind and what goes into it, so that the same inputs and settings give the same run."""
    text = json.dumps(
        {"inputs": dict(hashes), "settings": dict(settings)}, sort_keys=True, default=str
    )
    return f"{kind}-" + hashlib.sha256(text.encode()).hexdigest()[:10]


def sweep_identity(
    study: Study, hashes: Mapping[str, str], busy: str, versions: Mapping[str, str]
) -> dict[str, object]:
    """Return what all points of a study's sweep rest on, but for what is varied."""
    parts = {
        "roads", "calls", "posts", "program", "districts", "today", "objective", "judging",
        "solver", "periods", "seed",
    }  # fmt: skip
    return {
        "study": study.model_dump(include=parts),
        "inputs": {name: digest for name, digest in hashes.items() if name != STUDY_FILE},
        "versions": dict(versions),
        "busy_units": busy,
        "search": study.sweep.model_dump(include={"time_limit_s", "starts", "busy_gap"}),
    }
