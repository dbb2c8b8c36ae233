"""Units of several agencies in the replay: call by call against SimPy, and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.rules import Reason, Rules
from coresponse.coverage.replay.sharing import OWN_FIRST, OWN_ONLY, SHARED
from tests.coverage.test_replay_rules import assert_same_as_simpy, town

RULES = [
    Rules(driving_home="true_position", type_order=("on_call_clinician",)),
    Rules(driving_home="on_the_way", when_busy="queue", reach_min=9),
    Rules(driving_home="from_post", when_busy="queue", queue_order="priority", patience_min=40),
]


def shared(roads: ReplayRoads, rule: int, seed: int) -> ReplayRoads:
    """Three agencies: two posts of the first, one of each other; each has some of the places."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 3, len(roads.nodes)).astype(np.int32)
    posts = np.array([0, 1, 0, 2], dtype=np.int32)
    arrays = roads.arrays._replace(place_agency=places, post_agency=posts, sharing=rule)
    return replace(roads, arrays=arrays)


@pytest.mark.parametrize("rules", RULES, ids=[str(k) for k in range(len(RULES))])
@pytest.mark.parametrize("rule", [OWN_FIRST, OWN_ONLY])
@pytest.mark.parametrize("seed", range(2))
def test_the_same_events_as_simpy(rules: Rules, rule: int, seed: int) -> None:
    fleet, roads, scene = town(40 + seed, units=5, facilities=2 * seed)
    if rules.type_order:
        fleet.arrays.rank[:] = [1, 1, 0]
    ruled = shared(roads, rule, seed)
    run = assert_same_as_simpy(fleet, ruled, scene, rules)
    sent = run.record.server >= 0
    places, posts = ruled.arrays.place_agency, ruled.arrays.post_agency
    own = (
        places[ruled.places(scene.calls.node)[sent]]
        == posts[fleet.arrays.post[run.record.server[sent]]]
    )
    assert own.any()
    assert own.all() == (rule == OWN_ONLY)


def test_an_agencys_own_unit_goes_first_however_far_and_lends_when_free() -> None:
    fleet, roads, scene = town(3, units=4, facilities=0)
    everyone = replace(
        roads,
        arrays=roads.arrays._replace(
            place_agency=np.zeros(len(roads.nodes), np.int32),
            post_agency=np.zeros(4, np.int32),
            sharing=OWN_FIRST,
        ),
    )
    rules = Rules(driving_home="from_post")
    # of one agency alone the rule changes nothing
    plain = assert_same_as_simpy(fleet, roads, scene, rules).record
    alike = assert_same_as_simpy(fleet, everyone, scene, rules).record
    np.testing.assert_array_equal(plain.server, alike.server)
    # an agency without units: nobody of its own, so all are lent, or none is on duty for it
    nobody = everyone.arrays._replace(place_agency=np.ones(len(roads.nodes), np.int32))
    lent = assert_same_as_simpy(fleet, replace(roads, arrays=nobody), scene, rules).record
    np.testing.assert_array_equal(plain.server, lent.server)
    alone = nobody._replace(sharing=OWN_ONLY)
    left = assert_same_as_simpy(fleet, replace(roads, arrays=alone), scene, rules).record
    assert (left.reason == Reason.NOT_IN_DEPLOYMENT).all()
    assert nobody._replace(sharing=SHARED).sharing == 0
