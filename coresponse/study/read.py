"""Read a study: from its folder to a city, and the case that it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from coresponse.coverage.living import people_by_district
from coresponse.coverage.places import merge_places
from coresponse.coverage.response import enumerate_options
from coresponse.coverage.validation.city import calibrated_city, fit_city, speeds_sentence
from coresponse.coverage.validation.recorded import Recorded
from coresponse.coverage.validation.units import check_units
from coresponse.data.calls.history import CallHistory, refuse_if_none_on_roads
from coresponse.data.city import City
from coresponse.data.deployments import read_deployment
from coresponse.data.errors import CoresponseError, InputError, together
from coresponse.data.ground_osm import ExtractGround
from coresponse.data.known_city import KnownCity, program_periods
from coresponse.data.options import Deployment
from coresponse.data.population import Population
from coresponse.data.posts import Posts
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.network import RoadNetwork
from coresponse.data.roads.read import read_roads
from coresponse.data.spare_memory import give_back
from coresponse.data.standards import Standard, standard_by_area
from coresponse.data.words import and_said
from coresponse.optimize.build import check_limits
from coresponse.optimize.case import Case
from coresponse.study.files import STUDY_FILE
from coresponse.study.folder import StudyFolder, open_study
from coresponse.study.parts import (
    look_without_roads,
    study_addresses,
    study_agencies,
    study_calls,
    study_districts,
    study_ground,
    study_population,
    study_posts,
    study_posts_files,
    study_program,
    study_residents,
)
from coresponse.study.provenance import input_hashes
from coresponse.study.settings import Study

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class LoadedStudy:
    """A study whose inputs were read.

    Attributes
    ----------
    folder
        Where it is, and what its file states.
    city
        What is known.
    hashes
        SHA-256 of each file as it was read, by its path in the study.
    stated
        The city before its speeds were calibrated; None where they are as stated.
    """

    folder: StudyFolder
    city: KnownCity
    hashes: Mapping[str, str] = field(default_factory=dict)
    stated: KnownCity | None = None

    def __repr__(self) -> str:
        """Say it in a line."""
        return f"<LoadedStudy {str(self.folder.path)!r}: {self.city!r}>"

    @property
    def settings(self) -> Study:
        """The study as its file states it."""
        return self.folder.study

    @cached_property
    def case(self) -> Case:
        """The question that the study asks."""
        return study_case(self.settings, self.city)

    @property
    def stated_case(self) -> Case:
        """The question at speeds as stated: what records are held against."""
        return self.case if self.stated is None else study_case(self.settings, self.stated)


def study_case(study: Study, city: KnownCity) -> Case:
    """Return the question of a study, to a city."""
    objective = study.objective
    standards = study_standards(study, city)
    reach_min = objective.reach_limit_min
    if standards is not None and "reach_limit_min" not in objective.model_fields_set:
        reach_min = max(reach_min, standards.longest_s / 60)
    return Case(
        city,
        limits=study.limits,
        goal=objective.goal,
        floors=objective.floors,
        busy=objective.busy_units,
        target_min=objective.target_min,
        standards=standards,
        reach_limit_min=reach_min,
        evaluation=study.judging,
        solver=study.solver,
        seed=study.seed,
        planning_year=study.calls.planning_year,
    )


def study_standards(study: Study, city: KnownCity) -> Standard | None:
    """Return a study's standards by area and class; None where one holds for all calls.

    Raises
    ------
    InputError
        If the areas of the districts are not known.
    """
    part = study.standards
    if part is None:
        return None
    return standard_by_area(
        part.stated,
        city.districts,
        tuple(city.program.call_classes),
        other_min=study.objective.target_min or city.program.standards.target_min.value,
        by_column=part.district_column is not None,
        people=people_by_district(city),
    )


def read_study(path: Path | str | StudyFolder, *, progress: Progress = silent) -> LoadedStudy:
    """Read a study's inputs, check them, and place them on the road network.

    Raises
    ------
    CoresponseError
        With the file, the place in it, and the cure; also if a file changed while it was read.
    """
    folder = path if isinstance(path, StudyFolder) else open_study(Path(path))
    hashes = input_hashes(folder)
    study = folder.study
    faults: list[CoresponseError] = []
    program = _read(lambda: study_program(folder), faults)
    network = _read(lambda: read_roads(folder.file(study.roads.file), progress=progress), faults)
    if program is None or network is None:
        for look in look_without_roads(folder, program):
            _read(look, faults)
        raise _together(faults)
    # each is read whatever is wrong with the others, so that a planner hears of everything at once
    placed = _placed(folder, network, program, faults, progress)
    posts, population, calls = placed.posts, placed.population, placed.calls
    districts = _read(lambda: study_districts(folder, network), faults)
    living = _read(lambda: study_residents(folder, network), faults)
    ground = _read(lambda: study_ground(folder, network, faults), faults) or ExtractGround()
    stated = tuple(part.period() for part in study.periods)
    periods = _read(lambda: program_periods(program, stated), faults)
    today = None
    if study.today is not None:
        file, units = folder.file(study.today.file), study.today.units
        today = _read(lambda: read_deployment(file, posts, program), faults)
        if posts is not None:
            _read(lambda: check_units(units, posts, program), faults)
    _read(lambda: refuse_if_none_on_roads(calls), faults)
    if faults and posts is not None:
        # else the case refuses them, with what else a plan would refuse
        there = today if today is not None or study.today is None else Deployment.of("today", {})
        limits = study.limits.model_copy(update={"agencies": {}})  # whose names are not known yet
        _read(lambda: check_limits(limits, program, posts, there), faults)
    agencies = None
    if not faults and posts is not None:
        agencies = _read(lambda: study_agencies(study, districts, posts), faults)
    if faults or calls is None or posts is None or periods is None:
        raise _together(faults)
    _refuse_changed(folder, hashes)
    options = len(enumerate_options(program, posts))
    calls, _ = merge_places(calls, program, network, periods=periods, n_options=options)
    city = City(
        roads=network,
        calls=calls,
        posts=posts,
        program=program,
        periods=periods,
        districts=districts,
        today=today,
        water=ground.water,
        parks=ground.parks,
        landmarks=ground.landmarks,
        stated_periods=stated,
        name=study.name,
        notice=_notice(study.notice, calls),
        attribution=study.roads.attribution,
        post_snap_max_m=study.posts.snap_max_m,
        today_units={} if study.today is None else study.today.units,
        residents=None if population is None else population.total,
        living=living,
        agencies=agencies,
    )
    give_back()
    case = study_case(study, city)
    case.growth  # noqa: B018  a year that no trend reaches is refused here, not when a plan is asked for
    if study.speeds == "stated":
        return LoadedStudy(folder, city, hashes)
    return LoadedStudy(folder, _calibrated(case, progress), hashes, city)


def _calibrated(case: Case, progress: Progress) -> KnownCity:
    """Return the city at the speeds of its own records, and say so wherever its notice is."""
    city, known = case.city, Recorded.of(case.city)
    runs = known.replayed(
        case.evaluation, target_s=case.standard, seed=case.seed, progress=progress
    )
    found = fit_city(known, runs, progress=progress)
    said = speeds_sentence(city, found)
    return replace(calibrated_city(city, found), notice=and_said(city.notice, said))


@dataclass(frozen=True, eq=False)
class _Placed:
    """What is placed on the roads; None where it could not be read, or there is none."""

    posts: Posts | None
    population: Population | None
    calls: CallHistory | None


def _placed(
    folder: StudyFolder,
    network: RoadNetwork,
    program: Program,
    faults: list[CoresponseError],
    progress: Progress,
) -> _Placed:
    addresses = study_addresses(folder, network)
    files = _read(lambda: study_posts_files(folder, network, addresses), faults)
    population = _read(lambda: study_population(folder, network), faults)
    calls = _read(
        lambda: study_calls(folder, network, program, population, addresses, progress), faults
    )
    if calls is not None and calls.assumed is None and population is not None:
        calls = replace(calls, notes=(*calls.notes, *population.notes))
    posts = None
    if files is not None:
        posts = _read(lambda: study_posts(folder, network, program, files, calls), faults)
    return _Placed(posts, population, calls)


def _refuse_changed(folder: StudyFolder, hashes: Mapping[str, str]) -> None:
    """Refuse inputs that another program wrote meanwhile.

    Half of each would be planned with, under the hash of one of them.
    """
    now = input_hashes(folder)
    names = sorted({*now, *hashes})  # a part of a shapefile may have come or gone
    changed = [name for name in names if now.get(name) != hashes.get(name)]
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
    return together(faults, f"{len(faults)} inputs cannot be used:")


def _notice(stated: str, calls: CallHistory) -> str:
    """Return what stands on every page: first of all, that nobody recorded the calls."""
    return " ".join(filter(None, (f"{calls.assumed}." if calls.assumed else "", stated)))
