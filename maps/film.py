"""A drawn day on the map: who drives where when, as the page's script reads it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd

from coresponse.maps.geometry import encode_point, to_degrees


class FilmUnit(NamedTuple):
    """A responder: its type, its post, and the day's hours on duty as ``000000111...``, a sign an hour."""

    responder_type: str
    post_id: str
    duty: str


class FilmJob(NamedTuple):
    """What became of a call; times in whole seconds of the day.

    A call left to police has `unit` -1 and `told_s`, when it was. Else `told_s` is when the unit
    was sent; `facility` is the place where the person was taken, -1 for none.
    """

    unit: int
    told_s: int
    leaves_s: int = 0
    arrived_s: int = 0
    contact_s: int = 0
    left_scene_s: int = 0
    cleared_s: int = 0
    home_s: int = 0
    in_time: bool = False
    facility: int = -1
    at_facility_s: int = 0


@dataclass(frozen=True)
class FilmRun:
    """A deployment's day: its units, and a job for each call."""

    units: tuple[FilmUnit, ...]
    jobs: tuple[FilmJob, ...]


@dataclass(frozen=True, eq=False)
class Film:
    """A drawn day under each deployment.

    Parameters
    ----------
    day
        Of the week, such as ``Friday``.
    note
        What the viewer is told that it is.
    received_s
        (calls,) whole seconds of the day, ascending; a call from before midnight has less than 0.
    place
        (calls,) position in `places`.
    places
        Points in any CRS, of calls and of facilities, with `node`, the roads' crossing there.
    runs
        By the name of the deployment.
    """

    day: str
    note: str
    received_s: tuple[int, ...]
    place: tuple[int, ...]
    places: gpd.GeoDataFrame
    runs: Mapping[str, FilmRun]


def film_payload(
    film: Film,
    posts: Sequence[str],
    responder_types: Sequence[str],
    node_position: Mapping[int, int] | None,
    origin: tuple[float, float],
) -> dict[str, Any]:
    """Return the film as plain lists: a call's times are differences, each from the one before.

    Parameters
    ----------
    posts, responder_types
        In the order of the page.
    node_position
        The page's node of each crossing; None where it has not all roads, and units are drawn
        straight.
    """
    at = [encode_point(point, origin) for point in to_degrees(film.places).geometry]
    nodes = [] if node_position is None else film.places["node"].astype(int).tolist()
    return {
        "day": film.day,
        "note": film.note,
        "at": _differences((0, *film.received_s)),
        "place": list(film.place),
        "places": at,
        "nodes": [(node_position or {}).get(node) for node in nodes],
        "runs": {
            name: {
                "units": [
                    [
                        posts.index(unit.post_id),
                        responder_types.index(unit.responder_type),
                        unit.duty,
                    ]
                    for unit in run.units
                ],
                "jobs": [
                    _job(job, received)
                    for job, received in zip(run.jobs, film.received_s, strict=True)
                ],
            }
            for name, run in film.runs.items()
        },
    }


def _job(job: FilmJob, received_s: int) -> list[int]:
    if job.unit < 0:
        return [-1, job.told_s - received_s]
    times = (
        received_s, job.told_s, job.leaves_s, job.arrived_s, job.contact_s, job.left_scene_s,
        job.cleared_s, job.home_s,
    )  # fmt: skip
    taken = [job.facility, job.at_facility_s - job.left_scene_s] if job.facility >= 0 else []
    return [job.unit, *_differences(times), int(job.in_time), *taken]


def _differences(values: Sequence[int]) -> list[int]:
    return [b - a for a, b in itertools.pairwise(values)]
