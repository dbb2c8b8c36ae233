"""Write programs side by side."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.best import target_min
from coresponse.data.deployments import deployment_frame
from coresponse.data.programs.load import assumptions
from coresponse.data.tables.write import write_csv
from coresponse.outcomes import evidence_rows
from coresponse.programs_compared.run import Compared
from coresponse.provenance import run_name, versions
from coresponse.run_folder import run_folder

SCHEMA = 1
READING = (
    "Each program is planned anew for its own calls, with the same money, and judged by queueing. "
    "Calls are those that at least "
    "one of the programs takes; a call that nobody comes to is left to police. Times are of calls "
    "reached. A further call served "
    "is priced by planning again with money for one more responder. Officer hours suppose the "
    "stated substitution share; an "
    "officer in a crew is paid for in its cost, and frees nobody. Nothing is said of arrests, "
    "force or enrolment: see evidence."
)


@dataclass(frozen=True, eq=False)
class CompareRun:
    """Results on disk.

    Attributes
    ----------
    name, folder
        Holds ``compare.json``, ``programs.csv``, ``deployments.csv``, ``assumptions.csv``,
        ``evidence.csv``.
    programs
        As written.
    """

    name: str
    folder: Path
    programs: pd.DataFrame


def write_compared(compared: Compared) -> CompareRun:
    """Write results under the study's ``results``.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    inputs, rows = compared.inputs, compared.rows
    asked = {
        "programs": [row.entrant.name for row in rows],
        "budget": compared.budget_per_year,
        "figures": [assumptions(row.entrant.program).to_json() for row in rows],
        "solver": inputs.study.solver.model_dump(),
        "versions": versions(),
    }
    name = run_name(inputs.hashes, asked, kind="compare")
    run = CompareRun(name, inputs.folder.results / name, programs_frame(compared))
    bought = [
        deployment_frame(row.deployment, inputs.posts).assign(program=row.entrant.name)
        for row in rows
    ]
    stated = [assumptions(row.entrant.program).assign(program=row.entrant.name) for row in rows]
    with run_folder(run.folder) as folder:
        write_csv(run.programs, folder / "programs.csv")
        write_csv(pd.concat(bought, ignore_index=True), folder / "deployments.csv")
        write_csv(pd.concat(stated, ignore_index=True), folder / "assumptions.csv")
        write_csv(pd.DataFrame(evidence_rows()), folder / "evidence.csv")
        text = json.dumps(
            compare_json(compared, run), indent=1, ensure_ascii=False, allow_nan=False
        )
        (folder / "compare.json").write_text(text + "\n", encoding="utf-8")
    return run


def programs_frame(compared: Compared) -> pd.DataFrame:
    """Return one row a program.

    `program`, `title`, `status`, `gap`, `units`, `cost_per_year` (as called),
    `hours_open_per_week`, `eligible_per_week`, `share_eligible` (of all calls), `served_per_week`,
    `share_served` (of all), `left_to_police_per_week` (of all: not eligible, closed, busy, out of
    reach), `closed_per_week`, `busy_per_week`, `mean_min`, `p90_min` (of calls reached),
    `share_eligible_in_time`, `share_all_in_time`, `officer_hours_low`, `_planned`, `_high` (freed a
    week), `cost_per_call`, `cost_per_further_call` (dollars), `notes`.
    """
    return pd.DataFrame(
        [
            {
                "program": row.entrant.name,
                "title": row.entrant.program.title,
                "status": row.status,
                **row.figures,
                "officer_hours_low": round(row.officer.low, 1) if row.officer else None,
                "officer_hours_planned": round(row.officer.planned, 1) if row.officer else None,
                "officer_hours_high": round(row.officer.high, 1) if row.officer else None,
                "notes": "; ".join(row.notes),
            }
            for row in compared.rows
        ]
    )


def compare_json(compared: Compared, run: CompareRun) -> dict[str, Any]:
    """Return everything as plain data."""
    inputs = compared.inputs
    work = inputs.program.workload
    return {
        "schema": SCHEMA,
        "study": inputs.study.name,
        "notice": inputs.study.notice,
        "run": run.name,
        "clock": inputs.program.standards.clock,
        "target_min": target_min(inputs),
        "budget_per_year": compared.budget_per_year,
        "calls_per_week": compared.calls_per_week,
        "programs": [
            record
            | {
                "notes": list(row.notes),
                "deployment": [
                    {
                        "responder_type": o.responder_type,
                        "post_id": o.post_id,
                        "shift_pattern": o.shift_pattern,
                        "count": n,
                    }
                    for o, n in row.deployment.counts
                ],
            }
            for record, row in zip(_records(run.programs), compared.rows, strict=True)
        ],
        "officer_hours_rest_on": {
            "substitution_share": work.substitution_share.model_dump(),
            "officer_min": work.officer_min.model_dump(),
        },
        "evidence": evidence_rows(),
        "reading": READING,
        "provenance": {
            "inputs_sha256": dict(inputs.hashes),
            "versions": versions(),
            "seed": inputs.study.seed,
            "solver": inputs.study.solver.model_dump(),
        },
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    # through JSON, so that what is absent is null whatever pandas calls it
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return records
