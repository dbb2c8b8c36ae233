"""Configuration from TOML into checked models: every fault of a file in one message."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from coresponse.data.errors import Faults, InputError, MissingInputError

# a study takes some kilobytes, and its tables are files of their own
MAX_BYTES = 1_000_000

MOST_DOTS = 500
"""In one line: the time to read a dotted key grows with the square of its dots."""

M = TypeVar("M", bound=BaseModel)


def read_model(path: Path, model: type[M]) -> M:
    """Read a TOML file into a pydantic model.

    For errors see :func:`read_toml` and :func:`check_model`.
    """
    return check_model(read_toml(path), model, subject=str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file of at most 1 MB.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If it is too large, not UTF-8, or not TOML; the message names the line.
    """
    if not path.is_file():
        raise MissingInputError(f"{path} is not there")
    if path.stat().st_size > MAX_BYTES:
        raise InputError(
            f"{path} has {path.stat().st_size:,} bytes; a configuration file has at most "
            f"{MAX_BYTES:,}"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
        _refuse_long_keys(text, path)
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 text ({error.reason} at byte {error.start}) -- save it as UTF-8"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None
    except InputError:
        raise
    except ValueError as error:  # such as a number of thousands of digits
        raise InputError(f"{path}: not valid TOML: {error}") from None
    except RecursionError:
        raise InputError(f"{path}: nested too deeply to be a configuration file") from None


def _refuse_long_keys(text: str, path: Path) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > MOST_DOTS:
            raise InputError(f"{path}, line {number}: more than {MOST_DOTS} dots; refused")


def check_model(content: dict[str, Any], model: type[M], *, subject: str) -> M:
    """Check what a file holds against a pydantic model.

    A model may say in a class variable `retired` of keys that older files have what became of them
    and what to do: (what, cure) by key.

    Raises
    ------
    InputError
        With every fault: its key, the value found, and what was expected.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        faults = Faults(subject)
        found = error.errors(include_url=False)
        for item in found:
            if item["type"] == "too_short" and any(
                _is_in(other["loc"], item["loc"]) for other in found
            ):
                continue  # what was refused in a list is missed from it
            if item["loc"] == ("schema",) and item["type"] == "literal_error":
                faults.add(
                    "schema", *_other_schema(item.get("input"), item.get("ctx", {}).get("expected"))
                )
                continue
            gone = getattr(model, "retired", {}).get(_key(item["loc"]))
            if gone and item["type"] == "extra_forbidden":
                faults.add(_key(item["loc"]), *gone)
                continue
            faults.add(
                _key(item["loc"]) or "the file",
                *_words(item["type"], item["msg"], item.get("input")),
            )
        faults.raise_if_any()
        raise


def _is_in(inner: Sequence[str | int], outer: Sequence[str | int]) -> bool:
    return len(inner) > len(outer) and tuple(inner[: len(outer)]) == tuple(outer)


def _other_schema(found: object, read: object) -> tuple[str, str]:
    said = f"is {found!r:.20}, this version reads {read}"
    if isinstance(found, bool) or not isinstance(found, int) or not str(read).isdecimal():
        return said, f"write schema = {read}"
    if found > int(str(read)):
        return f"{said}: the file is for a newer coresponse", "update coresponse"
    return (
        f"{said}: the file is for an older coresponse",
        "compare it with one that `coresponse new` writes",
    )


def _key(location: Sequence[str | int]) -> str:
    out = ""
    for part in location:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def _words(kind: str, message: str, value: object) -> tuple[str, str]:
    if kind == "missing":
        return "is missing", "add it"
    if kind == "extra_forbidden":
        return "is not a known key", "check the spelling, or take it out"
    text = message.removeprefix("Value error, ")
    if isinstance(value, dict | list) or value is None:
        return text, ""
    shown = repr(value)
    return f"{text} (found {shown if len(shown) <= 80 else shown[:77] + '...'})", ""
