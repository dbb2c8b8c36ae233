"""The recorded calls, as a replay plays them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes, has_shares, rows_by_class
from coresponse.coverage.few_calls import safe_count
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.calls.history import CallHistory
from coresponse.data.programs.model import Program

# Of which calls of a history are taken to be hidden ones.
HIDDEN_SEED = 20_826
# Of which calls of a history are taken not to end on the phone.
KEPT_SEED = 20_827


def real_calls(
    calls: CallHistory,
    program: Program,
    *,
    district: NDArray[np.integer] | None = None,
    kept: NDArray[np.floating] | None = None,
) -> ReplayCalls:
    """Take the calls as they were, at their own local times.

    Parameters
    ----------
    district
        (calls,) position of each call's district, -1 outside; None: no districts.
    kept
        (calls, classes) share of each call that comes to the field, by class that it may be of:
        others end on the phone. Which ones do is drawn, the same in all replays. None: all come.
    """
    names = eligible_classes(program)
    frame = _one_class_each(calls, program, names)
    not_eligible = float(safe_count(len(calls.frame) - len(frame)))
    if kept is not None:
        at, kind = frame["position"].to_numpy(), frame["call_class"].map(names.index).to_numpy(int)
        chance = np.random.default_rng(KEPT_SEED).random(len(calls.frame))
        frame = frame[chance[at] < kept[at, kind]]
    position = frame["position"].to_numpy()
    wall = frame["received_at"].dt.tz_localize(None)
    monday = (
        (wall.min().floor("D") - pd.Timedelta(days=int(wall.min().day_of_week)))
        if len(wall)
        else pd.NaT
    )
    received = ((wall - monday) / pd.Timedelta(seconds=1)).to_numpy(dtype=np.float64)
    order = np.argsort(received, kind="stable")
    where = np.full(len(frame), -1) if district is None else np.asarray(district)[position]
    return ReplayCalls(
        class_names=names,
        received_s=received[order],
        node=frame["node"].to_numpy().astype(np.int32)[order],
        district=where.astype(np.int32)[order],
        call_class=frame["call_class"]
        .map({name: i for i, name in enumerate(names)})
        .to_numpy()
        .astype(np.int16)[order],
        call_id=frame["call_id"].to_numpy(dtype=object)[order],
        weeks=calls.days / 7,
        not_eligible=not_eligible,
        start_s=float(received.min() // 86_400 * 86_400) if len(received) else 0.0,
        row=position[order],
    )


def _one_class_each(calls: CallHistory, program: Program, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the eligible calls, each with its class: a call that is of one by a share is drawn into it, or is left out.

    Nobody knows which of them are; whichever are drawn, they are the same in all replays.
    """
    frame = calls.frame.assign(position=np.arange(len(calls.frame)))
    rows = rows_by_class(frame, program, names)
    if not has_shares(program, frame):
        return rows
    chance = np.random.default_rng(HIDDEN_SEED).random(len(frame))[rows["position"]]
    upto = rows.groupby("position")["middle"].cumsum()
    return rows[(chance < upto) & (chance >= upto - rows["middle"])]
