"""A plan of ``results/`` as it was written: what it puts where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.hours import WeekHours
from coresponse.data.options import Deployment, Option
from coresponse.data.programs.changed import program_with
from coresponse.data.programs.cost import desk_cost, yearly_cost
from coresponse.data.programs.model import Program
from coresponse.data.programs.money import Money, Yearly, calls_a_year, money_over_years
from coresponse.data.programs.people import desk_people, desk_seats
from coresponse.maps.escape import clean_text
from coresponse.publish.disclosure import Disclosure, of_run
from coresponse.publish.staffing import StaffingPublication, publish_staffing
from coresponse.questions.program_stated import program_stated
from coresponse.results.replay import newest_run
from coresponse.study.folder import StudyFolder
from coresponse.study.parts import study_program
from coresponse.study.read_back import PLAN_FILE, read_plan_file

# Hours a week at the phone, more than any desk has: 6,000 at once, always.
MOST_DESK_HOURS = 1e6


# Letters; what a study and a question say at most is shorter.
MOST_NOTICE = 2_000


@dataclass(frozen=True, eq=False)
class Planned:
    """What a run put where.

    Attributes
    ----------
    run
        Its name.
    today
        Today's deployment; None if it is not known.
    told
        What its file says.
    post_names
        By post.
    notice
        That its pages carry, with what it assumes.
    """

    run: str
    deployment: Deployment
    today: Deployment | None
    told: Mapping[str, Any]
    post_names: Mapping[str, str]
    notice: str
    disclosure: Disclosure


def planned_deployment(folder: StudyFolder, run: Path | None) -> Planned:
    """Read the deployment of a run; None: of the newest plan.

    Raises
    ------
    MissingInputError
        If there is no plan.
    InputError
        If its file is damaged, or names what the study's program does not have.
    """
    if run is not None and not run.is_dir():
        run = folder.results / run
    path = newest_run(folder) if run is None else run
    if path is None:
        raise MissingInputError(f"{folder.results} holds no plan -- run coresponse plan first")
    told = read_plan_file(path)
    program = study_program(folder)
    try:
        rows, now = _rows(told["deployment"]), _rows(told.get("today") or [])
        names = {str(row["post_id"]): str(row["post_name"]) for row in told["deployment"]}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path / PLAN_FILE}: damaged: its deployment is not whole -- plan again"
        ) from error
    _refuse_unknown(program, [*rows, *now], path)
    return Planned(
        str(told["run"]),
        Deployment.of("plan", rows),
        Deployment.of("today", now) if now else None,
        told,
        names,
        clean_text(str(told.get("notice", folder.study.notice))[:MOST_NOTICE]),
        of_run(told),
    )


def money_of(program: Program, money: Money, planned: Planned) -> tuple[Yearly, ...]:
    """Return a plan's money over years, with call-outs and calls as its file says.

    Raises
    ------
    InputError
        If the file's figures are damaged.
    """
    try:
        costs = {
            name: float(one["cost_as_called_per_year"]["mean"])
            for name, one in planned.told["costs"].items()
        }
        reached = [_reached(planned.told, name) for name in ("plan", "today")]
        desk_hours = _desk_hours(planned.told)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{planned.run}: {PLAN_FILE} has no whole figures of the replay -- plan again"
        ) from error
    desk = desk_cost(program, desk_hours)
    # as many as found, also where they are fewer than priced: a plan has one cost
    further = [
        _nothing_but_rounding(costs[name] - yearly_cost(program, one) - desk)
        if one is not None and name in costs
        else 0.0
        for name, one in (("plan", planned.deployment), ("today", planned.today))
    ]
    return money_over_years(
        program,
        money,
        planned.deployment,
        planned.today,
        call_outs=(further[0], further[1]),
        calls_reached_per_year=(calls_a_year(reached[0]), calls_a_year(reached[1])),
        desk_hours_per_week=desk_hours,
    )


def program_of(folder: StudyFolder, planned: Planned) -> Program:
    """Return the program that a run was planned with: the study's, or with what its question assumed otherwise.

    Raises
    ------
    InputError
        If the run's question is damaged.
    """
    program, asked = study_program(folder), planned.told.get("what_if", {})
    try:
        figures = {str(key): float(value) for key, value in asked.get("figures", {}).items()}
        stated = {str(key): str(value) for key, value in asked.get("vary", {}).items()}
        return program_stated(program_with(program, figures), stated)
    except (AttributeError, InputError, TypeError, ValueError) as error:
        raise InputError(
            f"{planned.run}: {PLAN_FILE}: damaged: what_if ({error}) -- plan again"
        ) from error


def staffing_of(program: Program, planned: Planned) -> StaffingPublication:
    """Return the people of a run, its phone desk's with them, as the plan told them.

    Raises
    ------
    InputError
        If the file's figures are damaged.
    """
    told = publish_staffing(program, planned.post_names, planned.deployment, planned.today)
    try:
        hours = _desk_hours(planned.told)
        most = int(planned.told["phone"]["most_at_once"]) if hours else 0
        seats = desk_seats(program, _desk_shifts(planned.told, hours)) if program.phone else ()
    except (AttributeError, InputError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{planned.run}: {PLAN_FILE}: damaged: phone ({error}) -- plan again"
        ) from error
    if program.phone is None or not hours:
        return told
    return replace(told, desk=desk_people(program, hours, most), desk_shifts=seats)


def _nothing_but_rounding(dollars: float) -> float:
    return dollars if abs(dollars) > 1 else 0.0


def _reached(told: Mapping[str, Any], name: str) -> float:
    """Return calls reached a week in a deployment's replay; 0 where nobody is in place, or nobody knows who is."""
    if name == "today" and (told["judgments"].get(name) or {}).get("replay") is None:
        return 0.0
    return float(told["judgments"][name]["replay"]["reached_per_week"]["mean"])


def _desk_hours(told: Mapping[str, Any]) -> float:
    hours = float(told.get("phone", {}).get("hours_per_week", 0.0))
    if not 0 <= hours <= MOST_DESK_HOURS:
        raise ValueError(f"phone.hours_per_week is {hours:g}")
    return hours


def _desk_shifts(told: Mapping[str, Any], hours: float) -> dict[str, int]:
    """Return a desk's seats by the hours of a shift, which are its hours a week."""
    if not hours:
        return {}
    shifts = {str(words): int(seats) for words, seats in told["phone"]["shifts"].items()}
    there = sum(seats * WeekHours.parse(words).count for words, seats in shifts.items())
    if min(shifts.values()) < 1 or there != hours:
        raise ValueError(f"phone.shifts has {there} hours a week, hours_per_week is {hours:g}")
    return shifts


def _rows(rows: list[dict[str, Any]]) -> list[tuple[Option, int]]:
    return [(Option(*(str(row[key]) for key in Option._fields)), int(row["count"])) for row in rows]


def _refuse_unknown(program: Program, rows: list[tuple[Option, int]], path: Path) -> None:
    for option, count in rows:
        kind = program.responder_types.get(option.responder_type)
        if (
            kind is None
            or option.shift_pattern not in kind.shift_patterns
            or not 0 < count <= 10_000
        ):
            raise InputError(
                f"{path / PLAN_FILE}: {count} x {option.responder_type} on {option.shift_pattern} "
                "is not of the study's program -- plan again"
            )
