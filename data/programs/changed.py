"""A program with some of its figures changed: each becomes the planner's own, checked as in a program file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from coresponse.data.errors import InputError
from coresponse.data.programs.model import Program
from coresponse.data.sourced import SourcedNumber
from coresponse.data.toml import fault_words


def program_with(program: Program, figures: Mapping[str, float]) -> Program:
    """Return the program with some figures changed; they are marked as the planner's.

    Parameters
    ----------
    figures
        Value by key path, as :func:`coresponse.data.programs.load.assumptions` names them.

    Raises
    ------
    InputError
        If there is no such figure, or a value is out of its range.
    """
    if not figures:
        return program
    tree: dict[str, Any] = {}
    for key, value in figures.items():
        *way, last = key.split(".")
        branch = tree
        for part in way:
            branch = branch.setdefault(part, {})
            if not isinstance(branch, dict):
                raise InputError(f"the program has no figure {key!r}")
        branch[last] = value
    try:
        # all at once: shares that add up to 1 can only be changed together
        changed: Program = _changed(program, tree)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"the program has no figure {', '.join(figures)[:200]!r}") from error
    except ValidationError as error:
        said = "; ".join(fault_words(fault)[0] for fault in error.errors()[:3])
        raise InputError(f"the program's figures do not fit together: {said}") from error
    return changed


def _changed(item: Any, tree: Any) -> Any:
    """Return an item with figures changed; each model on the way to them checks itself again."""
    if isinstance(item, SourcedNumber):
        value = float(tree)
        return SourcedNumber(
            value=value,
            mark="planner",
            note=f"entered on the what-if page; the program's: {item.value:g}",
        )
    if not isinstance(tree, dict):
        raise TypeError
    if isinstance(item, dict):
        return {**item, **{name: _changed(item[name], part) for name, part in tree.items()}}
    if not isinstance(item, BaseModel):
        raise TypeError
    kind = type(item)
    given = {field.alias or name: getattr(item, name) for name, field in kind.model_fields.items()}
    for name, part in tree.items():
        given[kind.model_fields[name].alias or name] = _changed(getattr(item, name), part)
    return kind(**given)
