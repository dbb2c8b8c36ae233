"""A small grid of streets, files of calls on it, and what every history has to add up to."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pyproj import Transformer

from coresponse.data.calls.history import NOT_ELIGIBLE, CallHistory
from coresponse.data.calls.read import read_calls
from coresponse.data.programs.load import load_program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork

PROGRAM = load_program("b-heard")
NETWORK = street_grid(12, 10, seed=3, spacing_m=150.0, origin_xy=(583_000.0, 4_506_000.0))
HEADER = "event_id,received,dispatched,arrived,cleared,nature,lat,lon"
FAR = "more than 500 m from a road of the network"


def degrees(network: RoadNetwork, x: float, y: float) -> tuple[str, str]:
    lon, lat = Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True).transform(x, y)
    return f"{lat:.7f}", f"{lon:.7f}"


LAT, LON = degrees(NETWORK, NETWORK.node_x[17], NETWORK.node_y[17])
OTHER_LAT, OTHER_LON = degrees(NETWORK, NETWORK.node_x[90], NETWORK.node_y[90])
FAR_LAT, FAR_LON = degrees(NETWORK, NETWORK.node_x[0] - 2000, NETWORK.node_y[0])


def history_of(
    folder: Path,
    lines: Sequence[str],
    *,
    header: str = HEADER,
    name: str = "calls.csv",
    **how: object,
) -> CallHistory:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_calls(
        [path], network=NETWORK, program=PROGRAM, **{"timezone": "America/New_York", **how}
    )  # type: ignore[arg-type]


def line_of(
    call_id: str = "",
    received: str = "2021-07-04 10:00:00",
    nature: str = "54E1",
    lat: str = LAT,
    lon: str = LON,
    times: str = ",,",
) -> str:
    return f"{call_id},{received},{times},{nature},{lat},{lon}"


def reasons_of(history: CallHistory) -> dict[str, int]:
    return {reason: count for step in history.funnel.steps for reason, count in step.reasons}


def check_sums(history: CallHistory) -> None:
    steps = history.funnel.steps
    assert [step.name for step in steps] == [
        "rows",
        "events",
        "located",
        "on the network",
        "eligible",
    ]
    for before, step in itertools.pairwise(steps):
        assert step.count + step.lost == before.count
    for step in steps:
        assert sum(count for _, count in step.reasons) == step.lost
        assert all(count > 0 for _, count in step.reasons)
    broken = dict(steps[1].reasons).get("row could not be split into columns", 0)
    assert len(history.set_aside) == steps[2].lost + steps[3].lost + broken
    assert Counter(history.set_aside["reason"]) == Counter(
        {
            reason: n
            for step in steps[1:4]
            for reason, n in step.reasons
            if reason != "further rows of the same event"
        }
    )
    assert len(history.frame) == steps[3].count
    assert int((history.frame["call_class"] != NOT_ELIGIBLE).sum()) == steps[4].count
    assert history.unmapped["calls"].sum() == steps[4].lost
