"""What ``money.toml`` of a study states; no plan depends on it."""

from __future__ import annotations

from pathlib import Path

from coresponse.data.programs.money import Money
from coresponse.data.toml import read_model
from coresponse.study.folder import StudyFolder

MONEY_FILE = "money.toml"


def study_money(folder: StudyFolder, file: Path | None = None) -> Money:
    """Return what is stated of money over years; without ``money.toml`` in the study, its defaults.

    Raises
    ------
    CoresponseError
        If the file that is named is not there, or with every fault of it.
    """
    path = folder.path / MONEY_FILE if file is None else file
    if file is None and not path.is_file():
        return Money()
    return read_model(path, Money)
