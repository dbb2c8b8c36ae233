"""Write agencies alone and together, and say what sharing saves whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.data.figures.text import dollars, percent
from coresponse.data.words import listed
from coresponse.publish.agencies import MENDS, SPLITS, TITLES
from coresponse.publish.answers import ALL, AgenciesPublication
from coresponse.publish.disclosure import PUBLIC
from coresponse.publish.places import SHARING
from coresponse.results.runs import (
    Run,
    bought,
    must_be,
    provenance,
    records,
    run_folder,
    write_assumptions,
    write_deployments,
    write_json,
)
from coresponse.study.provenance import run_name, versions

SCHEMA = 1
READING = (
    "Each agency is planned alone, for its own calls, at its own posts and with what it has. All "
    "together are planned for all calls, with just what they have in all. All ways meet the same drawn "
    "calls; an agency is worse off where its figure is worse than alone beyond chance and by "
    "enough to count (half a minute, a point). A unit is of the agency of its post. A cost is "
    "split as agencies agree: shares of calls served are to a percent at the finest. "
    "pays_no_more_per_year is the split changed as little as can be so that nobody pays more than "
    "alone."
)


def write_agencies(
    publication: AgenciesPublication, results: Path, hashes: Mapping[str, str]
) -> Run:
    """Write agencies alone and together.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If they were not published.
    """
    must_be(publication, AgenciesPublication)
    facts = publication.facts
    asked = {
        "agencies": list(publication.names),
        "solver": facts.solver.model_dump(),
        "versions": versions(),
    }
    name = run_name(dict(hashes), asked, kind="agencies")
    with run_folder(results / name) as folder:
        PUBLIC.write_table(publication.figures, folder / "agencies.csv")
        PUBLIC.write_table(publication.costs, folder / "costs.csv")
        PUBLIC.write_table(publication.answered, folder / "answered.csv")
        plans = {way.name: way.deployment for way in publication.ways}
        write_deployments(plans, facts, "way", folder / "deployments.csv")
        write_assumptions(facts.program, folder)
        write_json(agencies_json(publication, name, hashes), folder / "agencies.json", indent=1)
    return Run(name, results / name)


def agencies_json(
    publication: AgenciesPublication, name: str, hashes: Mapping[str, str]
) -> dict[str, Any]:
    """Return everything as plain data."""
    return {
        "schema": SCHEMA,
        **publication.facts.header(name),
        "agencies": list(publication.names),
        "sharing": publication.sharing,
        "split": publication.split,
        "says": list(agencies_sentences(publication)),
        "ways": [
            {
                "way": way.name,
                "title": way.title,
                "status": way.status,
                "cost_as_called_per_year": way.cost_per_year,
                "worse_off": list(way.worse),
                "floors": list(way.floors),
                "deployment": bought(way.deployment),
            }
            for way in publication.ways
        ],
        "not_found": dict(publication.not_found),
        "not_shown": list(publication.hidden),
        "figures": records(publication.figures),
        "costs": records(publication.costs),
        "answered": records(publication.answered),
        "reading": READING,
        "provenance": provenance(publication.facts, hashes),
    }


def agencies_sentences(publication: AgenciesPublication) -> tuple[str, ...]:
    """Say how each fares alone and together, who is worse off and what mends it, and what sharing saves whom."""
    return tuple(_sentences(publication))


def _sentences(told: AgenciesPublication) -> Iterator[str]:
    yield (
        f"Alone, {_figure(told, 'alone')}, for {_cost(told, 'alone')} a year in all. If the same "
        f"units are lent ({SHARING[told.sharing]}), {_figure(told, 'lent')}."
    )
    together = told.way("together")
    if together is not None:
        yield (
            f"Planned together with just what all have, {_figure(told, 'together')}, for "
            f"{_cost(told, 'together')} a year."
        )
        yield from _who_is_worse(told, "together")
        yield from _mended(told, "together")
    yield from _savings(told)
    yield from _as_stated(told)


def _mended(told: AgenciesPublication, name: str) -> Iterator[str]:
    """Say what mends it that an agency is worse off."""
    way, mended = told.way(name), told.way(MENDS[name])
    if way is None or not way.worse:
        return
    if mended is None:
        why = told.not_found.get(TITLES[MENDS[name]], "none was found")
        yield f"No floor was found that mends it: {why}."
        lent = told.way("lent")
        if lent is not None and not lent.worse:
            yield "The same units, lent, leave nobody worse off."
        return
    yield (
        "The smallest change that mends it: a floor under "
        f"{listed(list(mended.floors), 'and')}. Then {_figure(told, mended.name)}."
    )
    yield from _who_is_worse(told, mended.name)


def _as_stated(told: AgenciesPublication) -> Iterator[str]:
    """Say what the study's own limits for all come to: more or less money or staff than agencies have alone."""
    way = told.way("stated")
    if way is None:
        why = told.not_found.get(TITLES["stated"])
        if why is not None:
            yield f"With what the study states for all, nothing was found: {why}."
        return
    have, stated = told.budgets
    apart = ""
    if have is not None and stated is not None and stated != have:
        more = "more" if stated > have else "less"
        apart = f", {dollars(abs(stated - have))} a year {more} than they have alone"
    yield (
        f"With what the study states for all{apart}, {_figure(told, 'stated')}, for "
        f"{_cost(told, 'stated')} a year. What differs from planned together is what money or "
        "staff does, not sharing."
    )
    yield from _who_is_worse(told, "stated")
    yield from _mended(told, "stated")


def _who_is_worse(told: AgenciesPublication, name: str) -> Iterator[str]:
    way = told.way(name)
    if way is None or not way.worse:
        yield "No agency is worse off than alone."
        return
    for agency in way.worse:
        if agency in told.hidden:
            yield f"{agency} is worse off than alone."
        else:
            yield (
                f"{agency} is worse off: {_figure(told, name, agency)}; alone, "
                f"{_figure(told, 'alone', agency)}."
            )


def _savings(told: AgenciesPublication) -> Iterator[str]:
    way, costs = told.way("for-less"), told.costs
    if way is None:
        why = told.not_found.get(TITLES["for-less"])
        if why is not None:
            yield f"No plan found serves every agency as well as alone for less money: {why}."
        return
    saved = float(told.row("alone")["cost_as_called_per_year"]) - way.cost_per_year
    yield (
        f"To serve every agency as well as alone costs {dollars(way.cost_per_year)} a year "
        f"together, {dollars(saved)} less than alone."
    )
    by = SPLITS[told.split]
    rows = costs[(costs["way"] == "for-less") & (costs["split_by"] == by)]
    if rows.empty:
        return
    parts = [
        f"{row['agency']} {'saves' if row['saves_per_year'] >= 0 else 'pays more:'} "
        f"{dollars(abs(row['saves_per_year']))}"
        for _, row in rows.iterrows()
    ]
    yield f"Split by {by}, {listed(parts, 'and')}."
    over = rows[rows["saves_per_year"] < 0]
    if len(over):
        most = [
            f"{row['agency']} {dollars(row['pays_no_more_per_year'])}" for _, row in rows.iterrows()
        ]
        yield (
            "So that nobody pays more than alone, the least change of that split is: "
            f"{listed(most, 'and')}."
        )


def _figure(told: AgenciesPublication, way: str, agency: str = ALL) -> str:
    row = told.row(way, agency)
    wait, share = row["mean_with_fallback_min"], row["share_in_time"]
    if pd.isna(wait):
        return "its figures are not shown"
    whose = "calls wait" if agency == ALL else "its calls wait"
    return f"{whose} {wait:.1f} min on average, {percent(share)} are reached in time"


def _cost(told: AgenciesPublication, way: str) -> str:
    return dollars(float(told.row(way)["cost_as_called_per_year"]))
