"""Write deployments that were replayed side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.data.deployments import deployment_frame, read_deployment
from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.options import Deployment
from coresponse.data.tables.write import write_csv
from coresponse.publish.answers import ReplaysPublication
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.results.runs import Run, must_be, provenance, records, run_folder, write_json
from coresponse.results.tables import evaluations_json, write_evaluations
from coresponse.study.folder import StudyFolder
from coresponse.study.provenance import run_name, versions
from coresponse.study.read import LoadedStudy
from coresponse.study.read_back import PLAN_SCHEMA


def newest_run(folder: StudyFolder) -> Path | None:
    """Return the plan written last under the study's results; None if there is none."""
    runs = [path.parent for path in folder.results.glob("plan-*/deployment.csv")]
    return max(
        runs, key=lambda run: ((run / "deployment.csv").stat().st_mtime_ns, run.name), default=None
    )


def deployments_to_replay(
    study: LoadedStudy, *, files: list[Path], run: Path | None, today: bool
) -> dict[str, Deployment]:
    """Read what is to be replayed, by name.

    Parameters
    ----------
    files
        Deployments as CSV.
    run
        Folder of a plan; None: the newest, unless files or today's are asked for.
    today
        Only today's deployment, and the files.

    Raises
    ------
    InputError
        If there is nothing to replay.
    """
    out: dict[str, Deployment] = {}
    city = study.city
    if run is None and not files and not today:
        run = newest_run(study.folder)
    if run is not None:
        path = run / "deployment.csv"
        if not path.is_file():
            path = run / INTERNAL.file_name("deployment.csv")
        if not path.is_file():
            raise MissingInputError(
                f"{run} holds no deployment.csv -- name a run of {study.folder.results}"
            )
        out["plan"] = read_deployment(path, city.posts, city.program, name="plan")
    for file in files:
        if not file.is_file():
            raise MissingInputError(f"{file} is not there")
        name = (
            file.stem if file.stem not in {*out, "today"} else f"{file.stem} ({file.parent.name})"
        )
        out[name] = read_deployment(file, city.posts, city.program, name=name)
    if city.today is not None:
        out["today"] = city.today
    if not out:
        raise InputError(
            "nothing to replay: run coresponse plan first, add [today] to study.toml, or give "
            "--deployment FILE"
        )
    return out


def write_replays(
    publication: ReplaysPublication,
    results: Path,
    hashes: Mapping[str, str],
    call_records: Mapping[str, pd.DataFrame] | None = None,
) -> Run:
    """Write the figures, and one record a call in ``internal/`` if there are such.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If they were not published.
    """
    must_be(publication, ReplaysPublication)
    facts = publication.facts
    settings = {
        "deployments": _deployments(publication),
        "judging": publication.settings.model_dump(),
        "real": publication.of_history,
        "record": call_records is not None,
        "versions": versions(),
    }
    name = run_name(dict(hashes), settings, kind="replay")
    with run_folder(results / name) as folder:
        write_evaluations(publication.evaluations, folder, districts=facts.districts is not None)
        write_json(replays_json(publication, name, hashes), folder / "replay.json")
        for key, one in publication.evaluations.items():
            frame = deployment_frame(one.deployment, facts.posts)
            PUBLIC.write_table(frame, folder / f"deployment_{_file_name(key)}.csv")
            if call_records is not None:
                (folder / "internal").mkdir(exist_ok=True)
                path = folder / "internal" / f"calls_{_file_name(key)}.csv"
                write_csv(call_records[key], path)
    return Run(name, results / name)


def replays_json(
    publication: ReplaysPublication, name: str, hashes: Mapping[str, str]
) -> dict[str, Any]:
    """Return the whole result as plain data."""
    facts = publication.facts
    return {
        "schema": PLAN_SCHEMA,
        **facts.header(name),
        "calls": "real" if publication.of_history else "drawn",
        "rules": publication.rules.model_dump(mode="json"),
        "models": list(publication.model_notes),
        "deployments": _deployments(publication),
        "judgments": evaluations_json(publication.evaluations),
        "provenance": provenance(
            facts, hashes, judging=publication.settings.model_dump(mode="json")
        ),
    }


def _deployments(publication: ReplaysPublication) -> dict[str, list[dict[str, Any]]]:
    posts = publication.facts.posts
    return {
        name: records(deployment_frame(one.deployment, posts))
        for name, one in publication.evaluations.items()
    }


def _file_name(name: str) -> str:
    return (
        "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in name)[:60] or "_"
    )
