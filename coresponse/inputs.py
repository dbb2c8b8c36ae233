"""A study's inputs, read, checked and placed on the road network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

import geopandas as gpd

from coresponse.coverage.places import merge_places
from coresponse.coverage.response import enumerate_options
from coresponse.data.calls.history import CallHistory
from coresponse.data.calls.read import read_calls
from coresponse.data.deployments import read_deployment
from coresponse.data.districts import Districts, read_districts
from coresponse.data.errors import CoresponseError, InputError
from coresponse.data.ground import read_ground
from coresponse.data.hours import Period, WeekHours, split_week
from coresponse.data.options import Deployment
from coresponse.data.posts import Posts
from coresponse.data.posts_propose import propose_posts
from coresponse.data.posts_read import combine_posts, read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads
from coresponse.provenance import input_hashes
from coresponse.study import STUDY_FILE, Study, StudyFolder

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything a study knows, ready for planning.

    Attributes
    ----------
    periods
        They cover the week once; each shift pattern of the program is a union of them.
    water, parks
        One row each, a multipolygon in the network's CRS, for maps to show; None if the study has
        none.
    hashes
        SHA-256 of each file as it was read, by its path in the study.
    """

    folder: StudyFolder
    program: Program
    network: RoadNetwork
    calls: CallHistory
    posts: Posts
    districts: Districts | None
    today: Deployment | None
    periods: tuple[Period, ...]
    water: gpd.GeoDataFrame | None = None
    parks: gpd.GeoDataFrame | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def study(self) -> Study:
        """The study as its file states it."""
        return self.folder.study

    def without_calls(self) -> Inputs:
        """Return all but the calls themselves, for processes that work with their counts alone."""
        known = self.calls
        calls = replace(
            known,
            frame=known.frame.iloc[:0],
            set_aside=known.set_aside.iloc[:0],
            unmapped=known.unmapped.iloc[:0],
        )
        return replace(self, calls=calls)


def read_inputs(folder: StudyFolder, *, progress: Progress = silent) -> Inputs:
    """Read all inputs of a study.

    Raises
    ------
    CoresponseError
        With the file, the place in it, and the cure; also if a file changed while it was read.
    """
    hashes = input_hashes(folder)
    study = folder.study
    faults: list[CoresponseError] = []
    program = _read(lambda: study_program(folder), faults)
    network = _read(lambda: read_roads(folder.file(study.roads.file), progress=progress), faults)
    if program is None or network is None:
        raise _together(faults)
    # each is read whatever is wrong with the others, so that a planner hears of everything at once
    posts = _read(lambda: _posts(folder, network), faults)
    districts = _read(lambda: _districts(folder, network), faults)
    water = _read(lambda: _ground(folder, network, "water"), faults)
    parks = _read(lambda: _ground(folder, network, "parks"), faults)
    periods = _read(lambda: study_periods(study, program), faults)
    today = None
    if study.today is not None and posts is not None:
        part = study.today
        today = _read(lambda: read_deployment(folder.file(part.file), posts, program), faults)
    calls = _read(lambda: _calls(folder, network, program, progress), faults)
    if faults or calls is None or posts is None or periods is None:
        raise _together(faults)
    _refuse_changed(folder, hashes)
    options = len(enumerate_options(program, posts))
    calls, _ = merge_places(calls, program, network, periods=periods, n_options=options)
    return Inputs(
        folder, program, network, calls, posts, districts, today, periods, water, parks, hashes
    )


def _refuse_changed(folder: StudyFolder, hashes: Mapping[str, str]) -> None:
    """Refuse inputs that another program wrote meanwhile.

    Half of each would be planned with, under the hash of one of them.
    """
    now = input_hashes(folder)
    changed = [name for name, digest in now.items() if digest != hashes[name]]
    if folder.stated and hashes[STUDY_FILE] != folder.stated and STUDY_FILE not in changed:
        changed.append(STUDY_FILE)
    if changed:
        raise InputError(
            f"{folder.path}: {', '.join(changed)} changed while being read -- try again once it is "
            "whole"
        )


def _read(read: Callable[[], T], faults: list[CoresponseError]) -> T | None:
    try:
        return read()
    except CoresponseError as error:
        faults.append(error)
        return None


def _together(faults: Sequence[CoresponseError]) -> CoresponseError:
    """Return one error that says what all of them say."""
    if len(faults) == 1:
        return faults[0]
    return InputError("\n".join([f"{len(faults)} inputs cannot be used:", *map(str, faults)]))


def _calls(
    folder: StudyFolder, network: RoadNetwork, program: Program, progress: Progress
) -> CallHistory:
    part = folder.study.calls
    return read_calls(
        [folder.file(name) for name in part.files],
        network=network,
        program=program,
        columns=part.columns,
        crs=part.crs,
        timezone=part.timezone,
        snap_max_m=part.snap_max_m,
        progress=progress,
    )


def _districts(folder: StudyFolder, network: RoadNetwork) -> Districts | None:
    part = folder.study.districts
    if part is None:
        return None
    return read_districts(
        folder.file(part.file),
        network=network,
        id_column=part.id_column,
        name_column=part.name_column,
    )


def _ground(
    folder: StudyFolder, network: RoadNetwork, what: Literal["water", "parks"]
) -> gpd.GeoDataFrame | None:
    file = folder.study.roads.water if what == "water" else folder.study.roads.parks
    return None if file is None else read_ground(folder.file(file), network=network, what=what)


def study_program(folder: StudyFolder) -> Program:
    """Return the program that a study names."""
    part = folder.study.program
    source: str | Path = folder.file(part.file) if part.file else str(part.preset)
    return load_program(source)


def study_periods(study: Study, program: Program) -> tuple[Period, ...]:
    """Return the study's periods, split so that each shift pattern in use is a union of them."""
    used = {name for kind in program.responder_types.values() for name in kind.shift_patterns}
    patterns: dict[str, WeekHours] = {name: program.shift_patterns[name].hours for name in used}
    return split_week([part.period() for part in study.periods], patterns)


def _posts(folder: StudyFolder, network: RoadNetwork) -> Posts:
    part = folder.study.posts
    sources = [
        read_posts(
            folder.file(file.file),
            network=network,
            kind=file.kind,
            columns=file.columns,
            crs=file.crs,
            snap_max_m=part.snap_max_m,
        )
        for file in part.files
    ]
    if part.propose:
        sources.append(propose_posts(network, part.propose, seed=folder.study.seed))
    return combine_posts(sources)
