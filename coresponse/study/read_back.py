"""Read back what a run wrote.

Bounded, checked, and refused in words where somebody or something has changed it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coresponse.data.crowded import refuse_crowded
from coresponse.data.errors import DamagedResultError, InputError, MissingInputError, why_not

# Of a result; those of a county take a few million.
MAX_BYTES = 50_000_000

# 17 tell any double; to read millions of digits takes time that grows with their square
MOST_DIGITS = 20

PLAN_FILE = "plan.json"
PLAN_SCHEMA = 1

# As this program writes it: what is shorter, or in capitals, would be told as an input that changed.
SHA256 = re.compile(r"[0-9a-f]{64}")


def read_result_file(path: Path, *, schema: int, cure: str) -> dict[str, Any]:
    """Read a JSON file that a run wrote.

    Parameters
    ----------
    path
        The file; more than 50 MB are refused unread.
    schema
        The version that this program reads, under ``schema``.
    cure
        What to do about a file that is no good, such as ``plan again``.

    Raises
    ------
    MissingInputError
        If it is not there.
    InputError
        If it is too large, damaged, no object, nested too deeply, or of another schema.
    """
    if not path.is_file():
        raise MissingInputError(f"{path} is not there -- {cure}")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"{path} has {size:,} bytes; a result has at most {MAX_BYTES:,}; refused -- {cure}"
        )
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read{why_not(error)} -- {cure}") from error
    return result_object(text, name=str(path), schema=schema, cure=cure)


def result_object(text: bytes, *, name: str, schema: int, cure: str) -> dict[str, Any]:
    """Read the text of a JSON file that a run wrote.

    For what is refused see :func:`read_result_file`.

    Parameters
    ----------
    name
        Of the file, for the message.
    """
    refuse_crowded(text, name, cure=cure)
    try:
        told = json.loads(
            text.decode("utf-8"),
            parse_int=_whole,
            parse_float=_finite,
            parse_constant=_finite,
            object_pairs_hook=_once_each,
        )
        if b"\\ud" in text.lower():
            # half a character could not be written again
            json.dumps(told, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:  # what is not UTF-8 is a ValueError, too
        raise DamagedResultError(f"{name}: damaged ({_told(error)}) -- {cure}") from error
    if not isinstance(told, dict):
        raise DamagedResultError(f"{name}: damaged (no object of named parts) -- {cure}")
    found = told.get("schema")
    if isinstance(found, bool) or found != schema:
        raise InputError(
            f"{name}: schema {found!r:.20}, this version reads {schema} -- use the version of "
            f"coresponse that it was written with (provenance.versions says which), or {cure}"
        )
    return told


def _told(error: Exception) -> str:
    """Say what is wrong with the text; what our own checks found is said as it is."""
    if isinstance(error, json.JSONDecodeError):
        return f"no whole JSON from line {error.lineno:,} on"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8 text"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: one reader takes the first, another the last."""
    told = dict(pairs)
    if len(told) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(
            f"{next(name for name in names if names.count(name) > 1)!r:.40} stands twice"
        )
    return told


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def _finite(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(f"the number {digits:.20}")
    return found


def read_plan_file(run: Path) -> dict[str, Any]:
    """Read a run's ``plan.json``.

    Raises
    ------
    MissingInputError
        If it is not there.
    InputError
        If it is damaged, lacks a part, or is of another schema than this version writes.
    """
    path = run / PLAN_FILE
    told = read_result_file(path, schema=PLAN_SCHEMA, cure="plan again")
    faults = _missing_parts(told)
    if faults:
        raise DamagedResultError(f"{path}: damaged: {', '.join(faults)} -- plan again")
    return told


def _missing_parts(told: Mapping[str, Any]) -> list[str]:
    kinds: dict[str, type] = {
        "run": str,
        "deployment": list,
        "status": dict,
        "measures": dict,
        "provenance": dict,
    }
    faults = [f"no {key}" for key, kind in kinds.items() if not isinstance(told.get(key), kind)]
    rows = told.get("deployment")
    if isinstance(rows, list) and not all(isinstance(row, dict) for row in rows):
        faults.append("deployment holds something that is not a row")
    inner = told.get("provenance")
    if isinstance(inner, dict):
        keys = ("inputs_sha256", "versions", "solver")
        faults += [f"no provenance.{key}" for key in keys if not isinstance(inner.get(key), dict)]
        hashes = inner.get("inputs_sha256")
        if isinstance(hashes, dict) and not all(
            isinstance(value, str) and SHA256.fullmatch(value) for value in hashes.values()
        ):
            faults.append("provenance.inputs_sha256 holds something that is not a hash")
    return faults
