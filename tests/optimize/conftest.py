"""Instances for the tests of the optimizer, and an oracle that shares no code with it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from coresponse.optimize.objective import WaitingCost
from coresponse.optimize.problem import Limit, Problem

FALLBACK_S = 1200.0

LIMITS = (
    "units", "roles", "budget", "per post", "at least", "must", "may", "not", "keep today", "moves",
)  # fmt: skip


# ---- the oracle: the definition, one responder after the other ----


def expected_costs(
    cost: np.ndarray, fallback: float, busy: np.ndarray, deployments: np.ndarray
) -> np.ndarray:
    """Work out (deployments, columns) expected costs from (options, columns) costs.

    The responders of a column stand in the order of their cost; each is free with 1 - busy; the
    first who is free takes the call; if nobody is free the fallback does, which nobody is worse
    than."""
    m, n = cost.shape
    out = np.zeros((len(deployments), n))
    for i in range(n):
        nobody = np.ones(len(deployments))
        for o in sorted(range(m), key=lambda o: cost[o, i]):
            for k in range(int(deployments[:, o].max(initial=0))):
                there = deployments[:, o] > k
                out[:, i] += np.where(
                    there, nobody * (1 - busy[o]) * min(cost[o, i], fallback), 0.0
                )
                nobody = np.where(there, nobody * busy[o], nobody)
        out[:, i] += nobody * fallback
    return out


def objective(problem: Problem, waiting: WaitingCost, deployments: np.ndarray) -> np.ndarray:
    """Work out (deployments,) mean costs of waiting."""
    seconds = np.minimum(problem.response_s.astype(np.float64), problem.fallback_s)
    cost = np.array([[waiting(np.array([s]))[0] for s in row] for row in seconds]).reshape(
        seconds.shape
    )
    fallback = waiting(np.array([float(problem.fallback_s)]))[0]
    busy = problem.busy_share[problem.option_type]
    return (
        expected_costs(cost, fallback, busy, np.atleast_2d(deployments))
        @ problem.weight
        / problem.weight.sum()
    )


def all_deployments(problem: Problem) -> np.ndarray:
    """List all counts up to the most of each option, limits or not."""
    return np.array(
        list(itertools.product(*(range(int(most) + 1) for most in problem.most))), dtype=np.int64
    )


def allowed(problem: Problem, deployments: np.ndarray) -> np.ndarray:
    """Say which deployments keep all limits.

    Coefficients and bounds are sums of powers of two, so nothing is rounded.
    """
    x = np.atleast_2d(deployments)
    fits = ((x >= 0) & (x <= problem.most)).all(axis=1)
    for limit in problem.limits:
        used = x @ limit.coefficients
        if limit.at_most is not None:
            fits &= used <= limit.at_most
        if limit.at_least is not None:
            fits &= used >= limit.at_least
    if problem.moves_at_most is not None:
        fits &= np.maximum(problem.today - x, 0).sum(axis=1) <= problem.moves_at_most
    return fits


def least(problem: Problem, waiting: WaitingCost) -> float | None:
    """Return the least mean cost of all deployments that keep the limits; None if none does."""
    deployments = all_deployments(problem)
    deployments = deployments[allowed(problem, deployments)]
    return float(objective(problem, waiting, deployments).min()) if len(deployments) else None


@pytest.fixture(scope="session")
def oracle() -> SimpleNamespace:
    """Return the oracle's functions."""
    return SimpleNamespace(
        expected_costs=expected_costs,
        objective=objective,
        all_deployments=all_deployments,
        allowed=allowed,
        least=least,
    )


# ---- instances ----


def make_problem(
    response_s: Sequence[Sequence[float]] | np.ndarray,
    *,
    weight: Sequence[float] | np.ndarray | None = None,
    kind: Sequence[int] | np.ndarray | None = None,
    busy: Sequence[float] = (0.0,),
    most: int | Sequence[int] | np.ndarray = 1,
    fallback_s: float = FALLBACK_S,
    limits: Sequence[Limit] = (),
    units: float | None = None,
    **more: object,
) -> Problem:
    """Make a problem from (options, columns) seconds; `units` limits the responders in all."""
    response = np.array(response_s, dtype=np.float32)
    m, n = response.shape
    if units is not None:
        limits = (Limit(f"units: at most {units:g}", np.ones(m), at_most=units), *limits)
    return Problem(
        response_s=response,
        weight=np.ones(n) if weight is None else np.array(weight, dtype=np.float64),
        fallback_s=fallback_s,
        option_type=np.zeros(m, dtype=np.int64) if kind is None else np.array(kind, dtype=np.int64),
        option_names=tuple(f"o{o}" for o in range(m)),
        type_names=tuple(f"t{t}" for t in range(len(busy))),
        busy_share=np.array(busy, dtype=np.float64),
        most=np.broadcast_to(np.array(most, dtype=np.int64), m).copy(),
        limits=tuple(limits),
        **more,
    )


@pytest.fixture(scope="session")
def made() -> object:
    """Return the maker of problems."""
    return make_problem


def random_response(rng: np.random.Generator, kind: np.ndarray, n: int) -> np.ndarray:
    """Draw seconds.

    Some beyond the fallback, some alike and on a standard to the second, some inf, some types not
    eligible.
    """
    m = len(kind)
    response = rng.uniform(30, 1500, (m, n))
    if rng.random() < 0.5:
        response = np.round(response / 300) * 300
    response[rng.random((m, n)) < 0.15] = np.inf
    if rng.random() < 0.5:
        ineligible = rng.random((kind.max() + 1, n)) < 0.25
        response[ineligible[kind]] = np.inf
    return response


def random_problem(busy: tuple[float, ...], seed: int) -> tuple[Problem, frozenset[str]]:
    """Draw a small problem with up to three kinds of limits; return it and their kinds."""
    rng = np.random.default_rng([seed, len(busy), int(busy[-1] * 1e6)])
    m = int(rng.integers(max(2, len(busy)), 8))
    n = int(rng.integers(1, 13))
    kind = np.arange(m) % len(busy)
    post = rng.integers(0, max(2, m // 2), m)
    most = rng.integers(0, 3, m)
    today = np.minimum(rng.integers(0, 3, m) * (rng.random(m) < 0.5), 2)
    kinds = set(rng.choice(LIMITS, size=int(rng.integers(0, 4)), replace=False).tolist())
    if rng.random() < 0.7:
        kinds.add("units")
    limits, more = _random_limits(rng, kinds, kind, post, today)
    if "may" in kinds:
        most = np.where(np.isin(post, rng.choice(post, 2)), most, 0)
    if "not" in kinds:
        most = np.where(post == rng.choice(post), 0, most)
    return (
        make_problem(
            random_response(rng, kind, n),
            weight=rng.integers(1, 9, n) if rng.random() < 0.5 else rng.uniform(0.01, 5, n),
            kind=kind,
            busy=busy,
            most=most,
            limits=limits,
            **more,
        ),
        frozenset(kinds),
    )


def _random_limits(
    rng: np.random.Generator, kinds: set[str], kind: np.ndarray, post: np.ndarray, today: np.ndarray
) -> tuple[list[Limit], dict[str, object]]:
    m, types = len(kind), int(kind.max()) + 1
    limits: list[Limit] = []
    more: dict[str, object] = {}
    if "units" in kinds:
        limits += [
            Limit(f"t{t}: at most", (kind == t).astype(float), at_most=int(rng.integers(0, 4)))
            for t in range(types)
        ]
    if "roles" in kinds:
        heads = rng.integers(2, 21, types)[kind] / 4
        limits.append(
            Limit(
                "clinicians: at most", heads, at_most=float(rng.integers(4, 60)) / 4, unit="people"
            )
        )
    if "budget" in kinds:
        cost = rng.integers(50, 400, m).astype(float) * 1024
        limits.append(
            Limit(
                "budget: at most",
                cost,
                at_most=float(rng.integers(100, 1200)) * 1024,
                unit="dollars",
            )
        )
    if "per post" in kinds:
        limits += [
            Limit(f"post {p}: at most", (post == p).astype(float), at_most=int(rng.integers(1, 3)))
            for p in np.unique(post)
        ]
    if "at least" in kinds:
        t = int(rng.integers(types))
        limits.append(
            Limit(f"t{t}: at least", (kind == t).astype(float), at_least=int(rng.integers(1, 4)))
        )
    if "must" in kinds:
        p = int(rng.choice(post))
        limits.append(Limit(f"post {p}: must", (post == p).astype(float), at_least=1))
    if "keep today" in kinds:
        limits += [
            Limit(f"keep o{o}", (np.arange(m) == o).astype(float), at_least=int(today[o]))
            for o in np.flatnonzero(today)
        ]
    if "moves" in kinds:
        more |= {"today": today, "moves_at_most": int(rng.integers(0, 3))}
    return limits, more


@pytest.fixture(scope="session")
def random_small() -> object:
    """Return the maker of random small problems: of busy shares by type and a seed."""
    return random_problem


@pytest.fixture(scope="session")
def hard() -> Problem:
    """Return a problem that takes many boxes.

    30 options at random, two types that are often busy, four responders of a type.
    """
    rng = np.random.default_rng(11)
    m, n = 30, 80
    kind = np.arange(m) % 2
    here, there = rng.uniform(0, 1000, (m, 2)), rng.uniform(0, 1000, (n, 2))
    drive = np.linalg.norm(here[:, None] - there[None], axis=2) * (1 + 0.3 * kind)[:, None] + 100
    limits = [Limit(f"t{t}: at most 4", (kind == t).astype(float), at_most=4) for t in range(2)]
    return make_problem(
        drive,
        weight=rng.uniform(0.1, 4, n),
        kind=kind,
        busy=(0.35, 0.2),
        most=2,
        fallback_s=2000.0,
        limits=limits,
    )


@pytest.fixture(scope="session")
def line() -> Problem:
    """Return posts and calls at 0, 5 and 10, half as many calls in the middle; fallback 100.

    One responder stands in the middle (mean 4), two at both ends (mean 1), three everywhere (0).
    """
    place = np.array([0.0, 5.0, 10.0])
    return make_problem(
        np.abs(place[:, None] - place), weight=(1.0, 0.5, 1.0), fallback_s=100.0, units=3
    )


@pytest.fixture(scope="session")
def two_towns() -> Problem:
    """Return two towns of one call each, 10 s within a town and 50 s between.

    Responders busy half of the time; fallback 90.

    Both in one town: (10/2 + 10/4 + 90/4 + 50/2 + 50/4 + 90/4) / 2 = 45; one in each: 10/2 + 50/4 +
    90/4 = 40."""
    return make_problem([[10, 50], [50, 10]], busy=(0.5,), most=2, fallback_s=90.0, units=2)
