"""A small study for the tests of sweeps, swept as the command does it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from coresponse.data.progress import Progress, silent
from coresponse.data.sample_city import sample_folder
from coresponse.publish.sweep import publish_sweep
from coresponse.questions.sweep.run import sweep
from coresponse.questions.sweep.tables import Sweep
from coresponse.results.runs import Run
from coresponse.results.sweep import write_sweep
from coresponse.study.provenance import sweep_identity, versions
from coresponse.study.read import LoadedStudy

KEPT_FOLDER = "sweep-points"


def small_study(folder: Path) -> Path:
    """The sample city with six posts, no today's deployment, and one quarter of its calls."""
    shutil.copytree(sample_folder(), folder)
    pd.read_csv(folder / "posts.csv").iloc[::6].to_csv(folder / "posts.csv", index=False)
    pd.read_parquet(folder / "calls.parquet").iloc[::4].to_parquet(folder / "calls.parquet")
    stated = without_today((folder / "study.toml").read_text())
    # points are what is tested here, and judged alike: a short replay does for all of them
    (folder / "study.toml").write_text(f"{stated}\n[judging]\nreplications = 4\nweeks = 8\n")
    return folder


def without_today(stated: str) -> str:
    """Return the text of a study.toml without its part on today's deployment."""
    return re.sub(r"\[today\]\n(?:.+\n)+", "", stated)


def elsewhere(study: LoadedStudy, folder: Path) -> LoadedStudy:
    """Return a copy of the study, so that points are kept apart."""
    shutil.copytree(study.folder.path, folder, ignore=shutil.ignore_patterns("results"))
    return replace(study, folder=replace(study.folder, path=folder))


def stating(study: LoadedStudy, **changes: Any) -> LoadedStudy:
    """Return the study as if its file stated something else."""
    stated = study.settings.model_copy(update=changes)
    city = replace(study.city, name=stated.name, notice=stated.notice)
    return replace(study, folder=replace(study.folder, study=stated), city=city)


def limited(study: LoadedStudy, **limits: Any) -> LoadedStudy:
    """Return the study with other limits."""
    return stating(study, limits=study.settings.limits.model_copy(update=limits))


def swept(
    study: LoadedStudy,
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> Sweep:
    """Sweep what a study's ``[sweep]`` asks for."""
    settings = study.settings.sweep
    busy = settings.busy_units or study.settings.objective.busy_units
    return sweep(
        study.case,
        settings=settings,
        identity=sweep_identity(study.settings, study.hashes, busy, versions()),
        keep_in=study.folder.results / KEPT_FOLDER,
        jobs=jobs,
        scheduler=scheduler,
        progress=progress,
    )


def written(study: LoadedStudy, found: Sweep) -> Run:
    """Write a study's sweep."""
    objective = study.settings.objective.model_dump(mode="json")
    return write_sweep(publish_sweep(found), study.folder.results, study.hashes, objective)
