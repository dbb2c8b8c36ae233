"""What can be downloaded and opened.

A plan's own files, a table of several plans, and what runs left in ``results``.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from coresponse.data.deployments import deployment_frame
from coresponse.data.known_city import KnownCity
from coresponse.data.options import Deployment, Option
from coresponse.data.tables.write import write_csv

# Pages that runs have, in the order in which they are offered.
PAGES = ("report.html", "map.html", "explorer.html")

# Media types of a run's other files.
#
# Nothing else of ``results`` is served, and nothing that lies deeper.
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# Parts of a plan that are exact, so that it can be recounted.
#
# Two plans' objectives would tell of the calls they differ by.
NOT_SHOWN = frozenset({"search", "objective", "bound"})

# a file of results is read whole to be sent: a page of a large city has some tens of megabytes
MOST_BYTES = 200_000_000
# file systems take 255 bytes, and people read less
LONGEST_STEM = 60

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_FILE = re.compile(rf"[a-z][a-z0-9_]{{0,60}}\.({'|'.join(KINDS)})")


def result_pages(results: Path) -> list[dict[str, Any]]:
    """List the runs with pages, the newest first, and the files of each."""
    if not results.is_dir() or results.is_symlink():
        return []
    found = []
    for folder in results.iterdir():
        if not _RUN.fullmatch(folder.name) or folder.is_symlink() or not folder.is_dir():
            continue
        there = {path.name for path in folder.iterdir() if path.is_file() and not path.is_symlink()}
        pages = [name for name in PAGES if name in there]
        if pages:
            files = sorted((name for name in there if _FILE.fullmatch(name)), key=_in_order)
            found.append((folder.stat().st_mtime_ns, folder.name, pages, files))
    return [
        {"run": name, "pages": pages, "files": files}
        for _, name, pages, files in sorted(found, reverse=True)
    ]


def _in_order(name: str) -> tuple[bool, int, str]:
    """Order a run's files: the plan first, tables before layers."""
    stem, _, kind = name.partition(".")
    return stem not in {"plan", "deployment"}, list(KINDS).index(kind), stem


@contextmanager
def result_file(results: Path, run: str, name: str) -> Iterator[BinaryIO | None]:
    """Open a page or file of a run.

    None if there is none such, it is too large, or a link leads elsewhere.

    Yields
    ------
    typing.BinaryIO or None
    """
    known = name in PAGES or _FILE.fullmatch(name)
    if not known or not _RUN.fullmatch(run) or results.is_symlink() or (results / run).is_symlink():
        yield None
        return
    file = open_plain(results / run / name)
    if file is None:
        yield None
        return
    with file:
        yield file if os.fstat(file.fileno()).st_size <= MOST_BYTES else None


def open_plain(path: Path) -> BinaryIO | None:
    """Open a file for reading; None if it is not there, is a link, or is no plain file."""
    flags = (
        os.O_RDONLY
        | getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_NONBLOCK", 0)
        | getattr(os, "O_BINARY", 0)
    )
    try:
        # a link could lead anywhere, a pipe never ends: neither is waited for, whoever put it there
        # and when
        descriptor = os.open(path, flags)
    except OSError:
        return None
    file = os.fdopen(descriptor, "rb")
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return file
    file.close()
    return None


def plan_file(city: KnownCity, plan: Mapping[str, Any], which: str) -> tuple[bytes, str] | None:
    """Return a plan's file and its media type; None if there is none such."""
    if which == "whatif.json":
        shown = {key: value for key, value in plan.items() if key not in NOT_SHOWN}
        return json.dumps(shown, ensure_ascii=False, indent=1).encode(), "application/json"
    if which == "deployment.csv":
        there = set(city.posts.frame["post_id"].astype(str))
        counts = [
            (Option(*row[:3]), int(row[3])) for row in plan.get("bought", []) if row[1] in there
        ]
        return csv_bytes(
            deployment_frame(Deployment.of("plan", counts), city.posts)
        ), "text/csv; charset=utf-8"
    if which == "new_posts.csv":
        placed = plan.get("asked", {}).get("new_posts", {})
        columns = ["post_id", "name", "kind", "longitude", "latitude"]
        told = [{"post_id": post_id, **one} for post_id, one in placed.items()]
        return csv_bytes(pd.DataFrame(told, columns=columns)), "text/csv; charset=utf-8"
    if which == "districts.csv":
        columns = ["id", "calls", "share_in_time", "wait_s"]
        return csv_bytes(
            pd.DataFrame(plan.get("districts", []), columns=columns)
        ), "text/csv; charset=utf-8"
    if which == "moved_posts.csv":
        moved = plan.get("asked", {}).get("moved", {})
        rows = [
            {"post_id": post_id, "longitude": at[0], "latitude": at[1]}
            for post_id, at in moved.items()
        ]
        return csv_bytes(
            pd.DataFrame(rows, columns=["post_id", "longitude", "latitude"])
        ), "text/csv; charset=utf-8"
    return None


def file_stem(name: str, otherwise: str) -> str:
    """Return a plan's name as the beginning of a file's: plain letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:LONGEST_STEM].strip("-") or otherwise


def compared(plans: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a table of several plans, one a row."""
    rows = []
    for plan in plans:
        figures, asked = plan.get("figures") or {}, plan.get("asked") or {}
        rows.append(
            {
                "plan": plan.get("name"),
                "status": plan.get("status"),
                "share_in_time": figures.get("share_in_time"),
                "mean_wait_s": figures.get("mean_with_fallback_s"),
                "p90_of_reached_s": figures.get("p90_s"),
                "left_to_police_per_week": figures.get("left_per_week"),
                "share_in_time_if_free": (plan.get("figures_if_free") or {}).get("share_in_time"),
                "cost_per_year": plan.get("cost_per_year"),
                "cost_as_called_per_year": plan.get("cost_as_called_per_year"),
                "staff_hours_per_week": plan.get("staff_hours_per_week"),
                "responders": sum(row[3] for row in plan.get("bought", [])),
                "standard_min": plan.get("target_min"),
                "demand": asked.get("demand"),
                "speed": asked.get("speed"),
                "gap": plan.get("gap"),
                "inputs": plan.get("fingerprint"),
            }
        )
    return csv_bytes(pd.DataFrame(rows))


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV that a spreadsheet opens without running anything."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_csv(frame, path)
        return path.read_bytes()
