"""Replay many deployments through the same calls, for how long calls wait and who is sent, and no more.

The kernel and its rules are those of every replay. What does not change from one deployment to the
next is made ready once: calls as the kernel's records, a unit of each option, drives from all
posts. Follow-up visits are left out: they are made in idle time, and no call waits for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.replay.arrays import AT_POST, CALL, EVENT, UNIT, Settings, Table
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.kernel import OF_TYPE, _run
from coresponse.coverage.replay.moments import WEEK_H, Duty, hours_to_new_speed
from coresponse.coverage.replay.officers import patrols_of
from coresponse.coverage.replay.patrol import NO_PATROL, Patrol
from coresponse.coverage.replay.record import Scenario
from coresponse.coverage.replay.replication import Replayed, Replication
from coresponse.coverage.replay.run import kernel_calls, kernel_settings
from coresponse.coverage.replay.work import Notes
from coresponse.coverage.replay.world import fleet
from coresponse.data.options import Deployment, Option


@dataclass(frozen=True, eq=False)
class QuickReplay:
    """The replay of deployments of some options.

    Attributes
    ----------
    roads, settings
        Drives from all posts; rules as numbers.
    units
        A record for each server of one responder of each option, in the order in which a fleet has
        them.
    option
        (records,) their options.
    eligible
        (records, classes) classes they are sent to.
    duty
        Shift patterns; without eligibility.
    n_options
        Number of options.
    """

    roads: ReplayRoads
    settings: Settings
    setup: EvaluationSetup
    units: Table
    option: NDArray[np.int64]
    eligible: NDArray[np.bool_]
    duty: tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    n_options: int

    @classmethod
    def of(cls, setup: EvaluationSetup, options: Sequence[Option]) -> QuickReplay:
        """Make all ready but the calls."""
        roads = setup.roads_from(frozenset(option.post_id for option in options))
        one_each = Deployment.of("one of each", dict.fromkeys(options, 1))
        all_units = fleet(one_each, setup.city.program, roads, setup.rules)
        servers = all_units.arrays
        units = np.zeros(all_units.n, dtype=UNIT)
        units["post"], units["pattern"] = servers.post, servers.pattern
        for name in OF_TYPE:
            units[name] = getattr(servers, name)[servers.type]
        for name in ("free_s", "home_s", "shift_end_s"):
            units[name] = -np.inf
        units["at"] = AT_POST
        place = {option: o for o, option in enumerate(options)}
        settings = kernel_settings(setup.city.program, setup.rules)
        return cls(
            roads,
            settings._replace(follow_up_s=0.0),
            setup,
            units,
            np.array([place[option] for option in all_units.options], dtype=np.int64),
            np.ascontiguousarray(servers.eligible[servers.type]),
            (
                servers.on_duty,
                servers.hours_left,
                servers.hours_until,
                hours_to_new_speed(roads.arrays.speed_of_hour),
            ),
            len(options),
        )

    def scene(self, scenario: Scenario) -> Replication:
        """Make a replication's calls ready."""
        setup = self.setup
        columns = kernel_calls(scenario, self.roads, setup.city.program, setup.rules)
        rows = np.empty(scenario.calls.n, dtype=CALL)
        for name, column in columns._asdict().items():
            rows[name] = column
        calls = scenario.calls
        patrols = patrols_of(setup.patrol, (scenario,), setup.city.program)
        patrol = NO_PATROL if patrols is None else patrols[0]
        return Replication(
            rows,
            calls.received_s,
            calls.call_class,
            calls.district,
            calls.weeks,
            patrol,
            calls.node,
        )

    def replay(self, scene: Replication, counts: NDArray[np.integer]) -> Replayed:
        """Replay a deployment through one replication.

        Parameters
        ----------
        counts
            (options,) responders of each option.
        """
        n = len(scene.rows)
        which = self._servers(counts)
        units, count = self.units[which], len(which)
        duty = Duty(np.ascontiguousarray(self.eligible[which]), *self.duty)
        notes = Notes(
            waiting=np.empty(n, dtype=np.int64),
            tied=np.zeros(count, dtype=np.int64),
            tied_drive_s=np.zeros(count),
            busy_s=np.zeros((count, WEEK_H)),
            due_s=np.empty(0),
            queue_of_visits=np.zeros(2, dtype=np.int64),
            visits=np.zeros(2),
            patrol=Patrol._make(a.copy() for a in scene.patrol),
        )
        events = np.empty(n, dtype=EVENT)
        _run(scene.rows, units, duty, self.roads.arrays, self.settings, events, notes, 0.0)
        option, server = self.option[which], events["server"]  # the last, -1: nobody was sent
        sent = np.append(option, -1).astype(np.int32)[server]
        return Replayed(
            np.where(server >= 0, events["contact_s"] - scene.received_s, np.inf),
            np.bincount(sent + 1, minlength=self.n_options + 1)[1:].astype(np.float64),
            np.bincount(
                option, weights=notes.busy_s.sum(axis=1) / 3600, minlength=self.n_options
            ).astype(np.float64),
            sent,
        )

    @cached_property
    def _sessions(self) -> dict[int, NDArray[np.int64]]:
        """Positions of the records of one unit of each option, in a fleet's order."""
        return {o: np.flatnonzero(self.option == o) for o in dict.fromkeys(self.option.tolist())}

    def _servers(self, counts: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return positions of records, in a fleet's order: all sessions of a unit, then the next unit."""
        # a search replays ten thousands of deployments: what is the same for all is looked up
        bought = counts.tolist()
        out = [own for o, own in self._sessions.items() for _ in range(int(bought[o]))]
        return np.concatenate(out) if out else np.empty(0, dtype=np.int64)
