"""Plans found on the page, each a JSON file of its own in the study.

A restart, or a crash, loses none.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from coresponse.app.files import open_plain
from coresponse.app.question import Question
from coresponse.data.errors import InputError
from coresponse.maps.offline import write_whole
from coresponse.study.read_back import result_object

SCHEMA = 1
FOLDER = "plans"
# who has the key may not fill the disk
MOST_PLANS = 500
# a plan of a large city has some hundred kilobytes; what is far larger is not one of ours
MOST_BYTES = 20_000_000

_ID = re.compile(r"[0-9a-f]{16}")
_SUMMARY = (
    "id",
    "name",
    "made_at",
    "status",
    "message",
    "found",
    "figures",
    "cost_per_year",
    "fingerprint",
    "stopped",
    "run",
)


class SavedPlan(BaseModel):
    """What tables and pages take from a plan; files that are otherwise are no plans."""

    model_config = ConfigDict(strict=True, extra="allow")

    name: str
    made_at: str
    status: str = ""
    message: str = ""
    found: bool = False
    stopped: bool = False
    fingerprint: str = ""
    run: str = ""
    range: str = ""
    clash: list[str] = Field(default_factory=list)
    asked: dict[str, Any] = Field(default_factory=dict)
    bought: list[tuple[str, str, str, Annotated[int, Field(gt=0, le=1_000_000)]]] = Field(
        default_factory=list
    )
    figures: dict[str, float | None] | None = None
    figures_if_free: dict[str, float | None] | None = None
    busy_share: dict[str, float | None] = Field(default_factory=dict)
    districts: list[dict[str, str | float | None]] = Field(default_factory=list)
    areas: dict[str, list[float | None]] = Field(default_factory=dict)
    cost_per_year: float | None = None
    cost_as_called_per_year: float | None = None
    staff_hours_per_week: float | None = None
    gap: float | None = None
    target_min: Annotated[float, Field(gt=1e-3, lt=1e5)] | None = None

    @field_validator("asked")
    @classmethod
    def _as_asked(cls, told: dict[str, Any]) -> dict[str, Any]:
        Question.model_validate(told)
        return told


def _checked(plan_id: str, text: bytes) -> dict[str, Any] | None:
    if len(text) > MOST_BYTES:
        return None
    try:
        found = result_object(text, name=plan_id, schema=SCHEMA, cure="delete it")
        if found.get("id") != plan_id:
            return None
        SavedPlan.model_validate_json(text)
    except (InputError, ValidationError):
        return None
    return found


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
            made = {
                "schema": SCHEMA,
                "id": plan_id,
                "made_at": datetime.now(UTC).isoformat(timespec="microseconds"),
            }
            self._write(plan_id, made | content | {"name": name or f"Plan {len(there) + 1}"})
            return plan_id

    def change(self, plan_id: str, **parts: str) -> bool:
        """Give a plan another name, or say which run is its report; False if there is none such."""
        with self._lock:
            found = self._read(plan_id)
            if found is not None:
                self._write(plan_id, found | parts)
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
                f"{self.folder} is not a folder of its own -- move it away: the page keeps its "
                "plans there"
            )

    def _ids(self) -> list[str]:
        if not self.folder.is_dir():
            return []
        return sorted(
            p.stem for p in self.folder.iterdir() if p.suffix == ".json" and _ID.fullmatch(p.stem)
        )

    def _path(self, plan_id: str) -> Path | None:
        return self.folder / f"{plan_id}.json" if _ID.fullmatch(plan_id) else None

    def _read(self, plan_id: str) -> dict[str, Any] | None:
        path = self._path(plan_id)
        if path is None:
            return None
        opened = open_plain(path)
        if opened is None:
            return None
        with opened as file:
            state = os.fstat(file.fileno())
            stamp = (state.st_mtime_ns, state.st_size)
            if plan_id in self._seen and self._seen[plan_id][0] == stamp:
                return self._seen[plan_id][1]
            text = file.read(MOST_BYTES + 1)
        found = _checked(plan_id, text)
        if found is None:
            return None
        self._seen[plan_id] = (stamp, found)
        return found

    def _write(self, plan_id: str, content: dict[str, Any]) -> None:
        path = self._path(plan_id)
        if path is None:
            raise OSError(f"{plan_id} is not the name of a plan")
        write_whole(path, json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
        self._seen.pop(plan_id, None)
