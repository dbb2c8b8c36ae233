"""From a study's table and limits to a placement problem."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.officer_hours import police_share
from coresponse.data.faults import Faults
from coresponse.data.limits import AgencyLimits, Limits
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.cost import annual_cost, staff_hours_per_week, staff_needed
from coresponse.data.programs.model import Program
from coresponse.data.words import in_order
from coresponse.optimize.problem import Limit, Problem
from coresponse.optimize.whole_amounts import largest_whole_amount

# Most responders of an option where no limit says less.
UNLIMITED = 1000


@dataclass(frozen=True)
class BusyShares:
    """Busy shares by responder type and, where they are known, by post and period.

    Parameters
    ----------
    shares
        By (type, post, period), in [0, 1). None stands for all posts, or all periods; what is
        stated for a post goes before what is stated for a period, and both before what is stated
        for the type. A type without any is always free.
    """

    shares: Mapping[tuple[str, str | None, str | None], float]

    def of(self, responder_type: str, post_id: str, period: str) -> float:
        """Return one busy share."""
        for post, when in ((post_id, period), (post_id, None), (None, period), (None, None)):
            share = self.shares.get((responder_type, post, when))
            if share is not None:
                return share
        return 0.0


@dataclass(frozen=True, eq=False)
class Columns:
    """A problem's columns of demand.

    Attributes
    ----------
    of_cell
        (cells,) each cell's column.
    source
        (columns,) the table's column whose response times it has.
    period
        (columns,) its period; all 0 if the columns do not tell periods apart.
    """

    of_cell: NDArray[np.int64]
    source: NDArray[np.int64]
    period: NDArray[np.int64]


def demand_columns(table: ResponseTable, *, by_period: bool) -> Columns:
    """Return the table's columns, cut by period where busy shares differ by period."""
    column = table.column.astype(np.int64)
    if not by_period:
        n = table.n_columns
        return Columns(column, np.arange(n), np.zeros(n, dtype=np.int64))
    periods = len(table.cells.periods)
    key, of_cell = np.unique(column * periods + table.cells.period, return_inverse=True)
    return Columns(of_cell.astype(np.int64), key // periods, key % periods)


def problem_from(
    table: ResponseTable,
    program: Program,
    posts: Posts,
    limits: Limits,
    *,
    today: Deployment | None = None,
    busy_share: Mapping[str, float] | BusyShares | None = None,
    desk_cost: float = 0.0,
) -> Problem:
    """State the placement problem of a study.

    Parameters
    ----------
    table
        Response times of all options.
    limits
        As the study states them.
    today
        Needed where limits speak of today's deployment.
    busy_share
        By responder type, or also by post and period; default: every responder is always free.
        Where they differ by post, responders of a type with different shares are told apart as
        types of the problem; where they differ by period, so are the columns.
    desk_cost
        Dollars a year of the budget that clinicians on the phone take, whoever else is bought.

    Raises
    ------
    InputError
        With every limit that names something unknown or contradicts itself.
    """
    whose = () if table.agencies is None else table.agencies.names
    check_limits(limits, program, posts, today, whose)
    names, kind, shares = _busy_types(table, tuple(program.responder_types), busy_share or {})
    most = _most(table.options, posts, limits)
    varies = bool((shares != shares[:1]).any())
    columns = demand_columns(table, by_period=varies)
    weight = np.bincount(
        columns.of_cell, weights=table.cells.objective_weight, minlength=len(columns.source)
    )
    return Problem(
        response_s=table.response_s[:, columns.source] if varies else table.response_s,
        weight=np.asarray(weight, dtype=np.float64),
        fallback_s=table.fallback_s,
        option_type=kind,
        option_names=tuple(" / ".join(option) for option in table.options),
        type_names=names,
        busy_share=np.full(len(names), np.nan) if varies else shares[0],
        column_period=columns.period if varies else None,
        busy_by_period=shares if varies else None,
        most=most,
        limits=tuple(
            whole(
                (
                    *_limits(table.options, program, posts, limits, today, desk_cost),
                    *_agency_limits(table, program, limits),
                ),
                most,
            )
        ),
        today=None if today is None else _counts(table.options, today),
        moves_at_most=limits.moves_at_most,
        police_share=police_shares(table.options, program),
    )


# Units of limits that lie between what whole responders add up to.
WHOLE_UNITS = ("dollars a year", "staff hours a week")


def whole(limits: Iterable[Limit], most: NDArray[np.int64]) -> Iterable[Limit]:
    """Tighten limits in dollars and hours to what whole responders can add up to within all limits by count."""
    limits = tuple(limits)
    for limit in limits:
        if limit.at_most is None or limit.unit not in WHOLE_UNITS:
            yield limit
            continue
        own = _most_by_count(limits, most, limit.coefficients)
        tight = largest_whole_amount(*own, limit.at_most)
        yield replace(limit, at_most=tight)


def _most_by_count(
    limits: tuple[Limit, ...], most: NDArray[np.int64], prices: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return distinct prices, and how many responders of each the limits by count allow."""
    distinct = np.unique(prices)
    allowed = []
    for price in distinct:
        own = prices == price
        count = int(most[own].sum())
        for limit in limits:
            if limit.at_most is not None and limit.unit == "responders":
                least = float(limit.coefficients[own].min())
                if least > 0:
                    count = min(count, int(limit.at_most / least + 1e-6))
        allowed.append(count)
    return distinct, np.array(allowed, dtype=np.int64)


def _busy_types(
    table: ResponseTable, types: tuple[str, ...], busy_share: Mapping[str, float] | BusyShares
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.float64]]:
    """Return names of types that have one busy share each, (options,) their positions, and (periods, types) shares."""
    if not isinstance(busy_share, BusyShares):
        kind = np.array(
            [types.index(option.responder_type) for option in table.options], dtype=np.int64
        )
        return types, kind, np.array([[busy_share.get(name, 0.0) for name in types]])
    periods = [period.name for period in table.cells.periods]
    of_option = [
        (
            o.responder_type,
            tuple(busy_share.of(o.responder_type, o.post_id, period) for period in periods),
        )
        for o in table.options
    ]
    found = list(dict.fromkeys(of_option))
    position = {one: k for k, one in enumerate(found)}
    many = {name for name, _ in found if sum(other == name for other, _ in found) > 1}
    names = tuple(f"{name}, {k + 1}" if name in many else name for k, (name, _) in enumerate(found))
    return (
        names,
        np.array([position[one] for one in of_option]),
        np.array([shares for _, shares in found]).T,
    )


def _counts(options: Iterable[Option], deployment: Deployment) -> NDArray[np.int64]:
    there = deployment.as_dict()
    return np.array([there.get(option, 0) for option in options], dtype=np.int64)


def check_limits(
    limits: Limits,
    program: Program,
    posts: Posts,
    today: Deployment | None,
    agencies: Collection[str] = (),
) -> None:
    """Refuse limits that name what is not there.

    Parameters
    ----------
    agencies
        Names of those that plan together; none: there is one.

    Raises
    ------
    InputError
        With every fault.
    """
    faults = Faults("limits")
    roles = {role for kind in program.responder_types.values() for role in kind.crew}
    known_posts = set(posts.frame["post_id"])
    of_types = [
        (f"{where}{key}", getattr(own, key), known)
        for where, own in (
            ("", limits),
            *((f"agencies.{name}.", own) for name, own in limits.agencies.items()),
        )
        for key, known in (
            ("units", program.responder_types),
            ("at_least", program.responder_types),
            ("roles", roles),
        )
    ]
    for key, names, known in (
        *of_types,
        ("agencies", limits.agencies, agencies),
        ("posts_must", limits.posts_must, known_posts),
        ("posts_may", limits.posts_may, known_posts),
        ("posts_not", limits.posts_not, known_posts),
    ):
        for name in names:
            if name not in known:
                listed = ", ".join(in_order(known)[:20])
                faults.add(f"limits.{key}", f"{name!r} is not in the study", f"there are: {listed}")
    for key, counts, _ in of_types:
        for name, count in counts.items():
            if count < 0:
                faults.add(f"limits.{key}", f"{name} = {count} is below 0")
    for post in sorted(set(limits.posts_must) & set(limits.posts_not)):
        faults.add(
            "limits.posts_must", f"{post!r} is also in posts_not", "take it out of one of them"
        )
    if today is None and (limits.keep_today or limits.moves_at_most is not None):
        key = "keep_today" if limits.keep_today else "moves_at_most"
        faults.add(
            f"limits.{key}", "today's deployment is not in the study", "add [today] with its file"
        )
    faults.raise_if_any()


def _most(options: Iterable[Option], posts: Posts, limits: Limits) -> NDArray[np.int64]:
    own = dict(zip(posts.frame["post_id"], posts.frame["at_most"], strict=True))
    usable = set(posts.frame["post_id"]) - set(limits.posts_not)
    if limits.posts_may:
        usable &= set(limits.posts_may) | set(limits.posts_must)
    out = []
    for option in options:
        most = min(UNLIMITED, limits.units.get(option.responder_type, UNLIMITED))
        if limits.max_per_post is not None:
            most = min(most, limits.max_per_post)
        at_most = own[option.post_id]
        if not _missing(at_most):
            most = min(most, int(at_most))
        out.append(most if option.post_id in usable else 0)
    return np.array(out, dtype=np.int64)


def _missing(value: object) -> bool:
    return str(value) == "<NA>"


def _limits(
    options: tuple[Option, ...],
    program: Program,
    posts: Posts,
    limits: Limits,
    today: Deployment | None,
    desk_cost: float,
) -> Iterable[Limit]:
    yield from _of_people(options, program, limits, desk_cost)
    yield from _post_limits(options, posts, limits)
    if today is not None:
        yield from _today_limits(options, limits, today)


def _agency_limits(table: ResponseTable, program: Program, limits: Limits) -> Iterable[Limit]:
    """Limit what each agency's own posts have."""
    if table.agencies is None:
        return
    for name, own in limits.agencies.items():
        mine = table.agencies.option == table.agencies.names.index(name)
        for limit in _of_people(table.options, program, own, 0.0):
            row = np.where(mine, limit.coefficients, 0.0)
            yield replace(limit, name=f"{name}: {limit.name}", coefficients=row)


def _of_people(
    options: tuple[Option, ...], program: Program, limits: AgencyLimits, desk_cost: float
) -> Iterable[Limit]:
    """Limit responders, staff, hours and dollars."""

    def of_type(name: str) -> NDArray[np.float64]:
        return np.array([option.responder_type == name for option in options], dtype=np.float64)

    for name, count in limits.units.items():
        title = program.responder_types[name].title
        yield Limit(f"{title}: at most {count}", of_type(name), at_most=count)
    for name, count in limits.at_least.items():
        title = program.responder_types[name].title
        yield Limit(f"{title}: at least {count}", of_type(name), at_least=count)
    if limits.roles:
        heads = {
            key: staff_needed(program, *key)
            for key in {(o.responder_type, o.shift_pattern) for o in options}
        }
        for role, count in limits.roles.items():
            need = np.array(
                [heads[o.responder_type, o.shift_pattern].get(role, 0.0) for o in options]
            )
            title = program.crew_roles[role].title
            yield Limit(f"{title}: at most {count} people", need, at_most=count, unit="people")
    if limits.staff_hours_per_week is not None:
        hours = np.array(
            [staff_hours_per_week(program, o.responder_type, o.shift_pattern) for o in options]
        )
        bound = limits.staff_hours_per_week
        yield Limit(
            f"staff hours: at most {bound:,.0f} a week",
            hours,
            at_most=bound,
            unit="staff hours a week",
        )
    if limits.budget_per_year is not None:
        cost = option_costs(options, program)
        bound = limits.budget_per_year
        name = f"budget: at most ${bound:,.0f} a year"
        if desk_cost:
            name += f", ${desk_cost:,.0f} of it for clinicians on the phone"
        yield Limit(name, cost, at_most=bound - desk_cost, unit="dollars a year")


def police_shares(options: Iterable[Option], program: Program) -> NDArray[np.float64]:
    """Return (options,) shares of a responder's calls that are not handled without police."""
    by_type = {name: police_share(program, name) for name in program.responder_types}
    return np.array([by_type[o.responder_type] for o in options], dtype=np.float64)


def option_costs(options: Iterable[Option], program: Program) -> NDArray[np.float64]:
    """Return (options,) dollars a year of one responder of each option."""
    by_kind: dict[tuple[str, str], float] = {}
    out = []
    for option in options:
        key = (option.responder_type, option.shift_pattern)
        if key not in by_kind:
            by_kind[key] = annual_cost(program, *key).total
        out.append(by_kind[key])
    return np.array(out, dtype=np.float64)


def _post_limits(options: tuple[Option, ...], posts: Posts, limits: Limits) -> Iterable[Limit]:
    own = {
        p: a
        for p, a in zip(posts.frame["post_id"], posts.frame["at_most"], strict=True)
        if not _missing(a)
    }
    at = np.array([option.post_id for option in options])
    for post in sorted({*at.tolist()}) if limits.max_per_post is not None or own else []:
        caps = [cap for cap in (limits.max_per_post, own.get(post)) if cap is not None]
        if caps:
            bound = int(min(caps))
            yield Limit(
                f"post {post}: at most {bound}", (at == post).astype(np.float64), at_most=bound
            )
    for post in limits.posts_must:
        yield Limit(f"post {post}: must be used", (at == post).astype(np.float64), at_least=1)


def _today_limits(
    options: tuple[Option, ...], limits: Limits, today: Deployment
) -> Iterable[Limit]:
    there = today.as_dict()
    if limits.keep_today:
        for i, option in enumerate(options):
            if option in there:
                row = np.zeros(len(options))
                row[i] = 1.0
                yield Limit(
                    f"keep today: {there[option]} x {' / '.join(option)}",
                    row,
                    at_least=there[option],
                )
