"""How long a call keeps a responder, by class: a mixture of outcomes with a long tail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.service.recorded import (
    LONGEST_S,
    SHORTEST_S,
    RecordedTimes,
    equal_parts,
    usable_times,
)
from coresponse.coverage.service.service_model import PARTS, Basis, ServiceModel
from coresponse.data.calls.history import CallHistory
from coresponse.data.notes import Count, Note
from coresponse.data.programs.model import Program

# Calls with both times from which recorded times are used.
ENOUGH_CALLS = 50


def fit_service(
    calls: CallHistory | None,
    program: Program,
    *,
    basis: Literal["auto", "calls", "program"] = "auto",
) -> ServiceModel:
    """Model the service times of a program's classes.

    Parameters
    ----------
    calls
        Past calls; None: the program's figures.
    basis
        ``auto``: where a class has enough recorded times from arrival to clearing
        (:data:`ENOUGH_CALLS`), those; but where only crews without an officer are to take the
        class, their spread with the program's mean: recorded times are those of whoever answered
        then, often police. ``calls``: as recorded, whoever is to come. ``program``: the program's
        figures.
    """
    names = eligible_classes(program)
    outcomes = program.service_outcomes
    mean_s = 60.0 * np.array(
        [
            (
                o.on_scene_min.value,
                o.transport_min.value if o.transport_min else 0.0,
                o.paperwork_min.value,
            )
            for o in outcomes.values()
        ]
    )
    share = np.array([list(program.outcome_shares(name).values()) for name in names])
    recorded = np.full((len(names), PARTS), np.nan)
    bases: list[Basis] = ["program"] * len(names)
    found = [] if calls is None or basis == "program" else [_recorded(calls, n) for n in names]
    for c, times in enumerate(found):
        if times.n < ENOUGH_CALLS:
            continue
        bases[c] = "calls" if basis == "calls" or _officer_comes(program, names[c]) else "scaled"
        recorded[c] = equal_parts(times.seconds, PARTS)
        if bases[c] == "scaled":
            recorded[c] *= float(share[c] @ mean_s.sum(axis=1)) / recorded[c].mean()
    titles = tuple(program.call_classes[name].title for name in names)
    return ServiceModel(
        class_names=names,
        outcome_names=tuple(outcomes),
        contact=np.array([o.contact for o in outcomes.values()], dtype=bool),
        share=share,
        mean_s=mean_s,
        spread=np.array([o.spread.value for o in outcomes.values()]),
        recorded_s=recorded,
        basis=tuple(bases),
        observed=np.array([times.n for times in found] or [0] * len(names), dtype=np.int64),
        notes=tuple(_notes(titles, bases, found)),
    )


def service_under(service: ServiceModel, program: Program) -> ServiceModel:
    """Return service times under a changed program.

    Times recorded in calls stay as recorded; those brought to the program's mean come to the new
    one.
    """
    own = fit_service(None, program)
    scaled = np.array([basis == "scaled" for basis in service.basis])
    stated = own.share @ own.mean_s.sum(axis=1)
    factor = np.where(scaled, stated / service.recorded_s.mean(axis=1), 1.0)
    return replace(
        own,
        recorded_s=service.recorded_s * factor[:, None],
        basis=service.basis,
        observed=service.observed,
        notes=service.notes,
    )


def _officer_comes(program: Program, call_class: str) -> bool:
    """Whether an officer is in a crew that may take a class."""
    kinds = program.responder_types.values()
    return any("officer" in kind.crew for kind in kinds if call_class in kind.eligible)


def _recorded(calls: CallHistory, call_class: str) -> RecordedTimes:
    frame = calls.frame[calls.frame["call_class"] == call_class]
    seconds = (frame["cleared_at"] - frame["arrived_at"]).dt.total_seconds()
    return usable_times(np.asarray(seconds, dtype=np.float64))


_WORDS = {
    "calls": (
        "{n} recorded times from arrival to clearing, of whoever answered then, mostly police "
        "where the records do not say otherwise."
    ),
    "scaled": (
        "{n} recorded times, of whoever answered then, brought to the program's mean: crews "
        "without an officer will answer."
    ),
    "program": "the program's figures; {n} recorded times are fewer than {enough}.",
}


def _notes(
    titles: tuple[str, ...], bases: Sequence[Basis], found: Sequence[RecordedTimes]
) -> list[Note]:
    if not found:
        return [Note("Service times: the program's figures.")]
    notes = [
        Note(
            "Service times, {name}: " + _WORDS[basis],
            name=title,
            n=Count(times.n),
            enough=ENOUGH_CALLS,
        )
        for title, basis, times in zip(titles, bases, found, strict=True)
    ]
    for n, why in (
        (sum(t.too_long for t in found), "above {hours:g} h were left out as not closed in time"),
        (sum(t.clicks for t in found), "under {seconds:g} s were left out as no time on a call"),
        (
            sum(t.closed_late for t in found),
            "far above others, or heaped at one time, were left out as closed by the system",
        ),
    ):
        if n:
            notes.append(
                Note(
                    "{n} recorded times " + why + ".",
                    n=Count(n),
                    hours=LONGEST_S / 3600,
                    seconds=SHORTEST_S,
                )
            )
    return notes
