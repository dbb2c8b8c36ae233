"""What a replay takes place in: drives on the road network, and the fleet of a deployment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.demand import eligible_classes
from coresponse.coverage.replay.arrays import NO_WAYS, Roads, Servers
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.fleet import Fleet
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.ways import ways_home
from coresponse.coverage.travel import nearest_of, travel_times
from coresponse.data.errors import InputError
from coresponse.data.hours import HOURS_A_WEEK, WHOLE_WEEK, Period
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.model import Program, ResponderType
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.network import RoadNetwork

# Places up to which drives between any two are kept (575 MB at this number).
MOST_PLACES_BETWEEN = 12_000

# 90% quantile of the standard normal distribution.
Z90 = 1.2815515655446004


def replay_roads(
    network: RoadNetwork,
    posts: Posts,
    nodes: NDArray[np.integer],
    *,
    periods: Sequence[Period] = (WHOLE_WEEK,),
    facility_nodes: NDArray[np.integer] | None = None,
    between: bool = True,
    ways: bool = False,
    known: ReplayRoads | None = None,
    progress: Progress = silent,
) -> ReplayRoads:
    """Work out the drives that a replay needs, once for all deployments.

    Parameters
    ----------
    nodes
        Of the calls; repeats are dropped.
    periods
        Their speed factors hold in their hours.
    facility_nodes
        Hospitals, crisis centers and the like; a person is taken to the nearest. None: transports
        take the program's times and end where the call was.
    between
        Whether units may be sent from where they are on their way home (`Rules.driving_home`),
        which needs the drives between all places.
    ways
        Whether they may be sent from their true position, which needs the ways home, crossing by
        crossing.
    known
        Drives among the same places, of which those between them and to facilities are used again.

    Raises
    ------
    InputError
        If there are too many places for the drives between them.
    """
    places = np.unique(nodes).astype(np.int32)
    if between and len(places) > MOST_PLACES_BETWEEN:
        raise InputError(
            f"{len(places):,} places are too many to keep the drives between any two (at most "
            f"{MOST_PLACES_BETWEEN:,}) -- replay with driving_home = 'from_post'"
        )
    facilities = np.unique([] if facility_nodes is None else facility_nodes).astype(np.int32)
    if known is not None and not np.array_equal(known.nodes, places):
        known = None
    post_nodes = posts.frame["node"].to_numpy().astype(np.int32)
    out = travel_times(network, post_nodes, targets=places, progress=progress)
    home = travel_times(
        network,
        post_nodes,
        targets=np.concatenate([places, facilities]),
        direction="to_sources",
        progress=progress,
    ).T
    far = np.zeros((0, 0), np.float32)
    if between and known is not None and len(known.arrays.between_s):
        far = known.arrays.between_s
    elif between:
        far = travel_times(network, places, targets=places, progress=progress)
    old = None if known is None else known.arrays
    alike = known is not None and np.array_equal(known.facility_nodes, facilities)
    # drives from facilities are there only where the known ones were for units on their way home
    if alike and old is not None and (not between or len(old.facility_out_s) == len(facilities)):
        transports = (old.facility, old.to_facility_s, old.facility_out_s)
    else:
        transports = _transports(network, facilities, places, between=between)
    facility, to_facility, facility_out = transports
    speed = np.ones(HOURS_A_WEEK)
    for period in periods:
        speed[list(period.hours.hours)] = period.speed_factor
    return ReplayRoads(
        nodes=places,
        post_ids=tuple(posts.frame["post_id"].astype(str)),
        arrays=Roads(
            out_s=np.ascontiguousarray(out.T),
            home_s=np.ascontiguousarray(home[: len(places)]),
            between_s=far,
            facility=facility,
            to_facility_s=to_facility,
            facility_out_s=facility_out,
            facility_home_s=np.ascontiguousarray(home[len(places) :]),
            speed_of_hour=speed,
            ways=ways_home(network, post_nodes, places, facility_nodes) if ways else NO_WAYS,
        ),
        post_nodes=post_nodes,
        facility_nodes=facilities,
    )


def _transports(
    network: RoadNetwork,
    facilities: NDArray[np.int32],
    places: NDArray[np.int32],
    *,
    between: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Return each place's facility, -1 for none, the drive to it, and the drives from all of them to places.

    The last are empty where units are not sent on their way home: nobody leaves a facility for a
    call then.
    """
    out = np.zeros((0, len(places)), dtype=np.float32)
    if not len(facilities):
        nowhere = np.full(len(places), -1, dtype=np.int64)
        return nowhere, np.zeros(len(places), dtype=np.float32), out
    which, drive_s = nearest_of(network, facilities, places)
    if between:
        out = travel_times(network, facilities, targets=places)
    return which, drive_s, out


def fleet(deployment: Deployment, program: Program, roads: ReplayRoads, rules: Rules) -> Fleet:
    """Line up a deployment's units.

    Raises
    ------
    InputError
        If the deployment or the rules name what the program or the posts lack.
    """
    post_of = {post_id: i for i, post_id in enumerate(roads.post_ids)}
    names = tuple(program.responder_types)
    patterns = tuple(program.shift_patterns)
    bought = [option for option, _ in deployment.counts]
    unknown: list[object] = [
        o for o in bought if o.post_id not in post_of or o.responder_type not in names
    ]
    unknown += [o for o in bought if o.shift_pattern not in patterns]
    unknown += sorted(set(rules.type_order) - set(names))
    if unknown:
        raise InputError(
            f"deployment {deployment.name}: the program or the posts lack "
            f"{', '.join(map(str, unknown))}"
        )
    options: list[Option] = []
    unit: list[int] = []
    for option, count in deployment.counts:
        for _ in range(count):
            sessions = program.responder_types[option.responder_type].sessions
            unit += [max(unit, default=-1) + 1] * sessions
            options += [option] * sessions
    kinds = list(program.responder_types.values())
    on_duty = np.stack([program.shift_patterns[name].hours.mask() for name in patterns])
    order = {name: k for k, name in enumerate(rules.type_order)}
    classes = eligible_classes(program)
    arrays = Servers(
        type=np.array([names.index(o.responder_type) for o in options], dtype=np.int64),
        post=np.array([post_of[o.post_id] for o in options], dtype=np.int64),
        pattern=np.array([patterns.index(o.shift_pattern) for o in options], dtype=np.int64),
        eligible=np.array(
            [[name in kind.eligible for name in classes] for kind in kinds], dtype=bool
        ),
        rank=np.array([order.get(name, len(order)) for name in names], dtype=np.int64),
        delay_s=np.array([kind.delay_min.value * 60 for kind in kinds]),
        delay_spread=np.array([delay_spread(kind) for kind in kinds]),
        drive_spread=np.array([drive_spread(kind) for kind in kinds]),
        speed=np.array([kind.speed_factor.value for kind in kinds]),
        officer_first=np.array([kind.needs_officer_first for kind in kinds], dtype=bool),
        tele=np.array([kind.kind == "tele" for kind in kinds], dtype=bool),
        follow_ups=np.array([kind.follow_ups for kind in kinds], dtype=bool),
        on_duty=on_duty,
        hours_left=_hours_until(~on_duty),
        hours_until=_hours_until(on_duty),
    )
    return Fleet(deployment.name, tuple(options), np.array(unit, dtype=np.int64), names, arrays)


def delay_spread(kind: ResponderType) -> float:
    """Return the spread of the logarithm of a responder's delay: as stated, else of one on call.

    Of that one the delay's high figure is the 90% quantile.

    With mean m and quantile h, spread^2 / 2 - z spread + ln(h / m) = 0; a high figure out of a
    lognormal's reach gives the longest tail that it has. Crews on duty start after their mean
    delay.
    """
    mean, high = kind.delay_min.value, kind.delay_min.high
    if kind.delay_spread is not None:
        return kind.delay_spread.value
    if kind.kind != "on_call" or high is None or high <= mean or mean <= 0:
        return 0.0
    return float(Z90 - np.sqrt(max(Z90**2 - 2 * np.log(high / mean), 0.0)))


def drive_spread(kind: ResponderType) -> float:
    """Return the spread of the logarithm of drives; 0: they are as long as expected, always."""
    stated = kind.drive_spread
    return 0.0 if stated is None or kind.kind == "tele" else stated.value


def _hours_until(wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (patterns, 168).

    Hours from the start of each hour to the next wanted one, 0 if it is; inf if there is none.
    """
    out = np.full(wanted.shape, np.inf)
    for p, hours in enumerate(wanted):
        ahead = np.inf
        for k in range(2 * HOURS_A_WEEK - 1, -1, -1):
            ahead = 0.0 if hours[k % HOURS_A_WEEK] else ahead + 1
            out[p, k % HOURS_A_WEEK] = ahead
    return out
