"""Read one part of a study at a time, as its file states it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from coresponse.coverage.demand import eligible_classes
from coresponse.data.addresses.match import Addresses
from coresponse.data.addresses.read import read_addresses
from coresponse.data.agencies import Agencies
from coresponse.data.agencies_read import agencies_of
from coresponse.data.calls.assumed import assume_calls
from coresponse.data.calls.history import CallHistory
from coresponse.data.calls.mental_health import MentalHealthColumn
from coresponse.data.calls.opening import open_history
from coresponse.data.calls.read import read_calls
from coresponse.data.calls.span import StatedDays
from coresponse.data.calls.times import time_zone
from coresponse.data.deployments import read_deployment
from coresponse.data.district_layers import read_districts
from coresponse.data.districts import Districts
from coresponse.data.errors import CoresponseError
from coresponse.data.ground import read_ground
from coresponse.data.ground_osm import ExtractGround, read_extract_ground
from coresponse.data.hashes import refuse_same_file
from coresponse.data.population import Population, read_population
from coresponse.data.posts import Posts
from coresponse.data.posts_propose import propose_posts
from coresponse.data.posts_read import combine_posts, open_posts, read_posts
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress
from coresponse.data.resident_groups import Residents
from coresponse.data.residents import read_residents
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.snap import snap
from coresponse.data.tables.extract import places_of_assembly
from coresponse.study.folder import StudyFolder
from coresponse.study.settings import Study


def study_addresses(folder: StudyFolder, network: RoadNetwork) -> Addresses:
    """Return the city's address book, read once and only if a file has no coordinates."""
    part = folder.study.addresses
    file = folder.file(folder.study.roads.file if part is None else part.file)
    return cache(lambda: read_addresses(file, network.crs))


def study_population(folder: StudyFolder, network: RoadNetwork) -> Population | None:
    """Return the residents that calls are assumed by; None where the study names no such file."""
    part = folder.study.population
    if part is None:
        return None
    return read_population(
        folder.file(part.file),
        network=network,
        column=part.column,
        crs=part.crs,
        snap_max_m=folder.study.calls.snap_max_m,
    )


def study_residents(folder: StudyFolder, network: RoadNetwork) -> Residents | None:
    """Return the residents by group; None where the study names no such file."""
    part = folder.study.residents
    if part is None:
        return None
    return read_residents(
        folder.file(part.file),
        part.groups,
        network=network,
        column=part.column,
        values=part.values,
        crs=part.crs,
        snap_max_m=folder.study.calls.snap_max_m,
    )


def study_calls(
    folder: StudyFolder,
    network: RoadNetwork,
    program: Program,
    population: Population | None,
    addresses: Addresses,
    progress: Progress,
) -> CallHistory | None:
    """Return the past calls, or those assumed by residents; None where these could not be read."""
    part, residents = folder.study.calls, folder.study.population
    if not part.files:
        if population is None or residents is None:
            return None  # the fault of the file of residents is told
        gathering = _gathering(folder, network) if residents.assembly else None
        return assume_calls(
            population,
            residents.stated,
            network=network,
            program=program,
            class_shares=residents.class_shares,
            timezone=part.timezone,
            gathering=gathering,
            gathering_share=residents.assembly,
        )
    return read_calls(
        [folder.file(name) for name in part.files],
        network=network,
        program=program,
        columns=part.columns,
        crs=part.crs,
        timezone=part.timezone,
        day_first=part.day_first,
        snap_max_m=part.snap_max_m,
        stated=StatedDays(part.first_day, part.last_day),
        addresses=addresses,
        mental_health=None
        if part.mental_health is None
        else MentalHealthColumn(**part.mental_health.model_dump()),
        progress=progress,
    )


def _gathering(folder: StudyFolder, network: RoadNetwork) -> NDArray[np.int32]:
    """Return the crossings nearest to the places of assembly of the roads' extract."""
    degrees = places_of_assembly(folder.file(folder.study.roads.file))
    there = Transformer.from_crs("EPSG:4326", network.crs, always_xy=True)
    x, y = there.transform(degrees[:, 0], degrees[:, 1])
    node, _ = snap(network, np.asarray(x), np.asarray(y), folder.study.calls.snap_max_m)
    return node[node >= 0]


def study_districts(folder: StudyFolder, network: RoadNetwork) -> Districts | None:
    """Return the districts; None where the study names no such file."""
    part = folder.study.districts
    if part is None:
        return None
    return read_districts(
        folder.file(part.file),
        network=network,
        id_column=part.id_column,
        name_column=part.name_column,
        area_column=None
        if folder.study.standards is None
        else folder.study.standards.district_column,
        agency_column=None
        if folder.study.agencies is None
        else folder.study.agencies.district_column,
    )


def study_agencies(study: Study, districts: Districts | None, posts: Posts) -> Agencies | None:
    """Return whose posts and districts are whose; None for one agency."""
    part = study.agencies
    if part is None:
        return None
    return agencies_of(
        districts,
        posts,
        stated_districts=part.districts,
        stated_posts=part.posts,
        sharing=part.sharing,
        split=part.split,
    )


def study_ground(
    folder: StudyFolder, network: RoadNetwork, faults: list[CoresponseError]
) -> ExtractGround:
    """Return what maps show beneath the roads: the study's own files, else what the roads' extract has."""
    part = folder.study.roads
    found = read_extract_ground(folder.file(part.file), network=network)
    for what, file in (("water", part.water), ("parks", part.parks)):
        if file is not None:
            try:  # both files are read, whatever is wrong with one of them
                shapes = read_ground(folder.file(file), network=network, what=what)
                found = found.with_own(what, shapes)
            except CoresponseError as error:
                faults.append(error)
    return found


def look_without_roads(folder: StudyFolder, program: Program | None) -> Iterator[Callable[[], Any]]:
    """Yield readers of what can be said of the other files while the roads, or the program, are at fault.

    Whether each can be read, has its columns, and whose dates are dates: so that a planner hears of
    it at once.
    """
    study = folder.study
    calls = study.calls
    if calls.files:
        yield lambda: open_history(
            [folder.file(name) for name in calls.files],
            columns=calls.columns,
            day_first=calls.day_first,
            zone=time_zone(calls.timezone),
        ).refuse_faults()
    for post in study.posts.files:
        yield lambda post=post: open_posts(folder.file(post.file), post.columns)  # type: ignore[misc]
    if study.today is not None and program is not None:
        file = folder.file(study.today.file)
        yield lambda: read_deployment(file, None, program)


def study_program(folder: StudyFolder) -> Program:
    """Return the program that a study names."""
    part = folder.study.program
    source: str | Path = folder.file(part.file) if part.file else str(part.preset)
    program, by_area = load_program(source), folder.study.standards
    fallback = None if by_area is None else by_area.fallback()
    if fallback is None:
        return program
    standards = program.standards.model_copy(update={"fallback_min": fallback})
    return program.model_copy(update={"standards": standards})


def study_posts_files(
    folder: StudyFolder, network: RoadNetwork, addresses: Addresses
) -> tuple[Posts, ...]:
    """Return the posts of each file."""
    part = folder.study.posts
    refuse_same_file([folder.file(file.file) for file in part.files])
    return tuple(
        read_posts(
            folder.file(file.file),
            network=network,
            kind=file.kind,
            columns=file.columns,
            crs=file.crs,
            snap_max_m=part.snap_max_m,
            addresses=addresses,
        )
        for file in part.files
    )


def study_posts(
    folder: StudyFolder,
    network: RoadNetwork,
    program: Program,
    files: Sequence[Posts],
    calls: CallHistory | None,
) -> Posts:
    """Return the posts of all files with those that are proposed, near the calls that a responder type takes."""
    part = folder.study.posts
    if not part.propose:
        return combine_posts(files)
    demand = None
    if calls is not None:
        taken = calls.frame["call_class"].isin(eligible_classes(program)).to_numpy()
        nodes = network.crossing(calls.frame["node"].to_numpy()[taken])
        demand = np.bincount(nodes, minlength=network.n_nodes).astype(np.float64)
    given = [network.crossing(posts.frame["node"].to_numpy()) for posts in files]
    proposed = propose_posts(
        network,
        part.propose,
        seed=folder.study.seed,
        demand=demand,
        given=np.concatenate(given) if given else None,
    )
    return combine_posts([*files, proposed])
