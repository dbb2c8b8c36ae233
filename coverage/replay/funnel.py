"""The funnel: from calls to calls handled without police, each loss with its reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.replay.bands import Interval
from coresponse.coverage.replay.funnel_row import FunnelRow
from coresponse.coverage.replay.past import Past
from coresponse.coverage.replay.record import ReplayRun
from coresponse.coverage.replay.rules import REASON_WORDS, Reason
from coresponse.coverage.replay.table_bands import rate_band
from coresponse.coverage.replay.unknown import NOTHING, Unknowns
from coresponse.data.programs.model import Program

NOT_ELIGIBLE = "no responder type takes the call"
BY_PHONE = "ended by a clinician on the phone"
NOBODY_FOUND = "nobody found on scene"
OFFICER_IN_CREW = "an officer is part of the crew"
OFFICER_FIRST = "an officer secured the scene"
BACKUP = "the crew asked for police"

STEPS = ("calls", "eligible", "on duty", "unit free", "sent", "contact", "handled without police")


def funnel(
    runs: Sequence[ReplayRun],
    program: Program,
    *,
    a_week: bool = True,
    past: Past | None = None,
    unknown: Unknowns = NOTHING,
) -> tuple[FunnelRow, ...]:
    """Return the funnel of a deployment over its replications.

    Steps: all calls; of a class that a responder type takes; an eligible unit on duty; a unit free
    (at once, or after waiting); one within reach and sent; the person met; handled without police.
    Each step plus its losses is the step before.

    Parameters
    ----------
    a_week
        Calls a week; else in all the time replayed.
    past
        Replays of the real calls by the same deployment: bands then hold what the history cannot
        tell, too. Of figures a week only.
    unknown
        What replications step through.
    """
    weeks = runs[0].scenario.calls.weeks
    counted = [_counts(run, program, run.scenario.calls.weeks if a_week else 1.0) for run in runs]
    before = [_calls_by_step(run, program) for run in past.runs] if past and a_week else []

    def banded(key: str) -> Interval:
        of_calls = [found[key] for found in before if key in found]
        known = past if of_calls else None
        values = [c[key] for c in counted]
        return rate_band(values, weeks, known, of_calls, counted=True, unknown=unknown)

    rows = []
    for step in STEPS:
        reasons = [reason for reason, at in _REASON_STEP.items() if at == step]
        lost = [(reason, banded(reason)) for reason in reasons if any(c[reason] for c in counted)]
        rows.append(FunnelRow(step, banded(step), tuple(lost)))
    return tuple(rows)


_REASON_STEP = {
    NOT_ELIGIBLE: "eligible",
    BY_PHONE: "eligible",
    REASON_WORDS[Reason.NOT_IN_DEPLOYMENT]: "on duty",
    REASON_WORDS[Reason.CLOSED]: "on duty",
    REASON_WORDS[Reason.BUSY]: "unit free",
    REASON_WORDS[Reason.GAVE_UP]: "unit free",
    REASON_WORDS[Reason.OUT_OF_REACH]: "sent",
    NOBODY_FOUND: "contact",
    OFFICER_IN_CREW: "handled without police",
    OFFICER_FIRST: "handled without police",
    BACKUP: "handled without police",
}


def _counts(run: ReplayRun, program: Program, weeks: float) -> dict[str, float]:
    """Return the calls of each step and reason."""
    out = {key: float(found.sum() / weeks) for key, found in _calls_by_step(run, program).items()}
    out[NOT_ELIGIBLE] = run.scenario.calls.not_eligible / weeks
    out[BY_PHONE] = run.scenario.calls.by_phone / weeks
    out["calls"] += out[NOT_ELIGIBLE] + out[BY_PHONE]
    return out


def _calls_by_step(run: ReplayRun, program: Program) -> dict[str, NDArray[np.float64]]:
    """Return (n,) 0 or 1 by step and reason: who came that far, and who was lost there."""
    met, in_crew, first, backup = police_on_scene(run, program)
    out = {REASON_WORDS[reason]: run.record.reason == reason for reason in Reason}
    out |= {NOBODY_FOUND: (run.record.server >= 0) & ~met}
    out |= {OFFICER_IN_CREW: in_crew, OFFICER_FIRST: first, BACKUP: backup}
    left = np.ones(run.scenario.calls.n, dtype=bool)
    for step in STEPS:
        for reason, at in _REASON_STEP.items():
            if at == step and reason in out:
                left = left & ~out[reason]
        out[step] = left
    return {key: found.astype(np.float64) for key, found in out.items()}


def police_on_scene(run: ReplayRun, program: Program) -> tuple[NDArray[np.bool_], ...]:
    """Return (n,) bools.

    Contact made; then, of these, police there as part of the crew, as first on scene, as backup.
    """
    kinds = [program.responder_types[name] for name in run.fleet.type_names]
    sent = run.record.server >= 0
    kind_of_call = (
        run.fleet.arrays.type[run.record.server]
        if run.fleet.n
        else np.zeros(len(sent), dtype=np.int64)
    )
    met = sent & run.scenario.contact
    officer = np.array(["officer" in kind.crew for kind in kinds])[kind_of_call]
    needed = np.array([kind.needs_officer_first for kind in kinds])[kind_of_call]
    share = np.array([kind.police_backup_share.value for kind in kinds])[kind_of_call]
    in_crew = met & officer
    first = met & ~officer & needed
    backup = met & ~officer & ~needed & (run.scenario.backup_u < share)
    return met, in_crew, first, backup
