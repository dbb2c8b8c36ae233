"""A point of a sweep that is to be solved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coresponse.questions.sweep.answer import Answer
from coresponse.questions.sweep.grid import Task

Bought = tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True)
class Request:
    """A task with the answers that it needs."""

    task: Task
    start: Bought | None = None
    stays: Bought | None = None
    only: Bought | None = None


# Answers a request, given what all points of the sweep share.
Solve = Callable[[Any, Request], Answer]
