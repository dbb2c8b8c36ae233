"""Evaluate deployments three ways, side by side.

Nearest always free, queueing, and replay on common random numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.measures import Measures, measure, ranked_districts
from coresponse.coverage.queueing.judge import QueueingMeasures
from coresponse.coverage.replay.measures import ReplayMeasures, replay_measures
from coresponse.coverage.replay.past import Past, hidden_at
from coresponse.coverage.replay.rate_range import over_range
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import ReplayRun, Scenario, replay, scenario
from coresponse.coverage.replay.world import (
    MOST_PLACES_BETWEEN,
    ReplayRoads,
    fleet,
    replay_roads,
)
from coresponse.coverage.response import ResponseTable
from coresponse.coverage.service.arrivals import (
    ArrivalModel,
    draw_calls,
    fit_arrivals,
    real_calls,
)
from coresponse.coverage.service.days import DayEffect
from coresponse.coverage.service.model import ServiceModel, fit_service
from coresponse.coverage.service.police import PoliceModel, fit_police_arrival
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.history import CallHistory
from coresponse.data.cards import EXACT, table_card
from coresponse.data.city import City
from coresponse.data.errors import InputError
from coresponse.data.notes import Count, Note
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent

CALLS_A_DEPLOYMENT = 400_000
"""Calls replayed for one deployment where the study does not say how many weeks: bands of about 0.2 points."""

PAST_REPLAYS = 10
PAST_CALLS = 100_000
"""Replays of the real calls behind the bands; of long histories fewer do, down to 2, that meet this many calls."""

MOST_DRIVES = 1e8
"""Places times crossings up to which the drives between places are worked out (about 15 seconds of search)."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One deployment's figures, three ways, all exact.

    Attributes
    ----------
    deployment
        What they are of.
    nearest
        If the nearest were always free: an upper bound.
    queueing, replay
        With busy units; None where the deployment is empty.
    of_history
        Whether the replayed calls are recorded ones, not drawn.
    """

    deployment: Deployment
    nearest: Measures
    queueing: QueueingMeasures | None
    replay: ReplayMeasures | None
    of_history: bool = False

    def frame(self) -> pd.DataFrame:
        """Return the figures of all calls, exact.

        Returns
        -------
        pandas.DataFrame
            Index: figure, in seconds, shares or calls a week. Columns: `nearest`, `queueing`, and
            `replay` with its 95% band `replay_low` and `replay_high`.
        """
        columns = {"nearest": self.nearest.overall.iloc[0]}
        if self.queueing is not None:
            columns["queueing"] = self.queueing.overall.iloc[0]
        if self.replay is not None:
            row = self.replay.overall.iloc[0]
            ends = tuple(f"_{end}" for end in ("low", "high"))
            columns["replay"] = row[[name for name in row.index if not name.endswith(ends)]]
            for end in ends:
                part = row[[name for name in row.index if name.endswith(end)]]
                columns[f"replay{end}"] = part.set_axis([n.removesuffix(end) for n in part.index])
        return pd.DataFrame(columns).rename_axis("figure")

    @property
    def headline(self) -> str:
        """Share in time and mean wait in words: by replay, or if the nearest were always free."""
        busy = self.nearest if self.replay is None else self.replay
        row = busy.overall.iloc[0]
        how = "if the nearest were always free" if self.replay is None else "by replay"
        return (
            f"{row['share_in_time']:.1%} in time, mean wait "
            f"{row['mean_with_fallback_s'] / 60:.1f} min, {how}"
        )

    def __repr__(self) -> str:
        """Say it in a line."""
        return f"<Evaluation of {self.deployment.name!r}: {self.headline}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        return table_card(f"What {self.deployment.name} does", self.frame().round(3), note=EXACT)


@dataclass(frozen=True, eq=False)
class DrawnFrom:
    """What the calls of a replication are drawn from.

    Attributes
    ----------
    arrivals
        Rates and places of calls.
    weeks
        Of a replication.
    seed
        Of all replications.
    demand
        Factor on the rates.
    """

    arrivals: ArrivalModel
    weeks: int
    seed: int
    demand: float

    def scene(self, replication: int, service: ServiceModel, police: PoliceModel) -> Scenario:
        """Draw one replication."""
        draw, chance = seeds(self.seed, replication)
        arrivals = self.arrivals.at(hidden_at(replication))
        calls = draw_calls(arrivals, weeks=self.weeks, seed=draw, demand_factor=self.demand)
        return scenario(calls, service, police, seed=chance)

    def at(self, places: NDArray[np.int32]) -> DrawnFrom:
        """Return the same, for calls at some places only."""
        known = self.arrivals
        here = np.isin(known.node, places)
        if here.all():
            return self
        of_call = ["node", "district", "call_class", "period"]
        of_call += [] if known.share_ends is None else ["share_ends"]
        return replace(
            self, arrivals=replace(known, **{name: getattr(known, name)[here] for name in of_call})
        )


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
        Between the scenes' places; empty where units leave from their posts only.
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
    """

    city: City
    settings: EvaluationSettings
    target_s: float
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

    def lean(self) -> EvaluationSetup:
        """Return the same without the recorded calls, for processes that need no bands."""
        return replace(self, city=self.city.without_calls(), past=(), ends=())

    def under(
        self,
        city: City,
        *,
        target_s: float,
        demand: float = 1.0,
        service: ServiceModel | None = None,
        progress: Progress = silent,
    ) -> EvaluationSetup:
        """Return the replay of a city that is assumed otherwise, on the same chances.

        What stays as it is is used again: calls where demand and service do, drives where speeds do.

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
            nobody = replace(city.posts, frame=city.posts.frame.iloc[:0])
            between = self.rules.driving_home == "on_the_way"
            drives = replay_roads(
                city.roads,
                nobody,
                drives.nodes,
                periods=city.periods,
                between=between,
                progress=progress,
            )
        models = (service, self.police)
        ends = _ends(self.city, drawn, len(scenes), models) if self.ends else ()
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
            )

        replayed = measures(runs[:n], self._past(runs[n:]))
        if self.ends:
            ends = [measures(self.replay(deployment, end, workers=workers)) for end in self.ends]
            replayed = over_range(replayed, ends)
        return Evaluation(deployment, nearest, queueing, replayed, self.of_history)

    def _past(self, runs: Sequence[ReplayRun]) -> Past | None:
        """Return the replays of the recorded calls, for bands."""
        if not runs:
            return None
        ranged = self.drawn is not None and self.drawn.arrivals.ranged
        return Past.of(runs, self.day, demand=self.demand, ranged=ranged)

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
        return replay(units, scenes, roads, program, self.rules, workers=workers)

    def roads_from(self, post_ids: Collection[str]) -> ReplayRoads:
        """Return the drives from some posts; those between places are there."""
        city, posts = self.city, self.city.posts
        used = posts.frame["post_id"].isin(post_ids)
        part = replace(posts, frame=posts.frame[used].reset_index(drop=True))
        roads = replay_roads(
            city.roads,
            part,
            self.drives.nodes,
            periods=city.periods,
            facility_nodes=_facilities(city, self.settings),
            between=False,
            ways=self.rules.driving_home == "true_position",
        )
        between = roads.arrays._replace(between_s=self.drives.arrays.between_s)
        return replace(roads, arrays=between)


def drawn_setup(
    city: City,
    settings: EvaluationSettings,
    *,
    target_s: float,
    seed: int,
    arrivals: ArrivalModel | None = None,
    demand: float = 1.0,
    progress: Progress = silent,
) -> EvaluationSetup:
    """Prepare to evaluate on calls drawn from the model fitted to the history.

    Replications and weeks are as set; without weeks, so many that a deployment meets
    :data:`CALLS_A_DEPLOYMENT` calls, a year at most.

    Parameters
    ----------
    arrivals
        Rates of calls; default: fitted to the city's.
    demand
        Factor on the rates of calls.
    """
    if arrivals is None:
        arrivals = fitted_arrivals(city)
    a_week = float(arrivals.rate_per_h.sum()) * demand
    weeks = replayed_weeks(settings, a_week)
    service, police = fit_models(city, city.calls, settings)
    drawn = DrawnFrom(arrivals, weeks, seed, demand)
    scenes = []
    for k in range(settings.replications):
        progress("drawing calls for the replay", k, settings.replications)
        scenes.append(drawn.scene(k, service, police))
    if not any(scene.calls.n for scene in scenes):
        raise InputError(
            f"calls come so seldom ({a_week:.2g} a week in a history of {city.calls.days:,.0f} "
            f"days) that {settings.replications} x {weeks} weeks of the replay have none -- raise "
            "judging.weeks, and see coresponse check for gaps in the history"
        )
    said = Note(
        "Replay: {replications} x {weeks} weeks of calls drawn from the fitted arrivals "
        "({a_week:,.1f} a week).",
        replications=settings.replications,
        weeks=weeks,
        a_week=a_week,
    )
    past = _past(city, (service, police), seed=seed, after=settings.replications)
    places = np.unique(arrivals.node)
    if len(places) * city.roads.n_nodes > MOST_DRIVES:
        places = _places((*scenes, *past))
    ends = _ends(city, drawn.at(places), settings.replications, (service, police))
    made = _setup(
        city,
        settings,
        target_s,
        (service, police),
        scenes,
        (*arrivals.notes, said),
        places=places,
        of_history=False,
        progress=progress,
    )
    # where calls come from more places than drives are kept of, more of them come from these
    return replace(
        made,
        drawn=drawn.at(made.drives.nodes),
        past=past,
        day=arrivals.day,
        demand=demand,
        ends=ends,
    )


def _ends(
    city: City, drawn: DrawnFrom, replications: int, models: tuple[ServiceModel, PoliceModel]
) -> tuple[tuple[Scenario, ...], ...]:
    """Return replications at both ends of an assumed rate's range; none where calls were recorded."""
    if city.calls.assumed is None:
        return ()
    rate = city.calls.assumed.rate
    at = (replace(drawn, demand=drawn.demand * end / rate.planned) for end in (rate.low, rate.high))
    return tuple(tuple(end.scene(k, *models) for k in range(replications)) for end in at)


def _past(
    city: City, models: tuple[ServiceModel, PoliceModel], *, seed: int, after: int
) -> tuple[Scenario, ...]:
    """Return the recorded calls with service drawn anew, on chances that no replication has."""
    if city.calls.assumed is not None:
        return ()
    if not city.calls.frame["call_class"].isin(models[0].class_names).any():
        return ()
    known = real_calls(city.calls, city.program, district=call_districts(city, city.calls))
    return tuple(
        scenario(known, *models, seed=seeds(seed, after + k)[1])
        for k in range(past_replays(known.n))
    )


def history_setup(
    city: City,
    settings: EvaluationSettings,
    calls: CallHistory,
    *,
    target_s: float,
    seed: int,
    fitted_on: CallHistory | None = None,
    drives: ReplayRoads | None = None,
    progress: Progress = silent,
) -> EvaluationSetup:
    """Prepare to evaluate on recorded calls at their own times.

    Replications differ in what chance decides on scene.

    Parameters
    ----------
    calls
        To be replayed.
    fitted_on
        History that service and police models are fitted to; default: the same.
    drives
        Of another setup, used again if it has all places.
    """
    models = fit_models(city, calls if fitted_on is None else fitted_on, settings)
    known = real_calls(calls, city.program, district=call_districts(city, calls))
    scenes = [
        scenario(known, *models, seed=seeds(seed, k)[1]) for k in range(settings.replications)
    ]
    said = Note(
        "Replay: {n} real calls at their own times, {replications} replications of what chance "
        "decides on scene.",
        n=Count(known.n),
        replications=len(scenes),
    )
    places = _places(scenes)
    if drives is not None and np.isin(places, drives.nodes).all():
        places = drives.nodes
    else:
        drives = None
    return _setup(
        city,
        settings,
        target_s,
        models,
        scenes,
        (said,),
        places=places,
        of_history=True,
        drives=drives,
        progress=progress,
    )


def replayed_weeks(settings: EvaluationSettings, calls_a_week: float) -> int:
    """Return how many weeks of drawn calls each replication has.

    As stated, else enough to meet :data:`CALLS_A_DEPLOYMENT`.
    """
    enough = CALLS_A_DEPLOYMENT / settings.replications / max(calls_a_week, 1e-9)
    return settings.weeks or int(np.clip(enough, 1, 52))


def past_replays(calls: int) -> int:
    """Return how often so many recorded calls are replayed for the bands of drawn ones."""
    return int(np.clip(PAST_CALLS // max(calls, 1), 2, PAST_REPLAYS))


def keeps_drives(rules: Rules, n_places: int, n_nodes: int) -> bool:
    """Whether the drives between any two places are worked out and kept.

    So that units may be sent on their way home.
    """
    few = n_places <= MOST_PLACES_BETWEEN and n_places * n_nodes <= MOST_DRIVES
    return rules.driving_home == "on_the_way" and few


def _places(scenes: Sequence[Scenario]) -> NDArray[np.int32]:
    return np.unique(np.concatenate([scene.calls.node for scene in scenes])).astype(np.int32)


def _setup(
    city: City,
    settings: EvaluationSettings,
    target_s: float,
    models: tuple[ServiceModel, PoliceModel],
    scenes: Sequence[Scenario],
    notes: tuple[Note, ...],
    *,
    places: NDArray[np.int32],
    of_history: bool,
    progress: Progress,
    drives: ReplayRoads | None = None,
) -> EvaluationSetup:
    rules, (service, police) = settings.rules, models
    notes = (*service.notes, *police.notes, *notes)
    if rules.driving_home == "on_the_way" and not keeps_drives(
        rules, len(places), city.roads.n_nodes
    ):
        rules = rules.model_copy(update={"driving_home": "from_post"})
        said = Note(
            "Replay: units are sent from their posts only; drives between {places:,} places are "
            "too many to work out.",
            places=len(places),
        )
        notes = (*notes, said)
    if drives is None:
        nobody = replace(city.posts, frame=city.posts.frame.iloc[:0])
        between = rules.driving_home == "on_the_way"
        drives = replay_roads(
            city.roads, nobody, places, periods=city.periods, between=between, progress=progress
        )
    return EvaluationSetup(
        city, settings, target_s, service, police, tuple(scenes), rules, drives, notes, of_history
    )


def fitted_arrivals(city: City) -> ArrivalModel:
    """Fit when and where calls come."""
    district = call_districts(city, city.calls)
    return fit_arrivals(city.calls, city.program, periods=city.periods, district=district)


def fit_models(
    city: City, calls: CallHistory, settings: EvaluationSettings
) -> tuple[ServiceModel, PoliceModel]:
    """Fit service times and police arrivals as the settings say."""
    service = fit_service(calls, city.program, basis=settings.service_times)
    return service, fit_police_arrival(calls, city.program, district=call_districts(city, calls))


def call_districts(city: City, calls: CallHistory) -> NDArray[np.int32] | None:
    """Return (calls,) position of each call's district by its crossing, -1 outside; None without districts."""
    if city.districts is None:
        return None
    node, back = np.unique(calls.frame["node"].to_numpy(), return_inverse=True)
    located = city.districts.locate(city.roads.node_x[node], city.roads.node_y[node])
    return np.asarray(located[back], dtype=np.int32)


def seeds(seed: int, replication: int) -> tuple[int, int]:
    """Return the seeds of a replication: for its calls, and for what chance decides about them."""
    first, second = np.random.SeedSequence((seed, replication)).generate_state(2)
    return int(first), int(second)


def _facilities(city: City, settings: EvaluationSettings) -> NDArray[np.int32] | None:
    frame = city.posts.frame
    found = frame[frame["kind"].isin(settings.facility_kinds)]["node"].to_numpy().astype(np.int32)
    return found if len(found) else None
