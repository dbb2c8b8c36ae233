"""The answer of one point as plain data, which is what is kept on disk and sent between machines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.options import Deployment, Option
from coresponse.data.tables.write import whole_file
from coresponse.optimize.solution import Status
from coresponse.study.read_back import read_result_file

SCHEMA = 6


@dataclass(frozen=True)
class Answer:
    """What was found at a point.

    Attributes
    ----------
    status, message
        As of the search.
    objective, bound, gap, unit
        Of the optimizer; None where there is none.
    standing
        What the deployment is: the model's, chosen or confirmed in the replay.
    score
        What the point is best at: the goal in the replay; the objective where units are always free
        or their busy shares are stated. None if nothing was found, or confirmed.
    bought
        (responder type, post, shift pattern, count).
    planned_busy_share, busy_share
        By responder type: what the optimizer was told; what the replay finds.
    calls_per_week
        By responder type, as the replay sends them.
    rounds
        Of solving and measuring.
    figures, figures_if_free
        By replay; if the nearest is always free. Seconds, shares, calls a week.
    ranges
        Both ends of figures that run with what nobody knows, such as hidden calls; empty if all is
        known.
    not_known
        What that is, in words.
    worst_district
        With the longest mean wait by replay, among those with enough calls.
    binding
        Limits that leave no room for one more responder.
    clash
        Why the limits cannot be kept.
    seconds
        Taken; kept, but in no result.
    """

    status: str
    message: str
    standing: str
    objective: float | None
    bound: float | None
    gap: float | None
    unit: str
    score: float | None
    bought: tuple[tuple[str, str, str, int], ...] = ()
    planned_busy_share: Mapping[str, float] = field(default_factory=dict)
    busy_share: Mapping[str, float] = field(default_factory=dict)
    calls_per_week: Mapping[str, float] = field(default_factory=dict)
    rounds: int = 1
    figures: Mapping[str, float | None] = field(default_factory=dict)
    figures_if_free: Mapping[str, float | None] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    not_known: tuple[str, ...] = ()
    worst_district: str = ""
    clash: tuple[str, ...] = ()
    binding: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def found(self) -> bool:
        """Whether there is a deployment."""
        return self.status in {Status.PROVEN.value, Status.BEST_FOUND.value}

    @property
    def deployment(self) -> Deployment:
        """What is bought."""
        return Deployment.of("point", [(Option(*row[:3]), row[3]) for row in self.bought])


class Kept:
    """Finished points in a folder.

    A file each, whole or not there, named by the hash of what went into it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, key: str) -> Answer | None:
        """Return a point's answer; None if it is not kept, or its file is damaged."""
        try:
            content = read_result_file(
                self.folder / f"{key}.json", schema=SCHEMA, cure="it is solved again"
            )
            answer = content["answer"]
            return (
                _answer(answer)
                if (content["key"], content["sha256"]) == (key, _digest(answer))
                else None
            )
        except (InputError, MissingInputError, ValueError, KeyError, TypeError):
            return None

    def write(self, key: str, answer: Answer) -> None:
        """Keep a point's answer."""
        content = asdict(answer)
        told = {"schema": SCHEMA, "key": key, "sha256": _digest(content), "answer": content}
        text = json.dumps(told, indent=1, allow_nan=False)
        with whole_file(self.folder / f"{key}.json") as file:
            file.write(text.encode())


def _digest(content: dict[str, Any]) -> str:
    """Return what tells a file that something has changed from one that was written so."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _answer(content: dict[str, Any]) -> Answer:
    bought = tuple((str(t), str(p), str(s), int(n)) for t, p, s, n in content.pop("bought"))
    content |= {name: tuple(content[name]) for name in ("clash", "binding", "not_known")}
    content["ranges"] = {name: (float(a), float(b)) for name, (a, b) in content["ranges"].items()}
    return Answer(bought=bought, **content)
