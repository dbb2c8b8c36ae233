"""``coresponse compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coresponse.cli.assumptions import (
    GrowthFlag,
    StandardFlag,
    To988Flag,
    VaryFlag,
    refuse_wrong_names,
    stated_flags,
)
from coresponse.cli.common import (
    DetailsFlag,
    Exit,
    JsonFlag,
    QuietFlag,
    StudyArgument,
    finite,
)
from coresponse.cli.terminal import ProgressLine, console, print_json
from coresponse.data.errors import InputError

if TYPE_CHECKING:
    from coresponse.data.hours import WeekHours


def compare(
    folder: StudyArgument,
    programs: Annotated[
        str,
        typer.Option(
            metavar="NAME,NAME,...",
            help="Presets or program files, two or more, separated by commas.",
        ),
    ] = "ride-along,on-call,mixed,star,cahoots,b-heard",
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="DOLLARS",
            help="Dollars a year for each, such as 2.5M, 900k or 90% (of today's); default: the "
            "study's limit, else what today's costs.",
        ),
    ] = None,
    hours: Annotated[
        str | None,
        typer.Option(
            metavar="HOURS",
            help="Hours within which responders may be on duty, such as 'daily 08:00-22:00' or "
            "the study's shifts, day+evening; default: each program's.",
        ),
    ] = None,
    vary: VaryFlag = None,
    to_988: To988Flag = None,
    growth: GrowthFlag = None,
    standard: StandardFlag = None,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=finite, help="Seconds for each plan.")
    ] = 10.0,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    details: DetailsFlag = False,
) -> None:
    """Plan the same city, calls and budget under several crisis programs, side by side.

    The programs bring crews, hours and the calls that they take; standards, wages and classes of
    calls are the study's. What a program does not have is said, and nothing is put in its place.
    Several values, such as --standard 10:30:5, are compared one by one.
    Writes results/compare-... with programs.csv and compare.json.
    """
    from coresponse.cli.show_compared import show_comparison, show_side_by_side
    from coresponse.data.hours import WeekHours
    from coresponse.publish.compare import publish_comparison
    from coresponse.questions.assumed import assuming_each, saying
    from coresponse.questions.compare.entrants import compared_programs
    from coresponse.questions.compare.run import compare as compare_programs
    from coresponse.questions.sweep.values import as_budget
    from coresponse.results.compare import comparison_json, write_comparison
    from coresponse.study.folder import open_study
    from coresponse.study.read import read_study

    names = compared_programs(programs)
    opened = open_study(folder)
    amount = None if budget is None else as_budget(budget)
    # with hours of --vary, which may be of staff, these are clock hours beside them
    beside = any(text.partition("=")[0].strip() == "hours" for text in vary or ())
    within = WeekHours.parse(hours) if hours and beside else None
    flag = None if beside else hours
    otherwise = stated_flags(vary, to_988, growth, standard, budget=amount, hours=flag)
    refuse_wrong_names(opened, otherwise)
    with ProgressLine(quiet=quiet or json) as progress:
        study = read_study(opened, progress=progress)
        questions = assuming_each(study.case, otherwise)
        answers = []
        for one in questions:
            case = one.case
            found = compare_programs(
                case if within is None else saying(case, f"What if: open {hours} only."),
                names,
                hours=both(within, one.hours),
                time_limit_s=time_limit,
                progress=progress,
            )
            told = publish_comparison(found)
            answers.append((told, write_comparison(told, study.folder.results, study.hashes)))
    if json:
        each = [comparison_json(told, run.name, study.hashes) for told, run in answers]
        print_json(each[0] if len(each) == 1 else {"comparisons": each})
    else:
        for told, run in answers:
            show_comparison(told, run, console(), details=details)
        if len(answers) > 1:
            words = [one.said for one in questions]
            show_side_by_side(words, [told for told, _ in answers], console())
    planned = any(one.figures for told, _ in answers for one in told.programs)
    raise typer.Exit(Exit.DONE if planned else Exit.INFEASIBLE)


def both(one: WeekHours | None, other: WeekHours | None) -> WeekHours | None:
    """Return the hours that lie within both; None is any.

    Raises
    ------
    InputError
        If none does.
    """
    if one is None or other is None:
        return one or other
    from coresponse.data.hours import WeekHours

    hours = set(one.hours) & set(other.hours)
    if not hours:
        raise InputError("--hours and --vary hours have no hour in common")
    return WeekHours.of(hours)
