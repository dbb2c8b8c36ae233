"""Small random cities whose every deployment can be replayed: what the search by the replay is held against."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from coresponse.coverage.evaluate import EvaluationSetup
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.history import CallHistory, Funnel
from coresponse.data.city import City
from coresponse.data.districts import Districts
from coresponse.data.known_city import program_periods
from coresponse.data.limits import Limits
from coresponse.data.posts import Posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.roads.made import street_grid
from coresponse.data.roads.network import RoadNetwork
from coresponse.optimize.case import Case
from coresponse.optimize.evaluate_case import evaluation_setup
from coresponse.optimize.trials import Trials
from coresponse.optimize.verdict import Counts

multisets = itertools.combinations_with_replacement
UNIT, CLINICIAN = "co_responder_unit", "on_call_clinician"
ZONE = "America/New_York"
JUDGED_FROM = 5_000_000
"""First replication that answers are held against the best on: nothing is chosen or shown of it."""


def two_types(rng: np.random.Generator) -> Program:
    """Units and clinicians around the clock, both on duty all week."""
    mixed = load_program("mixed")
    kinds = dict(mixed.responder_types)
    always = {"shift_patterns": ("always",)}
    kinds[UNIT] = kinds[UNIT].model_copy(update=always)
    delay = kinds[CLINICIAN].delay_min.model_copy(
        update={"value": float(rng.uniform(4, 15)), "low": None, "high": None}
    )
    kinds[CLINICIAN] = kinds[CLINICIAN].model_copy(update=always | {"delay_min": delay})
    return mixed.model_copy(update={"responder_types": {n: kinds[n] for n in (UNIT, CLINICIAN)}})


def one_type(program: Program) -> Program:
    """The units of a program alone."""
    return program.model_copy(
        update={
            "responder_types": {UNIT: program.responder_types[UNIT]},
            "default_units": {UNIT: 4},
        }
    )


def history(rng: np.random.Generator, roads: RoadNetwork, *, a_week: float) -> CallHistory:
    """Calls of eight weeks around a few hot spots, more by day than by night."""
    n, weeks = int(a_week * 8), 8
    spots = rng.choice(roads.n_nodes, size=int(rng.integers(2, 5)), replace=False)
    near = np.exp(
        -np.hypot(
            roads.node_x[:, None] - roads.node_x[spots], roads.node_y[:, None] - roads.node_y[spots]
        )
        / 1500.0
    ) @ rng.dirichlet(np.ones(len(spots)))
    node = rng.choice(roads.n_nodes, size=n, p=near / near.sum())
    hour = rng.choice(
        24, size=n, p=(h := 1 + 0.6 * np.sin(np.arange(24) / 24 * 2 * np.pi - 2)) / h.sum()
    )
    seconds = np.sort(
        rng.integers(0, weeks * 7, n) * 86_400 + hour * 3600 + rng.uniform(0, 3600, n)
    )
    none = pd.Series(pd.NaT, index=range(n), dtype=f"datetime64[ns, {ZONE}]")
    frame = pd.DataFrame(
        {
            "call_id": [f"C{k}" for k in range(n)],
            "received_at": pd.Timestamp("2024-01-01", tz=ZONE) + pd.to_timedelta(seconds, unit="s"),
            "dispatched_at": none, "arrived_at": none, "cleared_at": none,
            "nature": "", "channel": "911", "priority": "",
            "call_class": rng.choice(["crisis_low", "crisis_high"], size=n),
            "x": roads.node_x[node], "y": roads.node_y[node], "snap_m": 0.0,
            "node": node.astype(np.int32),
        }
    )  # fmt: skip
    return CallHistory(frame, roads.crs, ZONE, 56.0, Funnel(()), pd.DataFrame(), pd.DataFrame())


def posts(rng: np.random.Generator, roads: RoadNetwork, n: int) -> Posts:
    """Posts at random crossings."""
    node = rng.choice(roads.n_nodes, size=n, replace=False).astype(np.int32)
    frame = pd.DataFrame(
        {
            "post_id": [f"P{k}" for k in range(n)], "name": [f"Post {k}" for k in range(n)],
            "kind": "station", "x": roads.node_x[node], "y": roads.node_y[node], "snap_m": 0.0,
            "node": node, "at_most": pd.array([pd.NA] * n, dtype="Int64"),
        }
    )  # fmt: skip
    return Posts(frame, roads.crs, pd.DataFrame())


def city(seed: int, *, types: int = 2, n_posts: int | None = None, streets: int = 7) -> City:
    """Make a city."""
    rng = np.random.default_rng([17, seed])
    roads = street_grid(streets, streets, seed=seed, spacing_m=float(rng.uniform(700, 1600)))
    program = two_types(rng)
    if types == 1:
        program = one_type(program)
    calls = history(rng, roads, a_week=float(rng.uniform(90, 330)))
    n_posts = n_posts or int(rng.integers(5, 7))
    return City(
        roads,
        calls,
        posts(rng, roads, n_posts),
        program,
        periods=program_periods(program),
        name=f"city {seed}",
    )


def in_districts(city: City, side: int) -> City:
    """Cut a city into so many districts a side."""
    x, y = city.roads.node_x, city.roads.node_y
    xs, ys = (np.linspace(c.min() - 50, c.max() + 50, side + 1) for c in (x, y))
    cells = [(i, j) for i in range(side) for j in range(side)]
    names = [f"D{i}{j}" for i, j in cells]
    frame = gpd.GeoDataFrame(
        {"district_id": names, "name": names, "population": np.nan},
        geometry=[box(xs[i], ys[j], xs[i + 1], ys[j + 1]) for i, j in cells],
        crs=city.roads.crs,
    )
    return replace(city, districts=Districts(frame))


def case_of(city: City, **asked: object) -> Case:
    """Ask a city, with short replications: there are thousands to replay."""
    evaluation = EvaluationSettings(replications=20, weeks=12, holdout_share=0.0)
    limits = asked.pop("limits", Limits())
    return Case(city, limits=limits, evaluation=evaluation, **asked)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Judged:
    """A case with its replay, and other chances that answers are held against the best on."""

    case: Case

    @cached_property
    def setup(self) -> EvaluationSetup:
        """The case's replay."""
        return evaluation_setup(self.case)

    @cached_property
    def trials(self) -> Trials:
        """What choices are made on."""
        return Trials.of(self.case, self.setup)

    @cached_property
    def truth(self) -> Trials:
        """What answers are held against."""
        made = Trials.of(self.case, self.setup).fresh()
        return type(made)(made.case, made.setup, made.quick, made.yardstick, JUDGED_FROM)

    def best(
        self, every: list[Counts], rank: object, *, looks: tuple[int, ...] = (3, 16, 64)
    ) -> Counts:
        """Return the best of all deployments, the worse ones seen less often."""
        alive = every
        for k, n in enumerate(looks):
            cost = [rank(self.truth.trial(counts, n)) for counts in alive]  # type: ignore[operator]
            keep = max(8, len(alive) // 12) if k < len(looks) - 1 else 1
            alive = [alive[i] for i in np.argsort(cost, kind="stable")[:keep]]
        return alive[0]


def every_deployment(n_options: int, units: int) -> list[Counts]:
    """All ways to place so many."""
    return [_counts(chosen, n_options) for chosen in multisets(range(n_options), units)]


def by_type(case: Case, fleet: dict[str, int]) -> list[Counts]:
    """All ways to place a fleet."""
    parts = []
    for name, units in fleet.items():
        own = [o for o, option in enumerate(case.options) if option.responder_type == name]
        parts.append([_counts(chosen, len(case.options)) for chosen in multisets(own, units)])
    nobody = np.zeros(len(case.options), dtype=np.int64)
    return [sum(some, nobody) for some in itertools.product(*parts)]


def _counts(chosen: tuple[int, ...], n_options: int) -> Counts:
    return np.bincount(np.array(chosen, dtype=np.int64), minlength=n_options).astype(np.int64)
