"""How often bands hold the truth: a made city whose true figures are known, its histories drawn again and again.

``python -m benchmarks bands``: four worlds (334 and 42 calls a week; Poisson, and a variance of a
day's calls of 3 times their mean). COVERAGE_TRIALS sets the histories of each (default 40), and
COVERAGE_WORLDS=all adds days that stay alike and short histories. ``gaps`` is the share of histories
in which the bands of all groups' gaps hold together, of three groups of residents in ten areas.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks._replay_world import made_roads
from coresponse.coverage.drawn_calls import draw_calls
from coresponse.coverage.living_areas import LivingAreas
from coresponse.coverage.replay.bands import Interval, interval
from coresponse.coverage.replay.drives import ReplayRoads
from coresponse.coverage.replay.fleet import Fleet
from coresponse.coverage.replay.measures import replay_measures
from coresponse.coverage.replay.past import Past
from coresponse.coverage.replay.record import Scenario, scenario
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.replay.run import replay
from coresponse.coverage.replay.world import fleet
from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.coverage.service.arrivals import fit_arrivals
from coresponse.coverage.service.days import DayEffect
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.coverage.service.real_calls import real_calls
from coresponse.coverage.service.replay_calls import ReplayCalls
from coresponse.coverage.service.service_model import PoliceModel, ServiceModel
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.resident_groups import ResidentGroup

FIGURES = (
    "share_in_time",
    "mean_with_fallback_s",
    "p90_s",
    "busy_per_week",
    "calls_per_week",
)
TARGET_S = 900.0
PLACES, POSTS = 200, 4
REPLICATIONS, PAST = 20, 10
TRUTH_YEARS = 400
AREAS, GROUPS = 10, ("near", "far", "mixed")
MONDAY = pd.Timestamp("2024-01-01", tz="UTC")  # no hour is skipped: the truth has no such hour


@dataclass(frozen=True)
class World:
    """What is true: calls a week, the variance of a day's calls over their mean, its memory, and how long people kept records."""

    name: str
    calls_a_week: float
    dispersion: float = 1.0
    correlation: float = 0.0
    weeks: int = 52

    def effect(self) -> DayEffect:
        """Return the true day effect."""
        variance = (self.dispersion - 1) / (self.calls_a_week / 7)
        return DayEffect(variance, self.correlation, 9.0 if variance else 0.0)


WORLDS = (
    World("334 calls a week, Poisson", 334),
    World("42 calls a week, Poisson", 42),
    World("334 calls a week, variance 3 x mean", 334, 3.0),
    World("42 calls a week, variance 3 x mean", 42, 3.0),
)
MORE_WORLDS = (
    World("334 calls a week, variance 3 x mean, AR(1) 0.9", 334, 3.0, 0.9),
    World("42 calls a week, variance 3 x mean, AR(1) 0.9", 42, 3.0, 0.9),
    World("42 calls a week, variance 3 x mean, 8 weeks of history", 42, 3.0, 0.0, 8),
    World("334 calls a week, variance 3 x mean, AR(1) 0.9, 16 weeks", 334, 3.0, 0.9, 16),
)


@dataclass(frozen=True, eq=False)
class MadeCity:
    """A world's roads, units and true models."""

    world: World
    program: Program
    roads: ReplayRoads
    fleet: Fleet
    service: ServiceModel
    police: PoliceModel
    arrivals: ArrivalModel

    @classmethod
    def of(cls, world: World) -> MadeCity:
        """Make the city: units grow with its calls, so that some are busy when needed, some hours closed."""
        program = load_program("mixed")
        roads = made_roads(np.random.default_rng(7), places=PLACES, posts=POSTS, facilities=2)
        units = 1 if world.calls_a_week < 100 else 3
        kind = "co_responder_unit"
        counts = {
            Option(kind, f"P{post}", pattern): units
            for post in (0, 1)
            for pattern in ("day_10h", "late_10h")
        }
        crews = fleet(Deployment.of("made", counts), program, roads, Rules())
        service, police = fit_service(None, program), fit_police_arrival(None, program)
        return cls(world, program, roads, crews, service, police, true_arrivals(world, service))

    def drawn(self, *, weeks: int, seed: int) -> Scenario:
        """Draw what truly happens in so many weeks."""
        calls = draw_calls(self.arrivals, weeks=weeks, seed=seed)
        return scenario(calls, self.service, self.police, seed=seed + 1)

    def figures(self, scenes: list[Scenario]) -> tuple[pd.DataFrame, NDArray[np.float64]]:
        """Return the figures of each scene, and (groups,) mean gaps of groups of residents."""
        runs = replay(self.fleet, scenes, self.roads, self.program, Rules(), workers=1)
        found = [
            replay_measures([run], self.program, target_s=TARGET_S, living=living()) for run in runs
        ]
        figures = pd.concat([one.overall for one in found], ignore_index=True)[list(FIGURES)]
        return figures, np.mean([gaps_of(one)["gap_s"] for one in found], axis=0)


def living() -> LivingAreas:
    """Return who lives where: of three groups one in half of the areas each, and one everywhere."""
    people = np.tile(np.linspace(500, 1_500, AREAS), (4, 1))
    people[1, AREAS // 2 :] = people[2, : AREAS // 2] = 0
    people[1:] *= 0.4
    groups = tuple(ResidentGroup("side", name) for name in GROUPS)
    area = np.arange(PLACES, dtype=np.int32) * AREAS // PLACES
    return LivingAreas(groups, area.astype(np.int32), np.full(AREAS, 100), people)


def gaps_of(found: ReplayMeasures) -> pd.DataFrame:
    """Return gaps of groups with their bands."""
    if found.by_group is None:
        raise ValueError("nobody lives anywhere")
    return found.by_group.table.iloc[1:][["gap_s", "gap_s_low", "gap_s_high"]]


def true_arrivals(world: World, service: ServiceModel) -> ArrivalModel:
    """Make true rates: a quiet night (13% of calls from 23:00 to 08:00), a peak in the afternoon, busier weekends."""
    hour, day = np.arange(168) % 24, np.arange(168) // 24
    night = (hour >= 23) | (hour < 8)
    shape = np.where(night, 0.13 / 9, 0.87 / 15 * (1 + 0.35 * np.cos((hour - 16) / 12 * np.pi)))
    shape = shape * np.where(day >= 5, 1.2, 1.0)
    names = service.class_names
    part = np.full(len(names), 1 / len(names))
    rate = part[:, None] * shape / shape.sum() * world.calls_a_week
    node = np.tile(np.arange(PLACES, dtype=np.int32), len(names))
    return ArrivalModel(
        class_names=names,
        rate_per_h=rate,
        node=node,
        district=np.full(len(node), -1, dtype=np.int32),
        call_class=np.repeat(np.arange(len(names)), PLACES).astype(np.int16),
        period=np.zeros(len(node), dtype=np.int16),
        period_of_hour=np.zeros(168, dtype=np.int64),
        other_per_week=0.0,
        weeks=52.0,
        notes=(),
        day=world.effect(),
        trend=None,
    )


def history(scene: Scenario) -> CallHistory:
    """Return what the agency recorded of a scene, times on the call included."""
    calls: ReplayCalls = scene.calls
    received = MONDAY + pd.to_timedelta(np.round(calls.received_s), unit="s")
    arrived = received + pd.Timedelta(minutes=10)
    task = scene.on_scene_s + scene.transport_s + scene.paperwork_s
    frame = pd.DataFrame(
        {
            "call_id": [f"C{k}" for k in range(calls.n)],
            "received_at": received,
            "arrived_at": arrived,
            "cleared_at": arrived + pd.to_timedelta(np.round(task.astype(np.float64)), unit="s"),
            "call_class": np.array(calls.class_names, dtype=object)[calls.call_class],
            "node": calls.node,
        }
    )
    nothing = pd.DataFrame()
    zone = "UTC"
    return CallHistory(frame, "EPSG:32618", zone, calls.weeks * 7, Funnel(()), nothing, nothing)


def told(
    city: MadeCity, past_scene: Scenario, seed: int
) -> tuple[dict[str, tuple[Interval, Interval, Interval]], pd.DataFrame]:
    """Return what we say of each figure from one history: over replications only, the truth, a single year; and gaps."""
    known = history(past_scene)
    arrivals = fit_arrivals(known, city.program)
    service = fit_service(known, city.program, basis="calls")
    drawn = [
        scenario(
            draw_calls(arrivals, weeks=52, seed=seed + 2 * k), service, city.police, seed=seed + k
        )
        for k in range(REPLICATIONS)
    ]
    real = real_calls(known, city.program)
    past = [scenario(real, service, city.police, seed=seed + 500 + k) for k in range(PAST)]
    runs = replay(city.fleet, [*drawn, *past], city.roads, city.program, Rules(), workers=1)
    found = replay_measures(
        runs[:REPLICATIONS],
        city.program,
        target_s=TARGET_S,
        past=Past.of(runs[REPLICATIONS:], arrivals.day),
        living=living(),
    )
    alone = pd.concat([sample.overall for sample in found.samples])
    bands = {
        name: (
            interval(alone[name].to_numpy()),
            found.figure(name),
            found.figure(name, single_year=True),
        )
        for name in FIGURES
    }
    return bands, gaps_of(found)


def coverage_of(world: World, trials: int) -> dict[str, object]:
    """Measure in which share of histories each band holds the true figure, and a fresh year's."""
    city = MadeCity.of(world)
    truth, apart = city.figures(
        [city.drawn(weeks=520, seed=10_000 + k) for k in range(TRUTH_YEARS // 10)]
    )
    true, gaps_held = truth.mean(), 0
    hits = {name: np.zeros(3) for name in FIGURES}
    for k in range(trials):
        past = city.drawn(weeks=world.weeks, seed=20_000 + 10 * k)
        bands, gaps = told(city, past, 100_000 * (k + 1))
        low, high = gaps["gap_s_low"].to_numpy(), gaps["gap_s_high"].to_numpy()
        gaps_held += bool(((low <= apart) & (apart <= high)).all())
        year = city.figures([city.drawn(weeks=52, seed=900_000 + 10 * k)])[0].iloc[0]
        for name, (alone, whole, single) in bands.items():
            hits[name] += [
                alone.holds(true[name]),
                whole.holds(true[name]),
                single.holds(year[name]),
            ]
    return {
        "true": {name: float(f"{true[name]:.4g}") for name in FIGURES},
        **{
            which: {name: round(float(hits[name][k]) / trials, 3) for name in FIGURES}
            for k, which in enumerate(("replications_only", "truth", "single_year"))
        },
        "gaps": round(gaps_held / trials, 3),
    }


def cases() -> Iterator[dict[str, object]]:
    """Measure each world."""
    trials = int(os.environ.get("COVERAGE_TRIALS", "40"))
    more = MORE_WORLDS if os.environ.get("COVERAGE_WORLDS") == "all" else ()
    for world in (*WORLDS, *more):
        start = time.process_time()
        found = coverage_of(world, trials)
        yield {
            "case": f"{world.name}, {trials} histories of {world.weeks} weeks",
            "seconds": time.process_time() - start,
            **found,
        }
