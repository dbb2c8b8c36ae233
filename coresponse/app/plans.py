"""Plans found on the page, each a JSON file of its own in the study: a restart, or a crash, loses none."""

from __future__ import annotations

import json
import os
import re
import secrets
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coresponse.data.errors import InputError
from coresponse.maps.offline import write_whole

SCHEMA = 1
FOLDER = "plans"
MOST_PLANS = 500
MOST_BYTES = 20_000_000

_ID = re.compile(r"[0-9a-f]{16}")
_SUMMARY = ("id", "name", "made_at", "status", "message", "found", "figures", "cost_per_year", "fingerprint", "stopped")


class PlanStore:
    """The plans of a study's folder ``plans``; nothing outside of it is read or written.

    Raises
    ------
    InputError
        If the folder is a link, or no folder.
    """

    def __init__(self, study: Path) -> None:
        self.folder = study / FOLDER
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {}
        self._check()

    def add(self, content: dict[str, Any], name: str) -> str:
        """Keep a plan; it is on disk when this returns.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        with self._lock:
            self._check()
            there = self._ids()
            if len(there) >= MOST_PLANS:
                raise OSError(f"there are {len(there)} plans already: delete some")
            plan_id = secrets.token_hex(8)
            made = {"schema": SCHEMA, "id": plan_id, "made_at": datetime.now(UTC).isoformat(timespec="milliseconds")}
            self._write(plan_id, made | content | {"name": name or f"Plan {len(there) + 1}"})
            return plan_id

    def rename(self, plan_id: str, name: str) -> bool:
        """Give a plan another name; False if there is none such."""
        with self._lock:
            found = self._read(plan_id)
            if found is not None:
                self._write(plan_id, found | {"name": name})
            return found is not None

    def delete(self, plan_id: str) -> bool:
        """Delete a plan; False if there is none such."""
        with self._lock:
            path = self._path(plan_id)
            if path is None or not path.is_file():
                return False
            path.unlink()
            return True

    def get(self, plan_id: str) -> dict[str, Any] | None:
        """Return a plan; None if there is none such."""
        with self._lock:
            return self._read(plan_id)

    def summaries(self) -> list[dict[str, Any]]:
        """List the plans by the time they were made; files that are no plans are passed over."""
        with self._lock:
            plans = [found for plan_id in self._ids() if (found := self._read(plan_id)) is not None]
        short = [{key: plan.get(key) for key in _SUMMARY} for plan in plans]
        return sorted(short, key=lambda plan: (str(plan["made_at"]), str(plan["id"])))

    def _check(self) -> None:
        if self.folder.is_symlink() or (self.folder.exists() and not self.folder.is_dir()):
            raise InputError(
                f"{self.folder} is not a folder of its own -- move it away: the page keeps its plans there"
            )

    def _ids(self) -> list[str]:
        if not self.folder.is_dir():
            return []
        return sorted(p.stem for p in self.folder.iterdir() if p.suffix == ".json" and _ID.fullmatch(p.stem))

    def _path(self, plan_id: str) -> Path | None:
        return self.folder / f"{plan_id}.json" if _ID.fullmatch(plan_id) else None

    def _read(self, plan_id: str) -> dict[str, Any] | None:
        path = self._path(plan_id)
        if path is None:
            return None
        try:
            # a link in the folder could lead anywhere
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(file.fileno())
            stamp = (state.st_mtime_ns, state.st_size)
            if plan_id in self._seen and self._seen[plan_id][0] == stamp:
                return self._seen[plan_id][1]
            text = file.read(MOST_BYTES + 1)
        try:
            found = json.loads(text) if len(text) <= MOST_BYTES else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or found.get("schema") != SCHEMA or found.get("id") != plan_id:
            return None
        self._seen[plan_id] = (stamp, found)
        return found

    def _write(self, plan_id: str, content: dict[str, Any]) -> None:
        path = self._path(plan_id)
        if path is None:
            raise OSError(f"{plan_id} is no name of a plan")
        write_whole(path, json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
        self._seen.pop(plan_id, None)
