"""The files of a study: what its settings are called, and how it is copied."""

from __future__ import annotations

import shutil
from pathlib import Path

from coresponse.data.errors import InputError
from coresponse.study.atomic import whole_folder

STUDY_FILE = "study.toml"


def copy_study(source: Path, target: Path) -> None:
    """Copy a study folder without its results; whole or not at all.

    Raises
    ------
    InputError
        If the target is there already and is no copy of a study.
    """
    if target.exists() and (
        not target.is_dir() or (any(target.iterdir()) and not (target / STUDY_FILE).is_file())
    ):
        raise InputError(f"{target} already exists and is not a study -- choose another folder")
    with whole_folder(target) as building:
        ignored = shutil.ignore_patterns("results", "__pycache__")
        shutil.copytree(source, building, dirs_exist_ok=True, ignore=ignored)
        kept = target / "results"
        if kept.is_dir():
            shutil.copytree(kept, building / "results")
