"""Every setting of ``study.toml``, from the models that read it."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from coresponse.data.hours import WeekHours
from coresponse.data.sourced import SourcedNumber
from coresponse.study.settings import Study

HEAD = """# study.toml

A study is a folder with `study.toml`, its inputs and its results. Files are named relative to the folder and may not lie outside
it. `coresponse new` writes a first `study.toml`; every setting that there is stands below, with what holds where it is absent. A
setting that is misspelled is refused, with all other faults, before any work begins. This page is made by `scripts/make_docs.py`.

"""

GOAL = "a goal's name, with its settings beside it"
TABLE = "table, below"
KINDS = {
    str: "text",
    int: "whole number",
    date: "day, such as `2024-01-31`",
    float: "number",
    bool: "true or false",
    WeekHours: "hours, such as `daily 07:00-19:00`",
}
FIGURE = "number, or { value, low, high, mark, source, year }"


def study_markdown() -> str:
    """Return the page."""
    top: list[tuple[str, FieldInfo]] = []
    sections: list[tuple[str, FieldInfo]] = []
    for name, field in Study.model_fields.items():
        (sections if _models(field.annotation) else top).append((field.alias or name, field))
    parts = [HEAD, "## Top of the file\n", _table(top)]
    told: set[type[BaseModel]] = set()
    for name, field in sections:
        several = get_origin(field.annotation) is tuple
        for model in _models(field.annotation):
            parts += _section(model, f"[[{name}]]" if several else f"[{name}]", told, level=2)
    return "\n".join(parts).rstrip() + "\n"


def _section(
    model: type[BaseModel], heading: str, told: set[type[BaseModel]], *, level: int
) -> list[str]:
    if model in told:
        return []
    told.add(model)
    parts = [f"\n{'#' * level} {heading}\n", f"{_docstring(model)}\n"]
    fields = [
        (name, field) for name, field in _fields(model) if not (_is_goal(model) and name == "goal")
    ]
    parts += [_table(fields)] if fields else []
    for name, field in fields:
        for sub in _models(field.annotation):
            title = (
                f'goal = "{sub.model_fields["goal"].default}"'
                if _is_goal(sub)
                else _under(heading, name, field)
            )
            parts += _section(sub, title, told, level=min(level + 1, 4))
    return parts


def _is_goal(model: type[BaseModel]) -> bool:
    goal = model.model_fields.get("goal")
    return goal is not None and get_origin(goal.annotation) is Literal


def _under(heading: str, name: str, field: FieldInfo) -> str:
    inner = f"{heading.strip('[]')}.{name}" if heading.startswith("[") else name
    return f"[[{inner}]]" if get_origin(field.annotation) is tuple else f"[{inner}]"


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items()]


def _table(fields: list[tuple[str, FieldInfo]]) -> str:
    rows = ["| setting | value | where absent | meaning |", "|---|---|---|---|"]
    for name, field in fields:
        meaning = (field.description or "").replace("|", "\\|")
        rows.append(
            f"| `{name}` | {_kind(field.annotation, field)} | {_default(field)} | {meaning} |"
        )
    return "\n".join(rows) + "\n"


def _docstring(model: type[BaseModel]) -> str:
    before_sections = re.split(r"\n\s*\w+\n\s*-{3,}", model.__doc__ or "")[0]
    return " ".join(before_sections.split())


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        goal = getattr(value, "goal", None)
        return f'`"{goal}"`' if isinstance(goal, str) else "as below"
    if value is None or value in ((), {}, ""):
        return "none"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{v}"' if isinstance(v, str) else str(v) for v in value) + "]`"
    return (
        f'`"{value}"`'
        if isinstance(value, str)
        else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )


def _kind(annotation: Any, field: FieldInfo | None = None) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is not None:
        return _compound(origin, arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (
            FIGURE
            if issubclass(annotation, SourcedNumber)
            else GOAL
            if _is_goal(annotation)
            else TABLE
        )
    return KINDS[annotation] + (_range(field) if field is not None else "")


def _compound(origin: Any, arguments: tuple[Any, ...]) -> str:
    if origin is Literal:
        return " or ".join(f'`"{a}"`' if isinstance(a, str) else f"`{a}`" for a in arguments)
    if origin is tuple:
        one = _kind(arguments[0])
        return {"text": "list of texts", GOAL: "list of goals", TABLE: "tables, below"}.get(
            one, f"list: {one}"
        )
    if origin is dict:
        return f"table of name = {_kind(arguments[1])}"
    if origin is Annotated:
        return _kind(arguments[0])
    return " or ".join(dict.fromkeys(_kind(a) for a in arguments if a is not type(None)))


def _range(field: FieldInfo) -> str:
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    said = [f"{words[k]} {getattr(m, k):g}" for m in field.metadata for k in words if hasattr(m, k)]
    return f", {', '.join(said)}" if said else ""


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that a setting is read into, in order."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [] if issubclass(annotation, SourcedNumber) else [annotation]
    out: list[type[BaseModel]] = []
    for argument in get_args(annotation):
        out += [model for model in _models(argument) if model not in out]
    return out
