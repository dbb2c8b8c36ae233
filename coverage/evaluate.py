"""Evaluate deployments three ways, side by side.

Nearest always free, queueing, and replay on common random numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.drawn_calls import DrawnFrom, at_ends_of_rate
from coresponse.coverage.evaluation import Evaluation
from coresponse.coverage.living import living_areas
from coresponse.coverage.living_areas import LivingAreas
from coresponse.coverage.measures import measure, ranked_districts
from coresponse.coverage.queueing.queueing_measures import QueueingMeasures
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.measures import replay_measures
from coresponse.coverage.replay.officers import PatrolFleet, patrols_of
from coresponse.coverage.replay.past import Past
from coresponse.coverage.replay.rate_range import over_range
from coresponse.coverage.replay.record import ReplayRun, Scenario
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import replay
from coresponse.coverage.replay.unknown import NOTHING, Unknowns
from coresponse.coverage.replay.world import drive_spread, fleet, replay_roads
from coresponse.coverage.service.days import DayEffect
from coresponse.coverage.service.service_model import PoliceModel, ServiceModel
from coresponse.coverage.settings import EvaluationSettings
from coresponse.coverage.table_agencies import PlaceAgencies
from coresponse.data.errors import InputError
from coresponse.data.known_city import KnownCity
from coresponse.data.notes import Note
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.data.standards import Target

# Replications at each end of an assumed rate where bands need its mean alone: two of a year tell it to a point.
LEAN_ENDS = 2

HIDDEN, RATE = "how many calls codes hide", "the true rate of calls"


@dataclass(frozen=True, eq=False)
class EvaluationSetup:
    """What all deployments of a case are replayed with, made once.

    Attributes
    ----------
    city, settings, target_s
        Program, posts and speeds as they are assumed; dispatch rules; the standard.
    service, police
        Models fitted to the calls, or the program's figures.
    scenes
        Replications, the same for every deployment.
    rules
        Of dispatch.
    drives
        Between the scenes' places, empty where units leave from their posts only; to facilities;
        and from posts, as far as these were worked out before.
    notes
        What the models rest on.
    of_history
        Whether the calls are recorded ones.
    drawn
        What more replications can be drawn from; None where the calls are recorded ones.
    past
        The recorded calls beside drawn ones, so that bands hold what the history cannot tell; empty
        where recorded calls are replayed themselves, or there are none.
    day, demand
        How days of the history differ, and the factor on its calls.
    ends
        Where demand is assumed: replications at the low and at the high end of the rate's range, so
        that bands hold it; else empty.
    patrol
        Officers whom crews that need one first share with other police work; None: police come
        after drawn times.
    living
        Where residents live, whose groups are to have figures; None: they have none.
    """

    city: KnownCity
    settings: EvaluationSettings
    target_s: Target
    service: ServiceModel
    police: PoliceModel
    scenes: tuple[Scenario, ...]
    rules: Rules
    drives: ReplayRoads
    notes: tuple[Note, ...]
    of_history: bool
    drawn: DrawnFrom | None = None
    past: tuple[Scenario, ...] = ()
    day: DayEffect = field(default_factory=lambda: DayEffect(0.0, 0.0, 0.0))
    demand: float = 1.0
    ends: tuple[tuple[Scenario, ...], ...] = ()
    patrol: PatrolFleet | None = None
    living: LivingAreas | None = None

    def further_scene(self, replication: int, *, weeks: int | None = None) -> Scenario:
        """Draw a replication like the scenes, with other calls and chances.

        Parameters
        ----------
        replication
            Below the number of scenes: that scene. Any other number has its own calls, so that what
            is chosen on some can be judged on others.
        weeks
            Its length; default: that of the scenes.

        Raises
        ------
        InputError
            If the calls are recorded ones.
        """
        if replication < len(self.scenes) and weeks is None:
            return self.scenes[replication]
        if self.drawn is None:
            raise InputError("no more calls can be drawn: those of the replay are recorded ones")
        drawn = self.drawn if weeks is None else replace(self.drawn, weeks=weeks)
        return drawn.scene(replication, self.service, self.police)

    def with_residents(self, table: ResponseTable) -> EvaluationSetup:
        """Return the same, which also gives figures of groups of residents, where the city knows them."""
        residents = self.city.living
        if residents is None:
            return self
        return replace(self, living=living_areas(residents, table, self.city.roads))

    def lean(self) -> EvaluationSetup:
        """Return the same without the recorded calls, for processes that have none.

        Bands then hold chance and what nobody knows (hidden calls, growth, an assumed rate), not
        what the history leaves open; of a rate's ends a few replications are enough, which have the
        planned rate's chance.
        """
        ends = tuple(end[:LEAN_ENDS] for end in self.ends)
        return replace(self, city=self.city.without_calls(), past=(), ends=ends)

    def under(
        self,
        city: KnownCity,
        *,
        target_s: Target,
        demand: float = 1.0,
        service: ServiceModel | None = None,
        progress: Progress = silent,
    ) -> EvaluationSetup:
        """Return the replay of a city that is assumed otherwise, on the same chances.

        What stays as it is is used again: calls where demand and service do, drives where speeds
        do.

        Parameters
        ----------
        city
            With other speeds, posts, or figures of the program; its calls are not looked at.
        demand
            Factor on the rates of calls.
        service
            Times on a call; default: those there are.

        Raises
        ------
        InputError
            If the calls are recorded ones.
        """
        if self.drawn is None:
            raise InputError("recorded calls are replayed as they were: nothing can be assumed")
        service = service or self.service
        drawn, scenes, drives = replace(self.drawn, demand=demand), self.scenes, self.drives
        if demand != self.demand or service is not self.service:
            scenes = tuple(drawn.scene(k, service, self.police) for k in range(len(scenes)))
        if city.periods != self.city.periods:
            drives = drives_between(
                city, self.settings, drives.nodes, self.rules, known=drives, progress=progress
            )
        models = (service, self.police)
        at_an_end = len(self.ends[0]) if self.ends else 0
        ends = at_ends_of_rate(self.city, drawn, at_an_end, models) if self.ends else ()
        return replace(
            self, city=city, target_s=target_s, service=service, past=(),
            drawn=drawn, scenes=scenes, drives=drives, demand=demand, ends=ends,
        )  # fmt: skip

    def evaluate(
        self,
        table: ResponseTable,
        deployment: Deployment,
        queueing: QueueingMeasures | None,
        *,
        keep_calls: bool = False,
        workers: int = 2,
    ) -> Evaluation:
        """Evaluate one deployment.

        Parameters
        ----------
        table
            Response times of the demand that the figures of the nearest responder are of.
        queueing
            The deployment's figures with busy units.
        keep_calls
            Whether what became of each replayed call is kept, for figures of areas and times.
        """
        districts = self.city.districts
        nearest = measure(table, deployment, target_s=self.target_s, districts=districts)
        if not deployment.size:
            return Evaluation(deployment, nearest, None, None, self.of_history)
        runs = self.replay(deployment, (*self.scenes, *self.past), workers=workers)
        n = len(self.scenes)
        ranked = ranked_districts(nearest.by_district)

        def measures(of: Sequence[ReplayRun], past: Past | None = None) -> ReplayMeasures:
            return replay_measures(
                of,
                self.city.program,
                target_s=self.target_s,
                districts=districts,
                ranked=ranked,
                past=past,
                periods=table.cells.periods if keep_calls else (),
                living=self.living,
                unknown=self.unknown,
                agencies=self.whose_calls,
            )

        replayed = measures(runs[:n], self._past(runs[n:]))
        if self.ends:
            ends = [measures(self.replay(deployment, end, workers=workers)) for end in self.ends]
            replayed = over_range(replayed, ends)
        if self.not_known:
            replayed = replace(replayed, not_known=self.not_known)
        kinds = self.city.program.responder_types
        vary = any(drive_spread(kinds[option.responder_type]) for option, _ in deployment.counts)
        return Evaluation(deployment, nearest, queueing, replayed, self.of_history, vary)

    def _past(self, runs: Sequence[ReplayRun]) -> Past | None:
        """Return the replays of the recorded calls, for bands."""
        if not runs:
            return None
        return Past.of(runs, self.day, demand=self.demand, unknown=self.unknown)

    @property
    def whose_calls(self) -> PlaceAgencies | None:
        """Which agency's calls come where; None where there is one agency."""
        agencies, drives = self.city.agencies, self.drives
        if agencies is None:
            return None
        of_place = np.full(self.city.roads.n_places, -1, dtype=np.int32)
        of_place[drives.nodes] = drives.arrays.place_agency
        return PlaceAgencies(agencies.names, of_place)

    @property
    def unknown(self) -> Unknowns:
        """What replications step through."""
        return NOTHING if self.drawn is None else self.drawn.unknown

    @property
    def not_known(self) -> tuple[str, ...]:
        """What no history can tell and bands hold, in words."""
        growth = None if self.drawn is None else self.drawn.growth
        words = [HIDDEN] if self.unknown.hidden else []
        words += (
            [f"how calls grow until {growth.year}"]
            if growth is not None and growth.uncertain
            else []
        )
        return (*words, *([RATE] if self.ends else []))

    def replay(
        self,
        deployment: Deployment,
        scenes: Sequence[Scenario] | None = None,
        *,
        workers: int = 2,
    ) -> list[ReplayRun]:
        """Replay one deployment through some scenes; default: all but the past ones."""
        program = self.city.program
        roads = self.roads_from({option.post_id for option, _ in deployment.counts})
        units = fleet(deployment, program, roads, self.rules)
        scenes = self.scenes if scenes is None else scenes
        patrols = patrols_of(self.patrol, scenes, program)
        return replay(units, scenes, roads, program, self.rules, patrols=patrols, workers=workers)

    def with_drives_from(self, post_ids: Collection[str]) -> EvaluationSetup:
        """Return the same with the drives from and to posts, for all deployments that leave from them."""
        return replace(self, drives=self.roads_from(post_ids))

    def roads_from(self, post_ids: Collection[str]) -> ReplayRoads:
        """Return the drives from and to some posts; those between places are there."""
        city, posts, drives = self.city, self.city.posts, self.drives
        used = posts.frame["post_id"].isin(post_ids)
        part = replace(posts, frame=posts.frame[used].reset_index(drop=True))
        facilities = _facilities(city, self.settings)
        ways = self.rules.driving_home == "true_position"
        roads = None
        if not ways and np.array_equal(drives.facility_nodes, np.unique(facilities)):
            nodes = part.frame["node"].to_numpy().astype(np.int32)
            roads = drives.of_posts(part.frame["post_id"].astype(str).tolist(), nodes)
        if roads is None:
            roads = replay_roads(
                city.roads,
                part,
                drives.nodes,
                periods=city.periods,
                facility_nodes=facilities,
                between=bool(len(drives.arrays.between_s)),
                ways=ways,
                known=drives,
            )
        return roads.with_agencies(city.agencies, city.roads, drives.arrays.place_agency)


def drives_between(
    city: KnownCity,
    settings: EvaluationSettings,
    places: NDArray[np.int32],
    rules: Rules,
    *,
    known: ReplayRoads | None = None,
    progress: Progress = silent,
) -> ReplayRoads:
    """Work out the drives between the places of calls and to facilities, as far as the rules use them.

    Those from posts come later.

    Parameters
    ----------
    known
        On the same roads, at whatever speeds of the day: what it has of these is used again.
    """
    nobody = replace(city.posts, frame=city.posts.frame.iloc[:0])
    roads = replay_roads(
        city.roads,
        nobody,
        places,
        periods=city.periods,
        facility_nodes=_facilities(city, settings),
        between=rules.driving_home == "on_the_way",
        known=known,
        progress=progress,
    )
    return roads.with_agencies(city.agencies, city.roads)


def _facilities(city: KnownCity, settings: EvaluationSettings) -> NDArray[np.int32]:
    frame = city.posts.frame
    return frame[frame["kind"].isin(settings.facility_kinds)]["node"].to_numpy().astype(np.int32)
