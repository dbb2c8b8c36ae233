"""A point of a sweep that is to be solved."""

from __future__ import annotations

from dataclasses import dataclass

from coresponse.questions.sweep.grid import Task

Bought = tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True)
class Request:
    """A task with the answers that it needs."""

    task: Task
    start: Bought | None = None
    stays: Bought | None = None
    only: Bought | None = None
