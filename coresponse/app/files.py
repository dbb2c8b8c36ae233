"""What can be downloaded and opened: a plan's files, a table of several plans, and pages of the study's results."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.data.deployments import deployment_frame
from coresponse.data.options import Deployment, Option
from coresponse.data.tables.write import write_csv
from coresponse.inputs import Inputs

PAGES = ("report.html", "brief.html", "map.html", "explorer.html")
"""Pages that runs have; nothing else of ``results`` is served."""

MOST_PAGE_BYTES = 64_000_000

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def result_pages(results: Path) -> list[dict[str, Any]]:
    """List the runs with pages, the newest first."""
    if not results.is_dir() or results.is_symlink():
        return []
    found = []
    for folder in results.iterdir():
        pages = [name for name in PAGES if result_page(results, folder.name, name) is not None]
        if pages:
            found.append((folder.stat().st_mtime, folder.name, pages))
    return [{"run": name, "pages": pages} for _, name, pages in sorted(found, reverse=True)]


def result_page(results: Path, run: str, page: str) -> Path | None:
    """Return the path of a run's page; None if there is none such, or a link leads elsewhere."""
    if page not in PAGES or not _RUN.fullmatch(run) or results.is_symlink():
        return None
    path = results / run / page
    if path.parent.is_symlink() or path.is_symlink() or not path.is_file():
        return None
    return path if path.stat().st_size <= MOST_PAGE_BYTES else None


def plan_file(inputs: Inputs, plan: Mapping[str, Any], which: str) -> tuple[bytes, str] | None:
    """Return a plan's file and its media type; None if there is none such."""
    if which == "plan.json":
        return json.dumps(plan, ensure_ascii=False, indent=1).encode(), "application/json"
    if which == "deployment.csv":
        there = set(inputs.posts.frame["post_id"].astype(str))
        counts = [(Option(*row[:3]), int(row[3])) for row in plan.get("bought", []) if row[1] in there]
        return csv_bytes(deployment_frame(Deployment.of("plan", counts), inputs.posts)), "text/csv; charset=utf-8"
    if which == "districts.csv":
        columns = ["id", "calls", "share_in_time", "wait_s"]
        return csv_bytes(pd.DataFrame(plan.get("districts", []), columns=columns)), "text/csv; charset=utf-8"
    if which == "moved_posts.csv":
        moved = plan.get("asked", {}).get("moved", {})
        rows = [{"post_id": post_id, "longitude": at[0], "latitude": at[1]} for post_id, at in moved.items()]
        return csv_bytes(pd.DataFrame(rows, columns=["post_id", "longitude", "latitude"])), "text/csv; charset=utf-8"
    return None


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
