"""Response times.

For each option and demand cell, from the call's start to the responder's arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.agencies import agency_of_nodes
from coresponse.coverage.cells import DemandCells, ResponseTable
from coresponse.coverage.table_agencies import TableAgencies
from coresponse.coverage.travel import travel_times
from coresponse.data.agencies import Agencies
from coresponse.data.options import Option
from coresponse.data.posts import Posts
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.network import RoadNetwork

# beyond an hour's drive hardly any program sends anybody; a study may say otherwise
DEFAULT_REACH_MIN = 60.0


def enumerate_options(program: Program, posts: Posts) -> tuple[Option, ...]:
    """List what can be bought.

    Each responder type at each post of its kinds on each of its patterns, sorted.
    """
    places = list(
        zip(posts.frame["post_id"].astype(str), posts.frame["kind"].astype(str), strict=True)
    )
    return tuple(
        sorted(
            Option(name, post_id, pattern)
            for name, kind in program.responder_types.items()
            for post_id, post_kind in places
            if not kind.post_kinds or post_kind in kind.post_kinds
            for pattern in kind.shift_patterns
        )
    )


def response_table(
    network: RoadNetwork,
    posts: Posts,
    program: Program,
    options: Sequence[Option],
    cells: DemandCells,
    *,
    reach_min: float = DEFAULT_REACH_MIN,
    progress: Progress = silent,
) -> ResponseTable:
    """Work out the response times of all options.

    Response = call taking + the type's turn-out or activation delay + travel time over the type's
    and the period's speed factors. Where the officer goes first, it is the later of the police's
    arrival and this. A tele-clinician does not travel.

    Parameters
    ----------
    reach_min
        Drives longer than this are not planned with.
    """
    column, first = _columns(program, cells)
    node = cells.node[first]
    period = cells.period[first]
    used = sorted({option.post_id for option in options})
    post_node = posts.frame.set_index("post_id")["node"].loc[used].to_numpy()
    distinct, back = np.unique(node, return_inverse=True)
    # the search must go as far as the fastest type gets in the fastest period; a hair more, for
    # times are rounded to float32
    fastest = max(kind.speed_factor.value for kind in program.responder_types.values())
    fastest *= max(p.speed_factor for p in cells.periods)
    limit_s = reach_min * 60 * fastest * (1 + 1e-6)
    travel = travel_times(network, post_node, targets=distinct, limit_s=limit_s, progress=progress)
    groups = sorted({(option.responder_type, option.shift_pattern) for option in options})
    serves = np.stack([_serves(program, cells, first, kind, pattern) for kind, pattern in groups])
    group_of = {group: i for i, group in enumerate(groups)}
    row_of = {post_id: i for i, post_id in enumerate(used)}
    speed = np.array([p.speed_factor for p in cells.periods])[period]
    out = np.full((len(options), len(node)), np.inf, dtype=np.float32)
    for i, option in enumerate(options):
        g = group_of[option.responder_type, option.shift_pattern]
        on = np.flatnonzero(serves[g])
        drive = travel[row_of[option.post_id], back[on]]
        out[i, on] = _response_s(program, option.responder_type, drive, speed[on], reach_min * 60)
    return ResponseTable(
        options=tuple(options),
        cells=cells,
        column=column,
        response_s=out,
        group=np.array(
            [group_of[o.responder_type, o.shift_pattern] for o in options], dtype=np.int32
        ),
        serves=serves,
        column_node=node,
        fallback_s=program.standards.fallback_min.value * 60,
    )


def of_agencies(table: ResponseTable, agencies: Agencies, network: RoadNetwork) -> ResponseTable:
    """Return a table of several agencies: whose options and columns are, and no time for units that are not lent."""
    option = np.array([agencies.of_post[o.post_id] for o in table.options], dtype=np.int32)
    column = agency_of_nodes(agencies, network, table.column_node)
    found = TableAgencies(agencies.names, option, column, agencies.sharing)
    response = table.response_s
    if agencies.sharing == "own":
        response = np.where(found.own(np.arange(len(option))), response, np.float32(np.inf))
    return replace(table, response_s=response, agencies=found)


def _response_s(
    program: Program,
    responder_type: str,
    drive_s: NDArray[np.float32],
    speed: NDArray[np.float64],
    reach_s: float,
) -> NDArray[np.float64]:
    kind = program.responder_types[responder_type]
    start = (program.standards.call_taking_min.value + kind.delay_min.value) * 60
    drive = (
        np.zeros(len(drive_s))
        if kind.kind == "tele"
        else drive_s / (kind.speed_factor.value * speed)
    )
    response = np.where(drive <= reach_s, start + drive, np.inf)
    if kind.needs_officer_first:
        response = np.maximum(response, program.standards.police_arrival_min.value * 60)
    return response


def column_count(program: Program, cells: DemandCells) -> int:
    """Return how many columns a response table of these cells has."""
    return len(_columns(program, cells)[1])


def cell_views(program: Program, cells: DemandCells) -> NDArray[np.int64]:
    """Return (cells,) a number for who may serve a cell and how fast.

    Cells of one crossing and one view share a column.
    """
    kinds = list(program.responder_types.values())
    by_class = {name: tuple(name in kind.eligible for kind in kinds) for name in cells.class_names}
    patterns = sorted({name for kind in kinds for name in kind.shift_patterns})
    by_period = [
        (
            tuple(program.shift_patterns[name].hours.contains(p.hours) for name in patterns),
            p.speed_factor,
        )
        for p in cells.periods
    ]
    class_view = _codes([by_class[name] for name in cells.class_names])[cells.call_class]
    period_view = _codes(by_period)[cells.period]
    return np.asarray(class_view * (period_view.max() + 1) + period_view)


def _columns(program: Program, cells: DemandCells) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Give each cell its column, and each column one of its cells."""
    view = cell_views(program, cells)
    key = cells.node.astype(np.int64) * (view.max() + 1) + view
    _, first, column = np.unique(key, return_index=True, return_inverse=True)
    return column.astype(np.int32), first


def _codes(items: Sequence[object]) -> NDArray[np.int64]:
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(item, len(seen)) for item in items], dtype=np.int64)


def _serves(
    program: Program,
    cells: DemandCells,
    first: NDArray[np.int64],
    responder_type: str,
    pattern: str,
) -> NDArray[np.bool_]:
    kind = program.responder_types[responder_type]
    eligible = np.array([name in kind.eligible for name in cells.class_names])
    hours = program.shift_patterns[pattern].hours
    on_duty = np.array([hours.contains(p.hours) for p in cells.periods])
    return np.asarray(eligible[cells.call_class[first]] & on_duty[cells.period[first]])
