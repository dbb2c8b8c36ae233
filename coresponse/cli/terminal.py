"""What the command line shows: progress that appears only on long work, and short tables."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment
from rich.text import Text

from coresponse.data.progress import DETAIL
from coresponse.data.words import counted

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

# what is over by then needs no bar
APPEARS_AFTER_S = 1.0

# Notes beneath an answer; a screen has room for no more.
MOST_NOTES = 3


def console(*, stderr: bool = False) -> Console:
    """Return a console that keeps tables readable where the output is not a terminal.

    The variable COLUMNS sets its width there, too.
    """
    made = _SafeConsole(stderr=stderr, highlight=False)
    if made.is_terminal or os.environ.get("COLUMNS", "").isdigit():
        return made
    return _SafeConsole(stderr=stderr, highlight=False, width=120)


def print_json(content: dict[str, Any]) -> None:
    """Print plain data as JSON on standard output."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=str))


def print_paths(console: Console, paths: Mapping[str, object]) -> None:
    """Print where things are, each on one line however narrow the window, so that it can be copied."""
    longest = max(map(len, paths))
    for name, path in paths.items():
        console.print(Text(f"{name}:{' ' * (longest - len(name))} {path}"), soft_wrap=True)


def print_notes(console: Console, notes: Sequence[str], *, details: bool) -> None:
    """Print notes; without details the first few, and how many more there are."""
    shown = notes if details else notes[:MOST_NOTES]
    for note in shown:
        console.print(Text(f"Note: {note.rstrip('.')}.", style="yellow"))
    if more := len(notes) - len(shown):
        console.print(Text(f"And {counted(more, 'more note')}: --details", style="yellow"))


def more_in_details(console: Console, what: str) -> None:
    """Say, last of all, what --details shows."""
    console.print(Text(f"{what}: --details", style="dim"))


class _SafeConsole(Console):
    """Shows text from data as text.

    What would steer the terminal, or turn the direction of reading, is shown as a mark.
    """

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render, and mark steering characters that are not our own."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield (
                Segment(_STEERING.sub("\ufffd", text), style)
                if control is None and _STEERING.search(text)
                else segment
            )


class ProgressLine:
    """A progress bar on the error stream; it appears when work has taken longer than a second.

    Use as a context manager; the object itself is the callable that long work reports to. Where the
    error stream is no terminal, each stage is said once, when it has taken long enough to be worth
    a line.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = console(stderr=True)
        self.quiet = quiet
        self.started = time.monotonic()
        self.bar: Progress | None = None
        self.tasks: dict[str, TaskID] = {}
        self.said: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Show how far `stage` is; what follows ``--`` may change from call to call.

        Without a total it stays to be read.
        """
        if total <= 0:
            if not self.quiet:
                self.console.print(Text(stage), soft_wrap=True)
            return
        description, stage = stage, stage.partition(DETAIL)[0]
        if self.quiet or time.monotonic() - self.started < APPEARS_AFTER_S:
            return
        if not self.console.is_terminal:
            if stage not in self.said:
                self.said.add(stage)
                self.console.print(Text(f"{time.monotonic() - self.started:6.1f} s  {stage}"))
            return
        if self.bar is None:
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
            )
            self.bar = Progress(
                *columns, TimeRemainingColumn(), console=self.console, transient=True
            )
            self.bar.start()
        if stage not in self.tasks:
            for task in self.tasks.values():
                self.bar.update(task, visible=False)
            self.tasks[stage] = self.bar.add_task(stage, total=total)
        self.bar.update(self.tasks[stage], completed=done, total=total, description=description)
