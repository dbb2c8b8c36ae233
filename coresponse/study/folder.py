"""A study folder: where a study is, and what its file states."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from coresponse.coverage.replay.rules import Rules
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.errors import InputError, MissingInputError
from coresponse.data.hashes import sha256
from coresponse.data.names import refuse_odd_name
from coresponse.data.shapefile import parts_beside
from coresponse.data.toml import check_model, read_model
from coresponse.optimize.settings import SolverSettings
from coresponse.study.files import STUDY_FILE
from coresponse.study.settings import Study


@dataclass(frozen=True)
class StudyFolder:
    """A study and where it is.

    Attributes
    ----------
    stated
        SHA-256 of ``study.toml`` as it was read; empty for a study that was read from no file.
    """

    path: Path
    study: Study
    stated: str = ""

    def with_solver(
        self,
        *,
        time_limit_s: float | None = None,
        gap: float | None = None,
        name: str | None = None,
    ) -> StudyFolder:
        """Return the study with solver settings changed; what is None stays.

        Raises
        ------
        InputError
            If a setting is out of range.
        """
        given = {"time_limit_s": time_limit_s, "gap": gap, "name": name}
        stated = self.study.solver.model_dump() | {k: v for k, v in given.items() if v is not None}
        changed = check_model(stated, SolverSettings, subject="solver")
        return replace(self, study=self.study.model_copy(update={"solver": changed}))

    def with_judging(self, **changes: object) -> StudyFolder:
        """Return the study with settings of ``[judging]`` changed; what is None stays.

        Raises
        ------
        InputError
            If a setting is not one, or out of range.
        """
        given = {key: value for key, value in changes.items() if value is not None}
        rules = self.study.judging.rules.model_dump() | {
            k: v for k, v in given.items() if k in Rules.model_fields
        }
        own = {k: v for k, v in given.items() if k not in Rules.model_fields}
        stated = {**self.study.judging.model_dump(), **own, "rules": rules}
        changed = check_model(stated, EvaluationSettings, subject="[judging]")
        return replace(self, study=self.study.model_copy(update={"judging": changed}))

    def file(self, inner: str) -> Path:
        """Return the path of an input, which a link may not lead out of the folder.

        Raises
        ------
        MissingInputError
            If it is not there.
        InputError
            If it leads out of the folder.
        """
        path = self.path / inner
        if not path.is_file():
            raise MissingInputError(
                f"{self.path / STUDY_FILE} names {inner}, which is not in the study folder"
            )
        for part in (path, *parts_beside(path)):
            _refuse_outside(part, self.path)
        return path

    def input_files(self) -> tuple[str, ...]:
        """Return ``study.toml`` and all files that are read for it, relative to the folder, sorted.

        With the further parts of shapefiles.
        """
        files = {STUDY_FILE}
        for inner in self.study.input_paths():
            files.add(inner)
            near = parts_beside(self.path / inner) if (self.path / inner).is_file() else ()
            files.update(part.relative_to(self.path).as_posix() for part in near)
        return tuple(sorted(files))

    @property
    def results(self) -> Path:
        """Where runs are kept."""
        return self.path / "results"


def _refuse_outside(path: Path, folder: Path) -> None:
    """Refuse a file that a link puts outside the study: what it holds could change unseen."""
    if not path.resolve().is_relative_to(folder.resolve()):
        inner = path.relative_to(folder)
        raise InputError(f"{inner} leads out of the study folder {folder} -- copy the file into it")


def open_study(folder: Path) -> StudyFolder:
    """Read a study folder; its ``study.toml`` stands for the folder.

    Raises
    ------
    MissingInputError
        If there is no study there.
    InputError
        With all faults of ``study.toml``, and all input files that are missing.
    """
    if folder.name == STUDY_FILE and folder.is_file():
        folder = folder.parent
    path = folder / STUDY_FILE
    if not path.is_file():
        raise MissingInputError(
            f"{folder} holds no {STUDY_FILE} -- make a study with: coresponse new {folder} ..."
        )
    refuse_odd_name(folder.absolute(), cure="rename the folder, or move the study")
    _refuse_outside(path, folder)
    stated = sha256(path)
    opened = StudyFolder(folder, read_model(path, Study), stated)
    missing = [inner for inner in opened.study.input_paths() if not (folder / inner).is_file()]
    if missing:
        listed = ", ".join(missing)
        raise MissingInputError(f"{path} names files that are not in the study folder: {listed}")
    return opened
