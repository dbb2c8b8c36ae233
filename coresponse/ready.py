"""Whether a study's inputs fit together, before the work of planning begins."""

from __future__ import annotations

from collections.abc import Callable

from coresponse.best import target_min
from coresponse.coverage.demand import DemandCells, demand_cells
from coresponse.coverage.response import enumerate_options
from coresponse.data.errors import InputError
from coresponse.data.options import Option
from coresponse.inputs import Inputs
from coresponse.optimize.build import check_limits
from coresponse.publish.disclosure import PUBLIC


def study_cells(inputs: Inputs) -> DemandCells:
    """Count a study's past calls by node, class and period of the week.

    Raises
    ------
    InputError
        If no call is of a class that any responder type may be sent to.
    """
    return demand_cells(
        inputs.calls,
        inputs.program,
        inputs.network,
        periods=inputs.periods,
        districts=inputs.districts,
    )


def study_options(inputs: Inputs) -> tuple[Option, ...]:
    """Return all that can be bought.

    Raises
    ------
    InputError
        If no responder type of the program may wait at any post.
    """
    options = enumerate_options(inputs.program, inputs.posts)
    if not options:
        kinds = ", ".join(sorted(set(inputs.posts.frame["kind"])))
        raise InputError(
            "no responder type of the program may wait at any post; kinds of post there are: "
            f"{kinds}"
        )
    return options


def check_ready(inputs: Inputs) -> None:
    """Refuse what a plan would refuse, all at once.

    Raises
    ------
    InputError
        With everything that stands in the way of planning.
    """
    checks: tuple[Callable[[], object], ...] = (
        lambda: PUBLIC.refuse_few(int(study_cells(inputs).calls.sum())),
        lambda: study_options(inputs),
        lambda: check_limits(inputs.study.limits, inputs.program, inputs.posts, inputs.today),
        lambda: target_min(inputs),
    )
    found = [error for error in map(_error, checks) if error]
    if len(found) == 1:
        raise InputError(found[0])
    if found:
        raise InputError(
            "\n".join(
                [f"{len(found)} things stand in the way of planning", *(f"- {it}" for it in found)]
            )
        )


def _error(check: Callable[[], object]) -> str:
    try:
        check()
    except InputError as error:
        return str(error)
    return ""
