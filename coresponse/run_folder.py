"""The folder of a run under ``results``.

There whole or not at all, and an error for people where the disk refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coresponse.data.errors import InputError
from coresponse.layers.write import CANNOT_WRITE
from coresponse.whole import whole_folder


@contextmanager
def run_folder(target: Path) -> Iterator[Path]:
    """Build a run's folder; see :func:`coresponse.whole.whole_folder`.

    Yields
    ------
    Path
        An empty folder to fill.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    try:
        with whole_folder(target) as folder:
            yield folder
    except (OSError, *CANNOT_WRITE) as error:
        raise InputError(
            f"{target} cannot be written: {error} -- free some space, or give the study a folder "
            "to write to"
        ) from error
