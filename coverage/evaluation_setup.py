"""Prepare to evaluate: calls drawn from the fitted arrivals, or recorded ones, and all else that deployments meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.drawn_calls import DrawnFrom, at_ends_of_rate, seeds
from coresponse.coverage.evaluate import EvaluationSetup, drives_between
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.given import told_times
from coresponse.coverage.replay.officers import PatrolFleet, patrol_of_city
from coresponse.coverage.replay.record import Scenario, scenario
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.world import MOST_PLACES_BETWEEN
from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.coverage.service.arrival_notes import notes_of_year
from coresponse.coverage.service.arrivals import fitted_arrivals
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.planning_year import Growth
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.coverage.service.real_calls import real_calls
from coresponse.coverage.service.service_model import PoliceModel, ServiceModel
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.history import CallHistory
from coresponse.data.errors import InputError
from coresponse.data.known_city import KnownCity
from coresponse.data.notes import Count, Note
from coresponse.data.progress import Progress, silent
from coresponse.data.standards import Target

# Calls replayed for one deployment where the study does not say how many weeks: bands of about 0.2 points.
CALLS_A_DEPLOYMENT = 400_000

# Replays of the real calls behind the bands; of long histories fewer do, down to 2, that meet this many calls.
PAST_REPLAYS = 10
PAST_CALLS = 100_000

BY_PHONE = Note(
    "Replay: of the recorded calls those are left out that clinicians on the phone would have "
    "ended, drawn at the rates of the phone stage."
)

# Places times crossings up to which the drives between places are worked out (about 15 seconds of search).
MOST_DRIVES = 1e8


def drawn_setup(
    city: KnownCity,
    settings: EvaluationSettings,
    *,
    target_s: Target,
    seed: int,
    arrivals: ArrivalModel | None = None,
    demand: float = 1.0,
    kept: NDArray[np.floating] | None = None,
    growth: Growth | None = None,
    known: ReplayRoads | None = None,
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
        Factor on the rates of calls, growth to a planning year included.
    growth
        To the planning year, whose error replications step through; None: none is stated.
    kept
        (calls, classes) share of each recorded call that is left where fewer are assumed, at most
        1, so that bands rest on as many; None: all.
    known
        Drives on the same roads; those between places are used again if it has all places.
    """
    if arrivals is None:
        arrivals = fitted_arrivals(city)
    a_week = float(arrivals.rate_per_h.sum()) * demand
    weeks = replayed_weeks(settings, a_week)
    service, police = fit_models(city, city.calls, settings)
    drawn = DrawnFrom(arrivals, weeks, seed, demand, growth)
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
    # no rate of calls: with the days known it would be the exact count
    said = Note(
        "Replay: {replications} x {weeks} weeks of calls drawn from the {whose} arrivals.",
        replications=settings.replications,
        weeks=weeks,
        whose="fitted" if city.calls.assumed is None else "assumed",
    )
    past = _past(city, (service, police), kept, seed=seed, after=settings.replications)
    places = np.unique(arrivals.node)
    if len(places) * city.roads.n_nodes > MOST_DRIVES:
        places = _places((*scenes, *past))
    if known is not None and np.isin(places, known.nodes).all():
        places = known.nodes
    ends = at_ends_of_rate(city, drawn.at(places), settings.replications, (service, police))
    made = _setup(
        city,
        settings,
        target_s,
        (service, police),
        scenes,
        (*arrivals.notes, *notes_of_year(arrivals.trend, growth), said),
        places=places,
        of_history=False,
        known=known,
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


def fit_models(
    city: KnownCity, calls: CallHistory, settings: EvaluationSettings
) -> tuple[ServiceModel, PoliceModel]:
    """Fit service times and police arrivals as the settings say."""
    service = fit_service(calls, city.program, basis=settings.service_times)
    return service, fit_police_arrival(calls, city.program, district=city.district_of(calls))


def _past(
    city: KnownCity,
    models: tuple[ServiceModel, PoliceModel],
    kept: NDArray[np.floating] | None,
    *,
    seed: int,
    after: int,
) -> tuple[Scenario, ...]:
    """Return the recorded calls with service drawn anew, on chances that no replication has."""
    if city.calls.assumed is not None:
        return ()
    if not city.calls.frame["call_class"].isin(models[0].class_names).any():
        return ()
    district = city.district_of(city.calls)
    known = real_calls(city.calls, city.program, district=district, kept=kept)
    if not known.n:
        return ()
    given, _ = told_times(city.calls, known, models[0])
    return tuple(
        scenario(known, *models, seed=seeds(seed, after + k)[1], given=given)
        for k in range(past_replays(known.n))
    )


def history_setup(
    city: KnownCity,
    settings: EvaluationSettings,
    calls: CallHistory,
    *,
    target_s: Target,
    seed: int,
    models: tuple[ServiceModel, PoliceModel] | None = None,
    kept: NDArray[np.floating] | None = None,
    drives: ReplayRoads | None = None,
    progress: Progress = silent,
) -> EvaluationSetup:
    """Prepare to evaluate on recorded calls at their own times.

    Replications differ in what chance decides on scene.

    Parameters
    ----------
    calls
        To be replayed.
    models
        Fitted to another history; default: to the same.
    kept
        (calls, classes) share of each call that comes to the field; None: all.
    drives
        Of another setup, used again if it has all places.
    """
    models = fit_models(city, calls, settings) if models is None else models
    known = real_calls(calls, city.program, district=city.district_of(calls), kept=kept)
    given, told = told_times(calls, known, models[0])
    scenes = [
        scenario(known, *models, seed=seeds(seed, k)[1], given=given)
        for k in range(settings.replications)
    ]
    of_calls = Note(
        "Replay: {n} calls tell when their unit left the scene or was at a facility: such times "
        "are theirs.",
        n=Count(told),
    )
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
        (*([of_calls] if told else []), said, *([] if kept is None else [BY_PHONE])),
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
    city: KnownCity,
    settings: EvaluationSettings,
    target_s: Target,
    models: tuple[ServiceModel, PoliceModel],
    scenes: Sequence[Scenario],
    notes: tuple[Note, ...],
    *,
    places: NDArray[np.int32],
    of_history: bool,
    progress: Progress,
    drives: ReplayRoads | None = None,
    known: ReplayRoads | None = None,
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
        drives = drives_between(city, settings, places, rules, known=known, progress=progress)
    patrol = patrol_of_city(city)
    if patrol is not None:
        notes = (*notes, _of_patrol(patrol))
    return EvaluationSetup(
        city, settings, target_s, service, police, tuple(scenes), rules, drives, notes, of_history,
        patrol=patrol,
    )  # fmt: skip


def _of_patrol(patrol: PatrolFleet) -> Note:
    return Note(
        "Replay: crews that need an officer first get one of a patrol of {least} to {most} "
        "officers with {calls:,.1f} calls of their own an hour, {job:.0f} min each; the model and "
        "queueing take recorded times of police.",
        least=int(patrol.officers.min()),
        most=int(patrol.officers.max()),
        calls=float(patrol.calls_per_h.mean()),
        job=patrol.job_min,
    )
