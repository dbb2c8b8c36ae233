"""A plan's layers as frames: posts with who is there, areas and districts with their figures."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from coresponse.content import cells_frame, districts_frame, posts_frame
from coresponse.data.options import Deployment
from coresponse.district_changes import with_changes
from coresponse.maps.qgis.styles import crew_name
from coresponse.planning import Planned
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.times import shown_times


def layers(planned: Planned, *, disclosure: Disclosure = PUBLIC) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers by name, in the network's CRS.

    All of them fit to be published, unless internal and marked so.
    """
    times = shown_times(planned, deployments(planned), disclosure)
    found = {"posts": posts_layer(planned), "areas": cells_frame(planned, disclosure=disclosure)}
    if times.cells_by_time is not None:
        found["areas_by_time"] = times.cells_by_time
    districts = districts_frame(planned, times, disclosure=disclosure)
    if districts is not None:
        found["districts"] = with_changes(districts, planned, disclosure=disclosure)
    return {name: disclosure.marked(frame) for name, frame in found.items() if len(frame)}


def posts_layer(planned: Planned) -> gpd.GeoDataFrame:
    """Return posts with `responders_<d>` (how many) and `crew_<d>` (of which types) for each deployment d."""
    frame = posts_frame(planned.inputs.posts)
    titles = responder_titles(planned)
    for name, deployment in deployments(planned).items():
        by_post = crew_counts(deployment)
        crews = crew_types(deployment, titles)
        ids = frame["post_id"]
        frame[f"responders_{name}"] = ids.map(by_post).fillna(0).astype("int64")
        frame[f"crew_{name}"] = [crew_name(crews.get(post, ()), titles) for post in ids]
    return frame


def deployments(planned: Planned) -> dict[str, Deployment]:
    """Return the plan, and today's deployment if it is known."""
    today = planned.inputs.today
    return {"plan": planned.plan} | ({"today": today} if today is not None else {})


def responder_titles(planned: Planned) -> dict[str, str]:
    """Return the title of each responder type, in the program's order."""
    return {name: kind.title for name, kind in planned.inputs.program.responder_types.items()}


def crew_counts(deployment: Deployment) -> dict[str, int]:
    """Return how many responders are at each post."""
    out: dict[str, int] = {}
    for option, count in deployment.counts:
        out[option.post_id] = out.get(option.post_id, 0) + count
    return out


def crew_types(deployment: Deployment, titles: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the responder types at each post, in the order of `titles`."""
    found: dict[str, set[str]] = {}
    for option, _ in deployment.counts:
        found.setdefault(option.post_id, set()).add(option.responder_type)
    return {post: tuple(name for name in titles if name in types) for post, types in found.items()}
