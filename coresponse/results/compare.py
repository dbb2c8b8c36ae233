"""Write programs side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.coverage.officer_hours import evidence_rows
from coresponse.data.programs.load import assumptions
from coresponse.publish.answers import ComparisonPublication
from coresponse.publish.disclosure import PUBLIC
from coresponse.results.runs import (
    Run,
    bought,
    must_be,
    provenance,
    records,
    run_folder,
    write_deployments,
    write_json,
)
from coresponse.study.provenance import run_name, versions

SCHEMA = 1
READING = (
    "Each program is planned anew for its own calls, with the same money, chosen by the replay, "
    "and shown by its figures. Calls are those that at least one of the programs takes; a call "
    "that nobody comes to is left to police. Times are of calls reached. A further call served is "
    "priced by planning again with money for one more responder. Officer hours suppose the stated "
    "substitution share; an officer in a crew is paid for in its cost, and frees nobody. Nothing "
    "is forecast of arrests, force or enrollment: see evidence."
)


def write_comparison(
    publication: ComparisonPublication, results: Path, hashes: Mapping[str, str]
) -> Run:
    """Write programs side by side.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If they were not published.
    """
    must_be(publication, ComparisonPublication)
    programs, facts = publication.programs, publication.facts
    asked = {
        "programs": [one.name for one in programs],
        "budget": publication.budget_per_year,
        "notice": facts.notice,
        "figures": [assumptions(one.program).to_json() for one in programs],
        "solver": facts.solver.model_dump(),
        "versions": versions(),
    }
    name = run_name(dict(hashes), asked, kind="compare")
    with run_folder(results / name) as folder:
        PUBLIC.write_table(publication.frame(), folder / "programs.csv")
        plans = {one.name: one.deployment for one in programs}
        write_deployments(plans, facts, "program", folder / "deployments.csv")
        stated = [assumptions(one.program).assign(program=one.name) for one in programs]
        PUBLIC.write_table(pd.concat(stated, ignore_index=True), folder / "assumptions.csv")
        PUBLIC.write_table(pd.DataFrame(evidence_rows()), folder / "evidence.csv")
        told = comparison_json(publication, name, hashes)
        write_json(told, folder / "compare.json", indent=1)
    return Run(name, results / name)


def comparison_json(
    publication: ComparisonPublication, name: str, hashes: Mapping[str, str]
) -> dict[str, Any]:
    """Return everything as plain data."""
    work = publication.facts.program.workload
    about = provenance(publication.facts, hashes)
    rows = zip(records(publication.frame()), publication.programs, strict=True)
    return {
        "schema": SCHEMA,
        **publication.facts.header(name),
        "budget_per_year": publication.budget_per_year,
        "calls_per_week": publication.calls_per_week,
        **({"phone": publication.phone} if publication.phone else {}),
        "programs": [
            record | {"notes": list(one.notes), "deployment": bought(one.deployment)}
            for record, one in rows
        ],
        "officer_hours_rest_on": {
            "substitution_share": work.substitution_share.model_dump(),
            "officer_min": work.officer_min.model_dump(),
        },
        "evidence": evidence_rows(),
        "reading": READING,
        "provenance": {key: value for key, value in about.items() if key != "program"},
    }
