"""The points of a sweep as tasks: what each asks, and whose answer it begins with."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from coresponse.data.errors import InputError
from coresponse.data.limits import Limits
from coresponse.questions.sweep.axes import limits_at
from coresponse.questions.sweep.grid import Axis, Grid, Mode, Task, row_axis
from coresponse.study.sweep import PhaseInput

SCHEMA = 1
# Points in a row, each starting from the one before.
#
# Longer rows start better, shorter ones keep more workers busy.
BLOCK = 5

MOST_POINTS = 20_000


def make_grid(
    axes: Sequence[Axis], limits: Limits, *, nested: bool, phases: Sequence[PhaseInput] = ()
) -> Grid:
    """List the points of a sweep.

    Raises
    ------
    InputError
        If there are none or too many, or no axis to nest along.
    """
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > MOST_POINTS:
        raise InputError(
            f"{count:,} points; a sweep has at most {MOST_POINTS:,} -- take wider steps"
        )
    if not axes and not phases:
        raise InputError(
            "nothing to vary -- say what, such as --vary unit=1:10 --vary budget=80%:120%:10%, or "
            "[sweep] in study.toml"
        )
    if nested and not any(axis.relaxing for axis in axes):
        raise InputError(
            "nested: vary units, roles, staff hours or a budget, so that there is an order to buy "
            "in"
        )
    tasks: list[Task] = []
    for mode in (*(("re-optimized",) if axes else ()), *(("nested",) if nested else ())):
        _add_rows(tasks, axes, limits, "nested" if mode == "nested" else "re-optimized")
    _add_phases(tasks, limits, phases)
    return Grid(tuple(axes), tuple(tasks))


def _add_rows(tasks: list[Task], axes: Sequence[Axis], limits: Limits, mode: Mode) -> None:
    along = row_axis(axes)
    first = len(tasks)
    counts = [len(axis.values) for axis in axes]
    for position in itertools.product(*(range(count) for count in counts)):
        setting = {axis.name: axis.values[i] for axis, i in zip(axes, position, strict=True)}
        before = None
        if along is not None and position[along] and (mode == "nested" or position[along] % BLOCK):
            at = list(position)
            at[along] -= 1
            before = first + _flat(at, counts)
        stays = before if mode == "nested" else None
        tasks.append(Task(mode, setting, limits_at(limits, setting), start=before, stays=stays))


def _flat(position: Sequence[int], counts: Sequence[int]) -> int:
    out = 0
    for i, count in zip(position, counts, strict=True):
        out = out * count + i
    return out


def _add_phases(tasks: list[Task], limits: Limits, phases: Sequence[PhaseInput]) -> None:
    before: int | None = None
    for phase in phases:
        tasks.append(
            Task("phase", {}, phase.within(limits), start=before, stays=before, label=phase.name)
        )
        before = len(tasks) - 1
    if len(phases) < 2:
        return
    tasks.append(
        Task("last phase alone", {}, phases[-1].within(limits), start=before, label=phases[-1].name)
    )
    last = len(tasks) - 1
    before = None
    for phase in phases:
        mode: Mode = "phase toward the last"
        tasks.append(
            Task(
                mode,
                {},
                phase.within(limits),
                start=before,
                stays=before,
                only=last,
                label=phase.name,
            )
        )
        before = len(tasks) - 1


def task_keys(grid: Grid, identity: Mapping[str, Any]) -> tuple[str, ...]:
    """Name each point after all that goes into it, the answers that it begins with included.

    Parameters
    ----------
    identity
        What all points rest on: inputs, settings and versions.
    """
    digest = _digest({"schema": SCHEMA, **identity})
    keys: list[str] = []
    for task in grid.tasks:
        begins = {
            name: None if i is None else keys[i]
            for name, i in (("start", task.start), ("stays", task.stays), ("only", task.only))
        }
        setting = dict(sorted(task.setting.items()))
        keys.append(
            _digest(
                {"common": digest, "setting": setting, "limits": task.limits.model_dump(), **begins}
            )
        )
    return tuple(keys)


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
