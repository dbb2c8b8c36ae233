"""Replay any deployment of a study.

Today's, a plan's, or one from a file; on calls drawn or on the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from coresponse.coverage.response import ResponseTable
from coresponse.data.deployments import deployment_frame, read_deployment
from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.options import Deployment
from coresponse.data.progress import Progress, silent
from coresponse.data.tables.write import write_csv
from coresponse.inputs import Inputs
from coresponse.judged import judgments_json, write_judged
from coresponse.judging import Judge, Judgment, drawn_judge, judge_all, real_judge
from coresponse.memory import Work, tell
from coresponse.planning import study_table, target_min
from coresponse.provenance import run_name, versions
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.result_files import PLAN_SCHEMA
from coresponse.results import Run, write_json
from coresponse.run_folder import run_folder
from coresponse.study import StudyFolder

CallsFrom = Literal["drawn", "real"]


@dataclass(frozen=True, eq=False)
class Replayed:
    """Deployments that were replayed side by side.

    Attributes
    ----------
    judge
        What they were judged with.
    table
        Response times of the study's demand.
    judgments
        By name.
    """

    judge: Judge
    table: ResponseTable
    judgments: dict[str, Judgment]

    @property
    def inputs(self) -> Inputs:
        """The study's inputs."""
        return self.judge.inputs


def newest_run(folder: StudyFolder) -> Path | None:
    """Return the plan written last under the study's results; None if there is none."""
    runs = [path.parent for path in folder.results.glob("plan-*/deployment.csv")]
    return max(
        runs, key=lambda run: ((run / "deployment.csv").stat().st_mtime_ns, run.name), default=None
    )


def deployments_to_replay(
    inputs: Inputs, *, files: list[Path], run: Path | None, today: bool
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
    if run is None and not files and not today:
        run = newest_run(inputs.folder)
    if run is not None:
        path = run / "deployment.csv"
        if not path.is_file():
            path = run / INTERNAL.file_name("deployment.csv")
        if not path.is_file():
            raise MissingInputError(
                f"{run} holds no deployment.csv -- name a run of {inputs.folder.results}"
            )
        out["plan"] = read_deployment(path, inputs.posts, inputs.program, name="plan")
    for file in files:
        if not file.is_file():
            raise MissingInputError(f"{file} is not there")
        name = (
            file.stem if file.stem not in {*out, "today"} else f"{file.stem} ({file.parent.name})"
        )
        out[name] = read_deployment(file, inputs.posts, inputs.program, name=name)
    if inputs.today is not None:
        out["today"] = inputs.today
    if not out:
        raise InputError(
            "nothing to replay: run coresponse plan first, add [today] to study.toml, or give "
            "--deployment FILE"
        )
    return out


def replay_study(
    inputs: Inputs,
    deployments: dict[str, Deployment],
    *,
    calls: CallsFrom = "drawn",
    progress: Progress = silent,
) -> Replayed:
    """Judge deployments side by side on the same calls and the same chances."""
    tell(inputs, Work("replaying this", problems=0, replays=True), progress)
    table = study_table(inputs, progress=progress)
    judge = (
        drawn_judge(inputs, progress=progress)
        if calls == "drawn"
        else real_judge(inputs, inputs.calls, progress=progress)
    )
    return Replayed(judge, table, judge_all(judge, table, deployments, progress=progress))


def write_replay(replayed: Replayed, *, record: bool = False) -> Run:
    """Write the figures under the study's ``results``, and one record a call in ``internal/`` if asked for.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    inputs, judge = replayed.inputs, replayed.judge
    PUBLIC.refuse_few(int(replayed.table.cells.calls.sum()))
    hashes = dict(inputs.hashes)
    settings = {
        "deployments": {
            name: _rows(j.deployment, inputs) for name, j in replayed.judgments.items()
        },
        "judging": inputs.study.judging.model_dump(),
        "real": judge.real,
        "record": record,
        "versions": versions(),
    }
    name = run_name(hashes, settings, kind="replay")
    target = inputs.folder.results / name
    with run_folder(target) as folder:
        write_judged(replayed.judgments, folder, districts=inputs.districts is not None)
        write_json(replay_run_json(replayed, name, hashes), folder / "replay.json")
        for key, judgment in replayed.judgments.items():
            frame = deployment_frame(judgment.deployment, inputs.posts)
            write_csv(frame, folder / f"deployment_{_file_name(key)}.csv")
            if record:
                (folder / "internal").mkdir(exist_ok=True)
                write_csv(
                    call_records(judge, judgment.deployment),
                    folder / "internal" / f"calls_{_file_name(key)}.csv",
                )
    return Run(name, target)


def replay_run_json(replayed: Replayed, name: str, hashes: dict[str, str]) -> dict[str, Any]:
    """Return the whole result as plain data."""
    inputs, judge = replayed.inputs, replayed.judge
    return {
        "schema": PLAN_SCHEMA,
        "study": inputs.study.name,
        "notice": inputs.study.notice,
        "run": name,
        "clock": inputs.program.standards.clock,
        "target_min": target_min(inputs),
        "calls": "real" if judge.real else "drawn",
        "rules": judge.rules.model_dump(mode="json"),
        "models": PUBLIC.notes(judge.notes),
        "deployments": {key: _rows(j.deployment, inputs) for key, j in replayed.judgments.items()},
        "judgments": judgments_json(replayed.judgments),
        "provenance": {
            "inputs_sha256": hashes,
            "versions": versions(),
            "seed": inputs.study.seed,
            "judging": inputs.study.judging.model_dump(mode="json"),
            "program": inputs.program.name,
        },
    }


def call_records(judge: Judge, deployment: Deployment) -> pd.DataFrame:
    """Return one row a call of the first replication: which unit, when, from where, or why not.

    Real calls have their local time, `received_at`; drawn ones seconds since a Monday 00:00,
    `received_s`.
    """
    frame = judge.replay(deployment)[0].frame()
    if judge.real:
        wall = judge.inputs.calls.frame["received_at"].dt.tz_localize(None).min().floor("D")
        monday = wall - pd.Timedelta(days=int(wall.day_of_week))
        frame.insert(
            2,
            "received_at",
            (monday + pd.to_timedelta(frame["received_s"], unit="s")).dt.round("s").astype(str),
        )
    return frame


def _rows(deployment: Deployment, inputs: Inputs) -> list[dict[str, Any]]:
    frame = deployment_frame(deployment, inputs.posts)
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]


def _file_name(name: str) -> str:
    return (
        "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in name)[:60] or "_"
    )
