"""The map page's film of a drawn day, from its publication."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from coresponse.data.roads.network import RoadNetwork
from coresponse.maps.film import Film, FilmJob, FilmRun, FilmUnit
from coresponse.publish.week_of_calls import FilmPublication, PublishedRun

NOTE = (
    "One drawn day, not the headline: as many calls as on an average day, at hours, in areas and "
    "of classes as published here, each at a crossing drawn by chance. No call is a real one."
)


def film(published: FilmPublication | None, roads: RoadNetwork) -> Film | None:
    """Return the film as the page draws it; times in whole seconds."""
    if published is None:
        return None
    nodes = np.unique(np.concatenate([published.node, published.facility_nodes]))
    facility = np.searchsorted(nodes, published.facility_nodes)
    return Film(
        day=published.day,
        note=f"{NOTE} {published.unlike}".rstrip(),
        received_s=_whole(published.received_s),
        place=tuple(np.searchsorted(nodes, published.node).tolist()),
        places=gpd.GeoDataFrame(
            {"node": nodes},
            geometry=gpd.points_from_xy(*roads.place_xy(roads.crossing(nodes))),
            crs=roads.crs,
        ).assign(node=roads.crossing(nodes)),
        runs={name: _run(run, facility.tolist()) for name, run in published.runs.items()},
    )


def _run(run: PublishedRun, facility: list[int]) -> FilmRun:
    found = run.moments
    names = (
        "sent_s", "leaves_s", "arrived_s", "contact_s", "left_scene_s", "cleared_s", "home_s",
        "at_facility_s", "police_s",
    )  # fmt: skip
    seconds = {name: _whole(np.nan_to_num(getattr(found, name))) for name in names}
    jobs = []
    for k, unit in enumerate(found.server.tolist()):
        at = {name: values[k] for name, values in seconds.items()}
        if unit < 0:
            jobs.append(FilmJob(-1, at["police_s"]))
            continue
        taken = int(found.facility[k])
        jobs.append(
            FilmJob(
                unit,
                at["sent_s"],
                at["leaves_s"],
                at["arrived_s"],
                at["contact_s"],
                at["left_scene_s"],
                at["cleared_s"],
                at["home_s"],
                bool(run.in_time[k]),
                facility[taken] if taken >= 0 else -1,
                at["at_facility_s"],
            )
        )
    units = zip(run.units["responder_type"], run.units["post_id"], run.duty, strict=True)
    return FilmRun(
        units=tuple(
            FilmUnit(kind, post, "".join("1" if on else "0" for on in hours))
            for kind, post, hours in units
        ),
        jobs=tuple(jobs),
    )


def _whole(seconds: np.ndarray) -> tuple[int, ...]:
    return tuple(np.rint(seconds).astype(np.int64).tolist())
