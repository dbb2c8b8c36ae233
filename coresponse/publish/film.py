"""A drawn day, for a film of the replay: made of what is published already, and of nothing else.

Calls are drawn from the arrival model as it is published: as many as on an average day, at hours by
the hours' figures, in areas by their ranges of calls, of classes by theirs, and at a crossing of
the area that chance chooses, all crossings alike. Whatever a drawn day tells of past calls, the
page has told before: it takes the publication and random numbers. Times on scene, and when police
come, are the program's figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.few_calls import STANDS_FOR_SMALL
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.one_day import Moments, moments
from coresponse.coverage.replay.record import Scenario, scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import replay_once
from coresponse.coverage.replay.world import fleet, replay_roads
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.data.options import Deployment
from coresponse.data.standards import target_of
from coresponse.publish.facts import Facts
from coresponse.publish.plan_publication import FoundPublication, PlanPublication
from coresponse.publish.suppression import RANGES
from coresponse.publish.week_of_calls import FilmPublication, PublishedRun

# The day of the week that is drawn: its evening has the weekend's shifts, its morning a weekday's.
DAY, WEEKDAY = "Friday", 4

# Hours drawn before midnight, so that the day does not begin with everybody free.
WARM_UP_H = 3

# Of a film: with more a day, nothing can be told apart on a map (and the page would grow by over 200 kB).
MOST_CALLS = 2_000

# Places searched from, times crossings, up to which units are sent on their way home (some two seconds of search).
MOST_DRIVES = 3e7

# Ways of sending units that drive home, each with fewer drives to search than the one before.
SENT = {
    "true_position": "from where they are on their way home",
    "on_the_way": "on their way home, from part of the way",
    "from_post": "from their posts only",
}

DAY_S, HOUR_S = 86_400.0, 3_600.0

FILM_SEED = 20_828


def film_of(publication: PlanPublication) -> FilmPublication | None:
    """Draw a day from what is published of a plan, and replay each deployment on it.

    The same publication gives the same film.

    Returns
    -------
    FilmPublication or None
        None where nobody is in place, no area may be shown, or a day has more than
        :data:`MOST_CALLS` calls.
    """
    facts, found = publication.facts, publication.shown
    if not publication.deployment.size or found.map.cells.empty:
        return None
    rng = np.random.default_rng((FILM_SEED, facts.seed))
    rate = calls_per_hour(found)
    if rate.sum() > MOST_CALLS:
        return None
    calls = _draw(publication, rate, rng)
    if not calls.n:
        return None
    program = facts.program
    seed = int(rng.integers(2**31))
    scene = scenario(
        calls, fit_service(None, program), fit_police_arrival(None, program), seed=seed
    )
    rules = _rules(publication.rules, len(np.unique(calls.node)), facts.roads.n_nodes)
    deployments = publication.deployments
    roads = _roads(facts, deployments, calls, rules)
    target = facts.target_min * 60 if facts.standards is None else facts.standards
    within = target_of(target, calls.district, calls.call_class, calls.class_names)
    runs = {
        name: _run(facts, one, scene, roads, rules, within) for name, one in deployments.items()
    }
    film = _of_the_day(calls, _facilities(facts), runs)
    return replace(film, unlike=_unlike(rules, publication.rules))


def calls_per_hour(found: FoundPublication) -> NDArray[np.float64]:
    """Return (24,) calls in each hour of the day as published; hours that are not shown share what is left of the week's."""
    a_day = found.calls_per_week / 7
    if found.hours is None:
        return np.full(24, a_day / 24)
    shown = found.hours.calls
    hidden = np.isnan(shown)
    if not hidden.any():
        return shown
    rest = max(a_day - float(shown[~hidden].sum()), 0.0)
    return np.where(hidden, rest / hidden.sum(), shown)


def _draw(
    publication: PlanPublication, rate: NDArray[np.float64], rng: np.random.Generator
) -> ReplayCalls:
    facts, found = publication.facts, publication.shown
    hour = np.concatenate(
        [_hours_of_calls(rate, hours, rng) for hours in (np.arange(-WARM_UP_H, 0), np.arange(24))]
    )
    n = len(hour)
    received = np.sort(WEEKDAY * DAY_S + (hour + rng.random(n)) * HOUR_S)
    node = draw_places(facts, found.map.cells, n, rng)
    names = eligible_classes(facts.program)
    bands = found.evaluations["plan"].groups["by_class"]["calls_band"].reindex(names)
    weight = np.array([middle(str(band)) for band in bands])
    chance = weight / weight.sum() if weight.sum() > 0 else np.full(len(names), 1 / len(names))
    district = np.full(n, -1, dtype=np.int32)
    if facts.districts is not None:
        district = facts.districts.locate(*facts.roads.place_xy(node)).astype(np.int32)
    return ReplayCalls(
        class_names=names,
        received_s=received,
        node=node,
        district=district,
        call_class=rng.choice(len(names), size=n, p=chance).astype(np.int16),
        call_id=None,
        weeks=1 / 7,
        not_eligible=0.0,
        start_s=WEEKDAY * DAY_S,
    )


def _hours_of_calls(
    rate: NDArray[np.float64], hours: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw the hour of each call: as many as are expected, so that the day is neither a quiet nor a busy one."""
    expected = rate[hours % 24]
    whole = round(float(expected.sum()))
    if not whole:
        return np.zeros(0, dtype=np.int64)
    return np.repeat(hours, rng.multinomial(whole, expected / expected.sum()))


def draw_places(
    facts: Facts, cells: gpd.GeoDataFrame, n: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Draw crossings: an area by the middle of its range of calls, and any crossing in it, all alike.

    An area without a crossing gives the one that is nearest to its middle.
    """
    shapes = cells.to_crs(facts.roads.crs).geometry
    points = shapely.points(facts.roads.node_x, facts.roads.node_y)
    area, inside = shapes.sindex.query(points, "within")[::-1]
    order = np.lexsort((inside, area))
    area, inside = area[order], inside[order]
    weight = np.array([middle(str(band)) for band in cells["calls_band"]])
    chosen = rng.choice(len(cells), size=n, p=weight / weight.sum())
    first, last = (np.searchsorted(area, chosen, side) for side in ("left", "right"))
    own = first + np.floor(rng.random(n) * (last - first)).astype(np.int64)
    out = inside[np.minimum(own, max(len(inside) - 1, 0))] if len(inside) else np.zeros(n, np.int64)
    empty = first == last
    if empty.any():
        centers = shapely.centroid(shapes.to_numpy()[chosen[empty]])
        out = out.copy()
        out[empty] = shapely.STRtree(points).nearest(centers)
    return out.astype(np.int32)


def middle(band: str) -> float:
    """Return the middle of a range of calls such as ``26-50``; what is not shown stands for a few, whatever it is."""
    numbers = [
        float(part.replace(",", ""))
        for part in band.replace(" and more", "").split("-")
        if part[:1].isdigit()
    ]
    if not numbers:
        return float(STANDS_FOR_SMALL)
    # of the open range at the top, as wide as the one below it is in proportion
    high = numbers[1] if len(numbers) > 1 else numbers[0] * (2.5 if numbers[0] >= RANGES[-1] else 1)
    return (numbers[0] + high) / 2


def _rules(rules: Rules, places: int, crossings: int) -> Rules:
    """Return the replay's rules, or, where they take too many drives, the next that do not."""
    searches = {"true_position": crossings, "on_the_way": places, "from_post": 0}
    ways = list(SENT)
    for way in ways[ways.index(rules.driving_home) :]:
        if searches[way] * crossings <= MOST_DRIVES:
            break
    return rules.model_copy(update={"driving_home": way})


def _unlike(rules: Rules, replayed: Rules) -> str:
    if rules.driving_home == replayed.driving_home:
        return ""
    return (
        f"In the film units are sent {SENT[rules.driving_home]}; in the replay behind the "
        f"figures, {SENT[replayed.driving_home]}."
    )


def _facilities(facts: Facts) -> NDArray[np.int64]:
    """Return the nodes of facilities, ascending, as the replay numbers them."""
    frame = facts.posts.frame
    found = frame["kind"].isin(facts.evaluation.facility_kinds)
    return np.unique(frame[found]["node"].to_numpy().astype(np.int64))


def _roads(
    facts: Facts, deployments: Mapping[str, Deployment], calls: ReplayCalls, rules: Rules
) -> ReplayRoads:
    used = {option.post_id for one in deployments.values() for option, _ in one.counts}
    frame = facts.posts.frame
    posts = replace(facts.posts, frame=frame[frame["post_id"].isin(used)].reset_index(drop=True))
    roads = replay_roads(
        facts.roads,
        posts,
        calls.node,
        periods=facts.periods,
        facility_nodes=_facilities(facts).astype(np.int32),
        between=rules.driving_home == "on_the_way",
        ways=rules.driving_home == "true_position",
    )
    return roads.with_agencies(facts.agencies, facts.roads)


def _run(
    facts: Facts,
    deployment: Deployment,
    scene: Scenario,
    roads: ReplayRoads,
    rules: Rules,
    within: float | NDArray[np.float64],
) -> PublishedRun:
    units = fleet(deployment, facts.program, roads, rules)
    run = replay_once(units, scene, roads, facts.program, rules)
    found = moments(run, roads, facts.program, rules)
    of_day = slice(24 * WEEKDAY, 24 * WEEKDAY + 24)
    with np.errstate(invalid="ignore"):
        in_time = found.contact_s - scene.calls.received_s <= within
    return PublishedRun(
        units=pd.DataFrame(units.options, columns=["responder_type", "post_id", "shift_pattern"]),
        duty=units.arrays.on_duty[units.arrays.pattern][:, of_day],
        moments=found,
        in_time=in_time,
    )


def _of_the_day(
    calls: ReplayCalls, facilities: NDArray[np.int64], runs: Mapping[str, PublishedRun]
) -> FilmPublication:
    """Leave out what is over before midnight, and count from there."""
    start = WEEKDAY * DAY_S
    seen = calls.received_s >= start
    for run in runs.values():
        with np.errstate(invalid="ignore"):
            seen = seen | (run.moments.home_s > start)
    return FilmPublication(
        day=DAY,
        start_s=start,
        received_s=calls.received_s[seen] - start,
        node=calls.node[seen].astype(np.int64),
        facility_nodes=facilities,
        runs={
            name: replace(
                run,
                moments=_since(run.moments, start, seen),
                in_time=run.in_time[seen],
            )
            for name, run in runs.items()
        },
    )


def _since(found: Moments, start: float, seen: NDArray[np.bool_]) -> Moments:
    whole = {"server", "facility"}
    return Moments(
        **{
            key: values[seen] if key in whole else values[seen] - start
            for key, values in vars(found).items()
        }
    )
