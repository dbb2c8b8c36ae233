"""Groups of residents: where people of an age, an origin, an income or a language live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.population import PlacedRows, numbers_of_people, place_residents
from coresponse.data.resident_groups import ResidentGroup, Residents
from coresponse.data.roads.network import RoadNetwork

Values = Literal["counts", "shares", "percent"]

# By kind of group (race) and group (Black): its column, or columns that are added up.
GroupColumns = Mapping[str, Mapping[str, str | Sequence[str]]]

SECTION = "[residents]"

# A group may have this many times the residents that there are: censuses blur both counts.
MORE_THAN_ALL = 1.02

# Groups of one file: each is an equation in the waits of the same areas.
MOST_GROUPS = 40


def read_residents(
    path: Path,
    groups: GroupColumns,
    *,
    network: RoadNetwork,
    column: str | None = None,
    values: Values | None = None,
    crs: str | None = None,
    snap_max_m: float = 500.0,
) -> Residents:
    """Read residents and their groups, and put them on the crossings of the roads.

    Where people live within an area, and which files there are, is as for
    :func:`coresponse.data.population.read_population`.

    Parameters
    ----------
    groups
        Their columns.
    values
        What these hold: people (`counts`), or `shares` or `percent` of the row's residents. None:
        shares where no value is above 1 and some are between 0 and 1, else counts, which is told.

    Raises
    ------
    InputError
        As for residents; and if a column is not there, or its values cannot be what they are said
        to be. All of them at once.
    """
    placed = place_residents(
        path, network=network, column=column, crs=crs, snap_max_m=snap_max_m, section=SECTION
    )
    listed = [
        (ResidentGroup(kind, name), of)
        for kind, named in groups.items()
        for name, of in named.items()
    ]
    faults: list[str] = []
    notes: list[str] = []
    if len(listed) > MOST_GROUPS:
        faults.append(
            f"has {len(listed)} groups, of which {MOST_GROUPS} can be told apart from few areas"
        )
    people = []
    for group, columns in listed:
        names = (columns,) if isinstance(columns, str) else tuple(columns)
        try:
            people.append(_of_group(placed, group, names, values, notes))
        except CoresponseError as error:
            faults.append(str(error))
    if faults:
        raise InputError("\n".join(f"{path.name}: {fault}" for fault in faults))
    everybody = placed.at_nodes(placed.people, network.n_nodes)
    node = np.flatnonzero(everybody > 0)
    at = [placed.at_nodes(one, network.n_nodes)[node] for one in people]
    outside = placed.outside
    return Residents(
        groups=tuple(group for group, _ in listed),
        node=node,
        everybody=everybody[node],
        of_group=np.array(at).reshape(len(at), len(node)),
        rows=int((placed.people > 0).sum()),
        outside=int(outside.sum()),
        residents_outside=float(placed.people[outside].sum()),
        column=placed.column,
        file=path.name,
        notes=tuple(dict.fromkeys(notes)),
        readings=placed.notes,
    )


def _of_group(
    placed: PlacedRows,
    group: ResidentGroup,
    columns: Sequence[str],
    values: Values | None,
    notes: list[str],
) -> NDArray[np.float64]:
    """Return (rows,) residents of a group, never more than there are residents."""
    known = {str(name): placed.frame[name] for name in placed.frame.columns}
    found = np.zeros(len(placed.people))
    for name in columns:
        if name not in known:
            near = get_close_matches(name, known, n=3) or list(known)[:8]
            raise InputError(
                f"there is no column {name!r} of the group {group.key!r} -- {SECTION} groups; "
                f"there are: {', '.join(near)}"
            )
        numbers = numbers_of_people(known[name], placed.file, name, f"{SECTION} groups, not")
        kind = values or _kind(numbers)
        if values is None and kind == "shares":
            notes.append(f"{name} holds shares of the residents, as its values tell")
        _refuse_unlikely(placed, name, numbers, kind, stated=values is not None)
        found += numbers if kind == "counts" else numbers * placed.people * _SCALE[kind]
    # who is counted in a row where nobody lives is told by no census, but by rounding
    if found.sum() > MORE_THAN_ALL * placed.people.sum():
        raise InputError(
            f"the group {group.key!r} has {found.sum():,.0f} people of {placed.people.sum():,.0f} "
            f'residents -- do its columns overlap, or hold percent ({SECTION} values = "percent")?'
        )
    return np.minimum(found, placed.people)


_SCALE = {"shares": 1.0, "percent": 0.01}


def _kind(numbers: NDArray[np.float64]) -> Values:
    parts = (numbers > 0) & (numbers < 1)
    return "shares" if parts.any() and not (numbers > 1).any() else "counts"


def _refuse_unlikely(
    placed: PlacedRows, name: str, numbers: NDArray[np.float64], kind: Values, *, stated: bool
) -> None:
    most = {"shares": 1.0, "percent": 100.0}.get(kind)
    if most is not None and (numbers > most * MORE_THAN_ALL).any():
        raise InputError(
            f"column {name!r} has {numbers.max():,.6g}, more than all: it does not hold {kind} -- "
            f"{SECTION} values"
        )
    broken = numbers != np.rint(numbers)
    if kind == "counts" and not stated and broken.any():
        raise InputError(
            f"column {name!r} has {numbers[broken][0]:g}: a number of people is whole -- say what "
            f'it holds: {SECTION} values = "counts", "shares" or "percent"; a median cannot be '
            "planned with, the people above and below it can"
        )
    # a few rows are blurred or rounded; where most have more than live there, it is no count
    lived_in = placed.people > 0
    if kind == "counts" and lived_in.any():
        over = (numbers > placed.people * MORE_THAN_ALL + 10) & lived_in
        if over.sum() > 0.5 * lived_in.sum():
            raise InputError(
                f"column {name!r} has more people than residents in most rows -- is "
                f"{placed.column!r} the column of residents ({SECTION} column)?"
            )
