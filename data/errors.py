"""The errors people meet: each names the file, the place in it, and the cure.

One base error; every leaf is also the builtin that fits, so that callers who know nothing of us
still catch it. Faults of one input are gathered and raised together (:class:`Faults`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class CoresponseError(Exception):
    """Base of all errors that coresponse raises on purpose."""


@dataclass(frozen=True)
class Proposal:
    """A line of ``study.toml`` that would mend a fault, told by evidence.

    Parameters
    ----------
    file
        Of which it is.
    key, value
        Such as ``crs`` and ``EPSG:2263``.
    why
        The evidence, for people.
    """

    file: str
    key: str
    value: str | Mapping[str, object]
    why: str

    @property
    def line(self) -> str:
        """The line as it is written."""
        return f"{self.key} = {_toml(self.value)}"


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


class InputError(CoresponseError, ValueError):
    """An input is wrong: the message names the file, the place, the value and the cure.

    Attributes
    ----------
    proposals
        Lines that would mend it.
    """

    proposals: tuple[Proposal, ...] = ()

    def with_proposals(self, *proposals: Proposal) -> InputError:
        """Return itself, with lines that would mend it."""
        self.proposals = proposals
        return self


class MissingInputError(CoresponseError, FileNotFoundError):
    """An input that a study names is not there."""


class UnsupportedInputError(InputError):
    """An input is of a kind that is not read."""


class DamagedResultError(InputError):
    """A file that a run wrote is cut short or was changed: what it says is nobody's word."""


class SolverError(CoresponseError, RuntimeError):
    """A solver crashed, is not installed, or answered with nonsense."""


class OptionalPackageError(CoresponseError, ImportError):
    """A feature needs a package that is not installed; the message says how to install it."""


def together(errors: Sequence[CoresponseError], head: str = "") -> CoresponseError:
    """Return one error that says what all of them say, each once, below a head; with their proposals."""
    if len(errors) == 1:
        return errors[0]
    proposals: list[Proposal] = []
    for error in errors:
        if isinstance(error, InputError):
            proposals += [p for p in error.proposals if p not in proposals]
    said = "\n".join(filter(None, (head, *dict.fromkeys(map(str, errors)))))
    return InputError(said).with_proposals(*proposals)


_LINE = re.compile(r"\blines? (?:number )?(\d{1,9})\b")


def unreadable(
    path: object, what: str, error: BaseException, cure: str = "export it again"
) -> InputError:
    """Return the error for a file that a library's reader gave up on.

    Of what the library says, only the line that it came to is told: its words help nobody who does
    not know it, and may name files of our own or hold what stands in a row.

    Parameters
    ----------
    path
        The file as people know it.
    what
        It was read as, such as ``Excel workbook``.
    """
    at = _LINE.search(str(error))
    where = f", from line {int(at[1]):,} on" if at else ""
    return InputError(f"{path}: not a readable {what}{where} -- {cure}")


def why_not(error: BaseException) -> str:
    """Return why the system could not do with a file what it was asked, in its few words; '' if it does not say."""
    said = error.strerror if isinstance(error, OSError) else None
    return f" ({said.lower()})" if said else ""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input.

    Parameters
    ----------
    where
        File and place in it, such as ``calls.csv, row 12, column x``.
    what
        What is wrong, with the value that was found.
    cure
        What the planner can do.
    """

    where: str
    what: str
    cure: str = ""

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.where}: {self.what}" + (f" -- {self.cure}" if self.cure else "")
