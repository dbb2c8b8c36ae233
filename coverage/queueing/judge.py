"""What a deployment does when units are busy.

The queueing model in every period, on the plan's own response times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.coverage.cells import ResponseTable
from coresponse.coverage.measures import ranked_districts, worst_of
from coresponse.coverage.queueing.mixture import Mixture
from coresponse.coverage.queueing.queueing_measures import QueueingMeasures
from coresponse.coverage.queueing.solve import EXACT_STATES, solve_queue
from coresponse.coverage.queueing.system import (
    Discipline,
    NoQueueError,
    QueueAnswer,
    QueueSystem,
)
from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.service_model import ServiceModel
from coresponse.data.districts import Districts
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.model import Program
from coresponse.data.standards import Target, target_of

NO_QUEUE_NOTE = (
    "Calls wait for a unit here, but the queueing figures leave them to police instead, and only "
    "the replay's figures follow the rule"
)

# Groups up to which their numbers fit in 16 bits.
MOST_SMALL = 2**15


@dataclass(frozen=True, eq=False)
class PeriodAnswer:
    """One period's queueing answer.

    Attributes
    ----------
    period
        Position.
    cells
        (rows,) demand cells, one a row of the system.
    options
        (stations,) rows of the response table.
    answer
        The model's.
    """

    period: int
    cells: NDArray[np.int64]
    options: NDArray[np.int64]
    answer: QueueAnswer


def queueing_measures(
    table: ResponseTable,
    deployment: Deployment,
    program: Program,
    *,
    target_s: Target,
    service: ServiceModel | None = None,
    districts: Districts | None = None,
    rules: Rules | None = None,
    exact_states: int = EXACT_STATES,
) -> QueueingMeasures:
    """Judge a deployment on the demand that the table was made for, with units that are busy some of the time.

    Parameters
    ----------
    service
        Default: the program's figures.
    districts
        Those that the demand cells were made with; without them all calls count as outside (`''`).
    rules
        Of dispatch; of these `when_busy` reaches the queueing model. Where calls wait in a way that
        it has no answer for, the figures leave them to police, and `note` says so and why. None: a
        call that finds all eligible units busy is left to police.
    exact_states
        Periods with more states than this are approximated.
    """

    def solve(discipline: Discipline) -> list[PeriodAnswer]:
        return solve_periods(
            table,
            deployment,
            program,
            service=service,
            discipline=discipline,
            exact_states=exact_states,
        )

    discipline: Discipline = "loss"
    note = ""
    if rules is not None and rules.when_busy == "queue":
        try:
            _check_queue(rules, program, table.cells.class_names)
            discipline, answers = "queue", solve("queue")
        except NoQueueError as error:
            discipline, note = "loss", f"{NO_QUEUE_NOTE}: {error.why}."
    if discipline == "loss":
        answers = solve("loss")
    cells = table.cells
    sent = _Sent.of(table, deployment, answers, target_s)
    district_ids = ["", *(districts.frame["district_id"] if districts is not None else [])]
    district = cells.district + 1 if districts is not None else np.zeros(cells.n, dtype=np.int32)
    by_district = sent.table(district, district_ids)
    units = _units(table, deployment, answers)
    return QueueingMeasures(
        name=deployment.name,
        target_s=target_s,
        method="exact" if all(a.answer.method == "exact" for a in answers) else "approximation",
        overall=sent.table(np.zeros(cells.n, dtype=np.int64), ["all"]),
        by_class=sent.table(cells.call_class, cells.class_names),
        by_district=by_district,
        by_period=sent.table(cells.period, [p.name for p in cells.periods]),
        units=units,
        busy_share=_by_type(units),
        worst_district=worst_of(by_district, ranked_districts(by_district)),
        discipline=discipline,
        note=note,
    )


def _check_queue(rules: Rules, program: Program, classes: Sequence[str]) -> None:
    if rules.patience_min is not None:
        raise NoQueueError("callers give up waiting")
    priorities = {program.call_classes[name].priority for name in classes}
    if rules.queue_order == "priority" and len(priorities) > 1:
        raise NoQueueError("waiting calls are answered by priority, not first come, first served")


def solve_periods(
    table: ResponseTable,
    deployment: Deployment,
    program: Program,
    *,
    service: ServiceModel | None = None,
    discipline: Discipline = "loss",
    exact_states: int = EXACT_STATES,
) -> list[PeriodAnswer]:
    """Solve each period's queueing system: units on duty, rows for its demand cells.

    A call keeps a unit from being told until it is free: turn-out, drive (both from the response
    table), and the class's mean service. Driving home counts as free.
    """
    service = service or fit_service(None, program)
    cells = table.cells
    on_task_h = (
        service.mean_by_class_s()[[service.class_names.index(name) for name in cells.class_names]]
        / 3600
    )
    in_place = table.rows(deployment)
    counts = np.array(
        [
            count * program.responder_types[o.responder_type].sessions
            for o, count in deployment.counts
        ],
        dtype=np.int64,
    )
    told_h = program.standards.call_taking_min.value / 60
    later = None if table.agencies is None else table.agencies.later(in_place)
    out = []
    for p, period in enumerate(cells.periods):
        mine = np.flatnonzero(cells.period == p)
        on = np.array(
            [_on_duty(program, table.options[o], period.hours.hours) for o in in_place], dtype=bool
        )
        response = table.response_s[np.ix_(in_place[on], table.column[mine])].astype(np.float64)
        with np.errstate(invalid="ignore"):
            service_h = response / 3600 - told_h + on_task_h[cells.call_class[mine]]
        system = QueueSystem(
            units=counts[on],
            rate_per_h=cells.calls_per_week[mine] / period.hours.count,
            response_s=response,
            service_h=service_h,
            discipline=discipline,
            later=None if later is None else later[np.ix_(on, table.column[mine])],
        )
        out.append(
            PeriodAnswer(p, mine, in_place[on], solve_queue(system, exact_states=exact_states))
        )
    return out


def _on_duty(program: Program, option: Option, hours: Sequence[int]) -> bool:
    return set(hours) <= set(program.shift_patterns[option.shift_pattern].hours.hours)


def _units(
    table: ResponseTable, deployment: Deployment, answers: Sequence[PeriodAnswer]
) -> pd.DataFrame:
    count = deployment.as_dict()
    rows = []
    for part in answers:
        period = table.cells.periods[part.period]
        answered = (part.answer.dispatch * part.answer.system.rate_per_h).sum(
            axis=1
        ) * period.hours.count
        for s, o in enumerate(part.options):
            option = table.options[o]
            rows.append(
                {
                    **option._asdict(),
                    "period": period.name,
                    "units": count[option],
                    "hours_per_week": float(count[option] * period.hours.count),
                    "busy_share": float(part.answer.busy_share[s]),
                    "calls_per_week": float(answered[s]),
                }
            )
    columns = [*Option._fields, "period", "units", "hours_per_week", "busy_share", "calls_per_week"]
    return pd.DataFrame(rows, columns=columns)


def _by_type(units: pd.DataFrame) -> dict[str, float]:
    worked = (units["busy_share"] * units["hours_per_week"]).groupby(units["responder_type"]).sum()
    on_duty = units["hours_per_week"].groupby(units["responder_type"]).sum()
    return {str(name): float(share) for name, share in (worked / on_duty).items()}


@dataclass(frozen=True, eq=False)
class _Sent:
    """Who answers which cell how often, over all periods.

    Pairs of a cell and a station, in the order of cells.
    """

    table_of: ResponseTable
    target_s: float | NDArray[np.float64]
    cell: NDArray[np.int64]
    mixture: Mixture
    lost: NDArray[np.float64]
    on_duty: NDArray[np.bool_]
    in_reach: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        table: ResponseTable,
        deployment: Deployment,
        answers: Sequence[PeriodAnswer],
        target_s: Target,
    ) -> _Sent:
        cells = table.cells
        lost = np.ones(cells.n)
        parts: list[tuple[NDArray[Any], ...]] = []
        for part in answers:
            answer, rate = part.answer, cells.calls_per_week[part.cells]
            lost[part.cells] = answer.lost
            row, station = np.nonzero(answer.dispatch.T > 0)
            share = answer.dispatch[station, row]
            parts.append(
                (
                    part.cells[row],
                    answer.system.response_s[station, row],
                    share * rate[row],
                    answer.after_wait[station, row] / share,
                    answer.wait_rate_per_h[row] / 3600,
                )
            )
        # one column at a time: a region has millions of pairs
        columns = [list(column) for column in zip(*parts, strict=True)]
        parts.clear()

        def joined(k: int) -> NDArray[Any]:
            column, columns[k] = np.concatenate(columns[k]), []
            return column

        cell = joined(0)
        order = np.argsort(cell, kind="stable")
        rows = table.rows(deployment)
        on_duty = table.on_duty(rows)
        in_reach = np.logical_or.reduce(np.isfinite(table.response_s[rows]), axis=0)
        target = target_of(target_s, cells.district, cells.call_class, cells.class_names)
        return cls(
            table,
            target,
            cell[order],
            Mixture(*(joined(k)[order] for k in range(1, 5))),
            lost,
            on_duty[table.column],
            np.asarray(in_reach)[table.column],
        )

    def table(self, group: NDArray[np.integer], names: Sequence[str]) -> pd.DataFrame:
        """Make one row of figures for each group that has calls; the groups keep their order."""
        # whole numbers this small are sorted in one pass
        small = np.asarray(group).astype(np.int16 if len(names) < MOST_SMALL else np.int64)
        of_pair, in_time = small[self.cell], small[self.cell[self.by_time]]
        order, pair_order = np.argsort(small, kind="stable"), np.argsort(of_pair, kind="stable")
        ordered = self.by_time[np.argsort(in_time, kind="stable")]
        bounds = np.searchsorted(small[order], np.arange(len(names) + 1))
        pair_bounds = np.searchsorted(of_pair[pair_order], np.arange(len(names) + 1))
        rows = {
            name: self._row(
                order[bounds[i] : bounds[i + 1]],
                pair_order[pair_bounds[i] : pair_bounds[i + 1]],
                ordered[pair_bounds[i] : pair_bounds[i + 1]],
            )
            for i, name in enumerate(names)
            if bounds[i + 1] > bounds[i]
        }
        return pd.DataFrame.from_dict(rows, orient="index").astype({"calls": "int64"})

    @cached_property
    def by_time(self) -> NDArray[np.int64]:
        """Pairs from the soonest on, those of one time in their order."""
        return np.argsort(self.mixture.time_s, kind="stable")

    @cached_property
    def of_pairs(self) -> NDArray[np.float64]:
        """(3, pairs) mean response, the same with the fallback, and share in time of each pair.

        They are every table's, and exponentials take longer than all its sums.
        """
        of_calls = self.target_s
        within = of_calls if isinstance(of_calls, float | int) else of_calls[self.cell]
        m = self.mixture
        out = np.empty((3, len(m.time_s)))
        out[0] = m.means_s()
        out[1] = m.means_at_most_s(self.table_of.fallback_s)
        out[2] = m.shares_within(within)
        return out

    def _row(
        self, members: NDArray[np.int64], pairs: NDArray[np.int64], by_time: NDArray[np.int64]
    ) -> dict[str, float]:
        cells = self.table_of.cells
        weight = cells.calls_per_week[members]
        m = self.mixture
        answered = m
        if len(pairs) < len(m.time_s):
            answered = Mixture(
                m.time_s[pairs], m.weight[pairs], m.waited[pairs], m.wait_rate_per_s[pairs]
            )
        total, there = float(weight.sum()), answered.total
        on_duty, in_reach = self.on_duty[members], self.in_reach[members]
        mean, with_fallback, share = (answered.mean_of(one[pairs]) for one in self.of_pairs)
        in_time = there * share if there else 0.0
        fallback = self.table_of.fallback_s
        median, p90 = answered.quantiles_s((0.5, 0.9), m.time_s[by_time], m.weight[by_time])
        spent = there * with_fallback if there else 0.0
        return {
            "calls": float(cells.calls[members].sum()),
            "calls_per_week": total,
            "reached_per_week": there,
            "in_time_per_week": in_time,
            "closed_per_week": float(weight[~on_duty].sum()),
            "out_of_reach_per_week": float(weight[on_duty & ~in_reach].sum()),
            "busy_per_week": float((weight * self.lost[members])[in_reach].sum()),
            "share_reached": there / total,
            "share_in_time": in_time / total,
            "mean_s": mean,
            "median_s": median,
            "p90_s": p90,
            "mean_with_fallback_s": (spent + (total - there) * fallback) / total,
        }
