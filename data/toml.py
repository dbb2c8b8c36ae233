"""Configuration from TOML into checked models: every fault of a file in one message."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.faults import Faults
from coresponse.data.words import ordinal

# a study takes some kilobytes, and its tables are files of their own
MAX_BYTES = 1_000_000

# In one line: the time to read a dotted key grows with the square of its dots.
MOST_DOTS = 500

_AT_LINE = re.compile(r"at line (\d+)")
_LONGEST_LINE = 80
_SETTING = 'write one setting a line: text in quotes, numbers and true or false without, as in name = "Eugene"'
_NO_SETTING = "this is not a setting"
_BACKSLASH = (
    "a \\ stands in double quotes",
    "write / in paths, or single quotes: 'C:\\data\\calls.csv'",
)
# How the library's messages begin, what is wrong in our words, and the cure.
_NOT_TOML: tuple[tuple[str, tuple[str, str]], ...] = (
    ("Invalid value", ("the value is not understood", _SETTING)),
    ("Expected '='", ("there is no = after the name", _SETTING)),
    ("Expected newline", ("more stands behind the value", _SETTING)),
    ("Invalid statement", (_NO_SETTING, _SETTING)),
    ("Cannot overwrite", ("this is set a second time", "keep one of the two")),
    ("Cannot declare", ("this section is there a second time", "put its lines into the first one")),
    ("Cannot mutate", ("this section is closed already", "put its lines where it is first named")),
    (
        "Unclosed array",
        ("a [ is not closed", "end the list with ], with commas between its values"),
    ),
    (
        "Unclosed inline",
        ("a { is not closed", "end it with } in the same line, with commas between"),
    ),
    ("Expected ']'", ("a section's name is not closed", "write it like [calls]")),
    ("Unescaped", _BACKSLASH),
    ("Invalid hex", _BACKSLASH),
    ("Illegal character '\\n'", ("a quote is opened and not closed", _SETTING)),
    ("Unterminated string", ("a quote is opened and not closed", _SETTING)),
    ("Expected '\"", ("a quote is opened and not closed", _SETTING)),
    ('Expected "', ("a quote is opened and not closed", _SETTING)),
    ("Illegal character", ("a character stands here that no text has", "take it out")),
)

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
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
        _refuse_long_keys(text, path)
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}, line {data[: error.start].count(10) + 1}: not UTF-8 text -- save it as UTF-8"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}{_told(text, str(error))}") from None
    except InputError:
        raise
    except ValueError:
        raise InputError(
            f"{path}: not valid TOML: it has a number with too many digits -- write a shorter one"
        ) from None
    except RecursionError:
        raise InputError(f"{path}: nested too deeply to be a configuration file") from None


def _told(text: str, said: str) -> str:
    """Say in which line a file is no TOML, what stands there, and how it is written."""
    at = _AT_LINE.search(said)
    number = int(at[1]) if at else len(text.splitlines())
    what, cure = next(
        (told for begins, told in _NOT_TOML if said.startswith(begins)), (_NO_SETTING, _SETTING)
    )
    # a string that is not closed ends its line: it is found in the next one
    line = (text.splitlines()[number - 1 : number] or [""])[0].strip()
    shown = f" in {line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + '…'}"
    return f", line {number}: not valid TOML: {what}{shown if line else ''} -- {cure}"


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
                faults.add(_key(item["loc"], content), *gone)
                continue
            faults.add(
                _key(item["loc"], content) or "the file",
                *_words(item),
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


# What tells an entry of a list apart, the most telling first.
_NAMED_BY = ("name", "file", "url", "title")
_LONGEST_NAME = 40


def _key(location: Sequence[str | int], content: object = None) -> str:
    """Say where a value stands, entries of lists as people count them: ``the first [[funding]] ("Grant"): share``."""
    said, key, at = "", "", content
    for place, part in enumerate(location):
        at = _inside(at, part)
        if isinstance(part, str):
            key = f"{key}.{part}" if key else part
            continue
        # [[funding]] is a list of sections; within a section lists are written in brackets
        inner = f"[[{key}]]" if isinstance(at, dict) and place == 1 else f"of {key}"
        entry = f"the {ordinal(part)}{f' {inner}' if key else ''}{_called(at)}"
        said = f"{said}: {entry}" if said else entry
        key = ""
    return f"{said}: {key}" if said and key else said or key


def _inside(content: object, part: str | int) -> object:
    if isinstance(content, dict):
        return content.get(part)
    is_there = isinstance(content, list | tuple) and isinstance(part, int) and part < len(content)
    return content[part] if is_there else None  # type: ignore[index]  # of a list, by its place


def _called(entry: object) -> str:
    """Return what an entry is called, in brackets; '' where it has no name."""
    if not isinstance(entry, dict):
        return ""
    name = next((entry[key] for key in _NAMED_BY if isinstance(entry.get(key), str)), "")
    short = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."
    return f" ({short!r})" if name else ""


def fault_words(item: Mapping[str, Any]) -> tuple[str, str]:
    """Say in our words what is wrong with a value, without the value, and the cure.

    What our own checks raise is said as it is.
    """
    kind = item["type"]
    if kind in _KINDS:
        bounds = _Bounds(item.get("ctx", {}))
        what, cure = _KINDS[kind]
        return what.format_map(bounds), cure
    if kind in {"value_error", "assertion_error"}:
        return item["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, "), ""
    return "is not what is expected here", "docs/study.md says what each setting holds"


def _words(item: Mapping[str, Any]) -> tuple[str, str]:
    (what, cure), value = fault_words(item), item.get("input")
    if (
        item["type"] in {"missing", "extra_forbidden"}
        or isinstance(value, dict | list)
        or value is None
    ):
        return what, cure
    shown = repr(value)
    return f"{what} (found {shown if len(shown) <= 80 else shown[:77] + '...'})", cure


class _Bounds(dict[str, object]):
    """What a message says of bounds; an absent one is not said."""

    def __missing__(self, key: str) -> str:
        return ""


_NUMBER, _WHOLE = (
    ("is not a number", "write one like 2.5"),
    ("is not a whole number", "write one like 3"),
)
_DAY = ("is not a date", "write one like 2024-05-13, without quotes")
_CLOCK = ("is not a time of day", "write one like 07:30:00, without quotes")
_TEXT_WANTED = ("is not text", 'put it in quotes, as in "Eugene"')
_YES_NO = ("is neither true nor false", "write true or false, without quotes")
_LIST = ("is not a list", "write it in brackets, as in [1, 2]")
_SECTION = ("is not a section of settings", "write it as [section], or as { key = value }")
# By the kind of fault that the library finds: what is wrong in our words, and the cure.
_KINDS: dict[str, tuple[str, str]] = {
    "missing": ("is missing", "add it"),
    "extra_forbidden": ("is not a known key", "check the spelling, or take it out"),
    "greater_than": ("must be more than {gt}", ""),
    "greater_than_equal": ("must be at least {ge}", ""),
    "less_than": ("must be less than {lt}", ""),
    "less_than_equal": ("must be at most {le}", ""),
    "multiple_of": ("must be a multiple of {multiple_of}", ""),
    "literal_error": ("must be {expected}", ""),
    "finite_number": ("must be a number with an end", "write one like 2.5"),
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": ("has too many digits", "write a shorter number"),
    "string_type": _TEXT_WANTED,
    "string_too_short": ("must have at least {min_length} characters", ""),
    "string_too_long": ("must have at most {max_length} characters", ""),
    "string_pattern_mismatch": (
        "has another form than is read here",
        "names are of small letters, digits and dashes, as in my-town",
    ),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "too_short": ("must have at least {min_length}, and has {actual_length}", ""),
    "too_long": ("must have at most {max_length}, and has {actual_length}", ""),
    "dict_type": _SECTION,
    "mapping_type": _SECTION,
    "model_type": _SECTION,
    "model_attributes_type": _SECTION,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "time_type": _CLOCK,
    "time_parsing": _CLOCK,
}
