"""How long a call keeps a responder, by class: a mixture of outcomes with a long tail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from coresponse.coverage.demand import eligible_classes
from coresponse.data.calls.history import CallHistory
from coresponse.data.notes import Count, Note
from coresponse.data.programs.model import Program

ENOUGH_CALLS = 50
"""Calls with both times from which recorded times are used."""

LONGEST_S = 12 * 3600.0
"""Longer records are taken for calls that were not closed in time."""

QUANTILES = np.linspace(0.0, 1.0, 101)

Basis = Literal["calls", "program"]


@dataclass(frozen=True, eq=False)
class DrawnService:
    """Service of single calls, all (n,).

    Attributes
    ----------
    outcome
        int8 position in the model's outcomes.
    on_scene_s, transport_s, paperwork_s
        float32 seconds; transport 0 where nobody is taken anywhere.
    """

    outcome: NDArray[np.int8]
    on_scene_s: NDArray[np.float32]
    transport_s: NDArray[np.float32]
    paperwork_s: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ServiceModel:
    """Time on task from arrival until free, by call class.

    A call ends in one of the outcomes. Its times are the outcome's means times one lognormal
    factor. Where recorded times are used, the whole time follows their distribution instead: short
    times are taken for the outcome that is short in the program, long ones for the long, and split
    as the program splits them.

    Attributes
    ----------
    class_names, outcome_names
        Positions of the arrays below.
    contact
        (outcomes,) bool: the person was met.
    share
        (classes, outcomes), rows add up to 1.
    mean_s
        (outcomes, 3) mean seconds on scene, with transport, on paperwork.
    spread
        (outcomes,) standard deviation of the logarithm of the factor.
    recorded_s
        (classes, 101) quantiles of the whole recorded time; NaN where the program's figures are
        used.
    basis
        (classes,) which of the two.
    observed
        (classes,) recorded times that were found.
    notes
        Sentences for the report.
    """

    class_names: tuple[str, ...]
    outcome_names: tuple[str, ...]
    contact: NDArray[np.bool_]
    share: NDArray[np.float64]
    mean_s: NDArray[np.float64]
    spread: NDArray[np.float64]
    recorded_s: NDArray[np.float64]
    basis: tuple[Basis, ...]
    observed: NDArray[np.int64]
    notes: tuple[Note, ...]

    def mean_by_class_s(self) -> NDArray[np.float64]:
        """Return (classes,) mean seconds from arrival until free."""
        stated = self.share @ self.mean_s.sum(axis=1)
        recorded = np.trapezoid(self.recorded_s, QUANTILES, axis=1)
        return np.where(np.isnan(recorded), stated, recorded)

    def draw(self, call_class: NDArray[np.integer], u: NDArray[np.float64]) -> DrawnService:
        """Turn random numbers into service times.

        Parameters
        ----------
        call_class
            (n,) positions.
        u
            (n, 2) uniform numbers of the calls' own, so that a call is as long whoever answers it,
            and whenever.
        """
        by_length = np.argsort(self.mean_s.sum(axis=1), kind="stable")
        bounds = np.cumsum(self.share[:, by_length], axis=1)
        recorded = np.array([b == "calls" for b in self.basis])[call_class]
        position = np.where(recorded, u[:, 1], u[:, 0])[:, None] >= bounds[call_class][:, :-1]
        outcome = by_length[position.sum(axis=1)]
        spread = self.spread[outcome]
        factor = np.exp(spread * ndtri(np.clip(u[:, 1], 1e-12, 1 - 1e-12)) - spread**2 / 2)
        for c in np.flatnonzero([b == "calls" for b in self.basis]):
            of_class = call_class == c
            whole = np.interp(u[of_class, 1], QUANTILES, self.recorded_s[c])
            factor[of_class] = whole / self.mean_s[outcome[of_class]].sum(axis=1)
        parts = (self.mean_s[outcome] * factor[:, None]).astype(np.float32)
        return DrawnService(
            outcome.astype(np.int8),
            *(np.ascontiguousarray(parts[:, k]) for k in range(3)),
        )


def fit_service(
    calls: CallHistory | None, program: Program, *, basis: Literal["auto", "program"] = "auto"
) -> ServiceModel:
    """Model the service times of a program's classes.

    Parameters
    ----------
    calls
        Past calls; None: the program's figures.
    basis
        ``auto``: recorded times from arrival to clearing where a class has enough of them
        (:data:`ENOUGH_CALLS`), else the program's figures. Recorded times are those of whoever
        answered then, often police: say ``program`` where the planned crews will work otherwise.
    """
    names = eligible_classes(program)
    outcomes = program.service_outcomes
    observed = np.zeros(len(names), dtype=np.int64)
    recorded = np.full((len(names), len(QUANTILES)), np.nan)
    too_long = 0
    if calls is not None and basis == "auto":
        for c, name in enumerate(names):
            seconds, odd = _recorded(calls.frame[calls.frame["call_class"] == name])
            observed[c] = len(seconds)
            too_long += odd
            if len(seconds) >= ENOUGH_CALLS:
                recorded[c] = np.quantile(seconds, QUANTILES)
    used = ~np.isnan(recorded[:, 0])
    return ServiceModel(
        class_names=names,
        outcome_names=tuple(outcomes),
        contact=np.array([o.contact for o in outcomes.values()], dtype=bool),
        share=np.array([list(program.outcome_shares(name).values()) for name in names]),
        mean_s=60.0
        * np.array(
            [
                (
                    o.on_scene_min.value,
                    o.transport_min.value if o.transport_min else 0.0,
                    o.paperwork_min.value,
                )
                for o in outcomes.values()
            ]
        ),
        spread=np.array([o.spread.value for o in outcomes.values()]),
        recorded_s=recorded,
        basis=tuple("calls" if u else "program" for u in used),
        observed=observed,
        notes=tuple(
            _notes(names, used, observed, too_long, asked=calls is not None and basis == "auto")
        ),
    )


def service_under(service: ServiceModel, program: Program) -> ServiceModel:
    """Return service times under a changed program; times recorded in calls stay as recorded."""
    return replace(
        fit_service(None, program),
        recorded_s=service.recorded_s,
        basis=service.basis,
        observed=service.observed,
        notes=service.notes,
    )


def _recorded(frame: pd.DataFrame) -> tuple[NDArray[np.float64], int]:
    """Return the recorded times on task in seconds, and how many were too long to be one."""
    seconds = (
        (frame["cleared_at"] - frame["arrived_at"]).dt.total_seconds().to_numpy(dtype=np.float64)
    )
    kept = (seconds > 0) & (seconds <= LONGEST_S)
    return np.asarray(seconds[kept], dtype=np.float64), int((seconds > LONGEST_S).sum())


def _notes(
    names: tuple[str, ...],
    used: NDArray[np.bool_],
    observed: NDArray[np.int64],
    too_long: int,
    *,
    asked: bool,
) -> list[Note]:
    if not asked:
        return [Note("Service times: the program's figures.")]
    notes = []
    for name, from_calls, n in zip(names, used, observed, strict=True):
        if from_calls:
            notes.append(
                Note(
                    "Service times of {name}: {n} recorded times from arrival to clearing, of "
                    "whoever answered then.",
                    name=name,
                    n=Count(n),
                )
            )
        else:
            notes.append(
                Note(
                    "Service times of {name}: the program's figures; {n} recorded times are fewer "
                    "than {enough}.",
                    name=name,
                    n=Count(n),
                    enough=ENOUGH_CALLS,
                )
            )
    if too_long:
        notes.append(
            Note(
                "{n} recorded times above {hours:g} h were left out as not closed in time.",
                n=Count(too_long),
                hours=LONGEST_S / 3600,
            )
        )
    return notes
