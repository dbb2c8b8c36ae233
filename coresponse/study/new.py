"""Start a study: copy the inputs into a folder and write a ``study.toml`` that explains itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Item, Table

from coresponse.data.calls.rate import Rate
from coresponse.data.errors import InputError, Proposal
from coresponse.data.faults import Faults
from coresponse.data.known_city import KnownCity
from coresponse.data.names import odd_name, refuse_odd_name
from coresponse.data.posts_osm import area_of, download_posts, save_posts
from coresponse.data.programs.load import load_program, preset_names
from coresponse.data.programs.model import Program
from coresponse.data.progress import Progress, silent
from coresponse.data.roads.cache import save_network
from coresponse.data.roads.download import download_roads, read_polygon
from coresponse.data.roads.read import read_roads
from coresponse.data.shapefile import parts_beside
from coresponse.data.tables.extract import is_extract
from coresponse.study.atomic import whole_folder
from coresponse.study.files import STUDY_FILE
from coresponse.study.folder import StudyFolder, open_study
from coresponse.study.read import read_study
from coresponse.study.settings import SCHEMA


@dataclass(frozen=True)
class NewStudy:
    """What a new study starts from.

    Parameters
    ----------
    roads, place, box, area
        A road file; or a place name, a box (west, south, east, north in degrees) or a file with a
        polygon, for which OSMnx asks OpenStreetMap: one of them.
    calls, posts
        Files; a posts file may be given as ``KIND=FILE``.
    propose
        Posts to be proposed by the tool, at crossings near the calls.
    osm_posts
        Whether OpenStreetMap's stations, hospitals, clinics and town halls are posts: those of the
        road file, if it is an extract, else those that OpenStreetMap answers with.
    program
        A preset's name or a program file.
    districts, today
        Files, if there are any.
    timezone, crs, columns
        Of the calls, where the file does not say: IANA zone, ``EPSG:...``, our column name =
        theirs.
    addresses
        Address points or street centerlines, for files without coordinates; else the roads' file
        serves.
    population, rate
        Residents, and the calls a year of 100,000 of them: demand where no calls are recorded.
    assembly
        Share of these calls at places of assembly of the roads' extract.
    """

    program: str
    calls: tuple[Path, ...] = ()
    posts: tuple[str, ...] = ()
    propose: int = 0
    roads: Path | None = None
    place: str | None = None
    box: tuple[float, float, float, float] | None = None
    area: Path | None = None
    osm_posts: bool = False
    districts: Path | None = None
    today: Path | None = None
    name: str | None = None
    timezone: str | None = None
    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    population: Path | None = None
    addresses: Path | None = None
    rate: Rate | None = None
    assembly: float = 0.0


@dataclass(frozen=True)
class Started:
    """A study that was started, and what was made of its files.

    Attributes
    ----------
    folder
        The study.
    city
        What its files hold.
    decided
        Lines that were written by evidence, since nobody stated them.
    """

    folder: StudyFolder
    city: KnownCity
    decided: tuple[Proposal, ...]


def agree(proposal: Proposal) -> bool:
    """Take a line that evidence proposes."""
    del proposal
    return True


def new_study(
    folder: Path,
    start: NewStudy,
    *,
    force: bool = False,
    ask: Callable[[Proposal], bool] = agree,
    progress: Progress = silent,
) -> Started:
    """Make a study folder and read its files; it appears whole or not at all.

    Parameters
    ----------
    force
        Whether a study that is there is begun again; its results stay.
    ask
        Whether to write a line that evidence proposes and nobody stated, such as a CRS.

    Raises
    ------
    InputError
        If the folder is not empty; with every file that is missing or given twice; or with all that
        is wrong in the files.
    """
    again = force and (folder / STUDY_FILE).is_file()
    if not again and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        cure = "start over with --force" if (folder / STUDY_FILE).is_file() else "remove it"
        raise InputError(
            f"{folder} already exists and is not empty -- choose another folder, or {cure}"
        )
    refuse_odd_name(folder.absolute(), cure="choose another name or place for the study")
    posts = [_split_kind(text) for text in start.posts]
    _check_given(start, [path for _, path in posts])
    program = load_program(start.program)
    with whole_folder(folder) as building:
        document = _document(folder, start, posts, program, building, progress)
        city, decided = _look(building, document, ask, progress)
        if again and (folder / "results").is_dir():
            shutil.copytree(folder / "results", building / "results")
    return Started(open_study(folder), city, decided)


def _look(
    building: Path,
    document: tomlkit.TOMLDocument,
    ask: Callable[[Proposal], bool],
    progress: Progress,
) -> tuple[KnownCity, tuple[Proposal, ...]]:
    """Read all files; where evidence mends a fault or tells more of them, write its line and read again."""
    decided: list[Proposal] = []
    asked: list[Proposal] = []
    while True:
        (building / STUDY_FILE).write_text(tomlkit.dumps(document), encoding="utf-8")
        opened = open_study(building)
        try:
            city = read_study(opened, progress=progress).city
        except InputError as error:
            taken = [p for p in error.proposals if p not in decided and ask(p)]
            if not taken:
                raise InputError(str(error).replace(f"{building}/", "")) from None
        else:
            taken = [p for p in city.calls.proposals if p not in asked and ask(p)]
            asked += city.calls.proposals
            if not taken:
                return city, tuple(decided)
        for proposal in taken:
            _write(document, proposal)
        decided += taken


def _write(document: tomlkit.TOMLDocument, proposal: Proposal) -> None:
    """Write a proposed line where the file is named."""
    named = {f"inputs/{proposal.file}"}
    sections: list[Any] = [document["calls"], document.get("population", {})]
    sections += document["posts"].get("files", [])
    for section in sections:
        if named & {section.get("file"), *section.get("files", ())}:
            value = proposal.value
            section[proposal.key] = value if isinstance(value, str) else _inline(value)


def _split_kind(text: str) -> tuple[str | None, Path]:
    kind, equals, path = text.partition("=")
    if equals and not Path(text).exists():
        return kind.strip(), Path(path.strip())
    return None, Path(text)


def _check_given(start: NewStudy, posts: Sequence[Path]) -> None:
    faults = Faults("the study cannot be started")
    if sum(given is not None for given in (start.roads, start.place, start.box, start.area)) != 1:
        faults.add(
            "roads",
            "give one of: a road file, a place, a box, a polygon",
            "--roads, --place, --box or --area",
        )
    if not start.calls and start.population is None:
        cure = "--calls FILE; or, to assume demand from residents, --population FILE"
        faults.add("calls", "no file of past calls", cure)
    if start.assembly and start.population is None:
        faults.add("assembly", "is of assumed calls", "--population FILE")
    if start.rate is not None and start.population is None:
        faults.add("rate", "is of residents, and no file of them is given", "--population FILE")
    if not posts and not start.propose and not start.osm_posts:
        faults.add("posts", "no posts", "--posts FILE, --osm-posts, or --propose NUMBER")
    if start.program not in preset_names() and not Path(start.program).is_file():
        presets = ", ".join(preset_names())
        faults.add(
            f"program {start.program!r}", "is neither a preset nor a file", f"presets: {presets}"
        )
    given = [
        start.roads,
        start.area,
        start.addresses,
        start.population,
        start.districts,
        start.today,
    ]
    given += [*start.calls, *posts]
    for path in given:
        if path is not None and odd_name(str(path)):
            faults.add(repr(str(path)), f"the name {odd_name(str(path))}", "rename it")
        elif path is not None and not path.is_file():
            faults.add(str(path), "is not there", "check the path")
    faults.raise_if_any()


class _Shelf:
    """Copies files into a study's ``inputs`` folder under names that do not collide."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "inputs"
        self.folder.mkdir()
        self.taken: dict[str, Path] = {}

    def put(self, path: Path) -> str:
        name = (
            "".join(c if c.isalnum() or c in "._-" else "_" for c in path.name).lstrip(".")
            or "file"
        )
        stem, dot, rest = name.partition(".")
        number = 1
        while self.taken.get(name.lower(), path) != path:
            number += 1
            name = f"{stem}-{number}{dot}{rest}"
        if name.lower() not in self.taken:
            self.taken[name.lower()] = path
            shutil.copyfile(path, self.folder / name)
            for part in parts_beside(path):
                shutil.copyfile(part, self.folder / Path(name).with_suffix(part.suffix.lower()))
        return f"inputs/{name}"


def _document(
    folder: Path,
    start: NewStudy,
    posts: Sequence[tuple[str | None, Path]],
    program: Program,
    building: Path,
    progress: Progress,
) -> tomlkit.TOMLDocument:
    shelf = _Shelf(building)
    out = tomlkit.document()
    out.add(
        tomlkit.comment(f"A coresponse study. Look it over, then: coresponse check {folder.name}")
    )
    out.add("schema", tomlkit.item(SCHEMA))
    out.add("name", tomlkit.item(start.name or folder.name))
    out.add("seed", tomlkit.item(1))
    roads = _roads(start, shelf, building, progress)
    out.add("roads", _table({"file": roads}))
    out.add("calls", _calls(start, shelf))
    if start.addresses is not None:
        out.add("addresses", _table({"file": shelf.put(start.addresses)}))
    if start.population is not None:
        out.add("population", _population(start.population, start, shelf))
    osm = _osm_posts(start, shelf, building, roads, progress)
    out.add("posts", _posts(posts, start.propose, shelf, osm))
    if start.districts:
        out.add("districts", _table({"file": shelf.put(start.districts)}))
    is_preset = start.program in preset_names()
    stated = {"preset": start.program} if is_preset else {"file": shelf.put(Path(start.program))}
    out.add("program", _table(stated))
    if start.today:
        out.add("today", _table({"file": shelf.put(start.today)}))
    out.add("limits", _limits(program))
    goals = {"goal": "or share_in_time: the share reached within the standard"}
    out.add("objective", _table({"goal": "mean_response"}, goals))
    return out


def _calls(start: NewStudy, shelf: _Shelf) -> Table:
    stated: dict[str, object] = {}
    if start.calls:
        stated["files"] = [shelf.put(path) for path in start.calls]
    given = {"timezone": start.timezone, "crs": start.crs}
    stated |= {key: value for key, value in given.items() if value}
    stated["snap_max_m"] = 500.0
    table = _table(stated, {"snap_max_m": "meters; calls farther from a road are set aside"})
    if start.columns:
        table.add("columns", _table(dict(start.columns)))
    if not start.calls:
        table.add(tomlkit.comment("Once there are past calls, they take the place of the assumed:"))
        table.add(tomlkit.comment('files = ["inputs/calls.csv"]'))
    return table


def _limits(program: Program) -> Table:
    table = tomlkit.table()
    for line in (
        "At most this many responders by type; also: roles, budget_per_year, max_per_post,",
        "staff_hours_per_week, posts_must, posts_may, posts_not, keep_today, moves_at_most.",
    ):
        table.add(tomlkit.comment(line))
    table.add("units", _inline(program.default_units))
    return table


def _population(path: Path, start: NewStudy, shelf: _Shelf) -> Table:
    rate = start.rate or Rate()
    stated: dict[str, object] = {
        "file": shelf.put(path),
        "rate": rate.planned,
        "rate_low": rate.low,
        "rate_high": rate.high,
    }
    said = {
        "rate": "calls a year per 100,000 residents, of classes that a responder type takes",
        "rate_low": "low end of its range, which every band carries",
        "assembly": "share of the calls that come from places of assembly, not from homes",
    }
    if start.assembly:
        stated["assembly"] = start.assembly
    return _table(stated, said)


def _roads(start: NewStudy, shelf: _Shelf, building: Path, progress: Progress) -> str:
    if start.roads is not None:
        return shelf.put(start.roads)
    progress("asking OpenStreetMap for the roads", 0, 1)
    polygon = read_polygon(start.area) if start.area is not None else None
    network = download_roads(place=start.place, polygon=polygon, box=start.box)
    save_network(network, building / "inputs" / "roads.npz")
    progress("asking OpenStreetMap for the roads", 1, 1)
    return "inputs/roads.npz"


def _osm_posts(
    start: NewStudy, shelf: _Shelf, building: Path, roads: str, progress: Progress
) -> str | None:
    """Return the file of OpenStreetMap's posts: the roads' own, if it is an extract, else one that is asked for."""
    if not start.osm_posts:
        return None
    if start.roads is not None and is_extract(start.roads):
        return shelf.put(start.roads)
    progress("asking OpenStreetMap for stations and hospitals", 0, 1)
    target = building / "inputs" / "posts_osm.gpkg"
    save_posts(download_posts(area_of(read_roads(building / roads, progress=progress))), target)
    progress("asking OpenStreetMap for stations and hospitals", 1, 1)
    return f"inputs/{target.name}"


def _posts(
    posts: Sequence[tuple[str | None, Path]], propose: int, shelf: _Shelf, osm: str | None
) -> Table:
    table = tomlkit.table()
    if posts or osm is not None:
        listed = tomlkit.array()
        if osm is not None:
            listed.append(_inline({"file": osm}))
        for kind, path in posts:
            row = {"file": shelf.put(path)} | ({"kind": kind} if kind else {})
            listed.append(_inline(row))
        table.add("files", listed.multiline(multiline=True))
    if propose:
        table.add("propose", tomlkit.item(propose))
    return table


def _table(values: Mapping[str, object], comments: Mapping[str, str] | None = None) -> Table:
    table = tomlkit.table()
    for key, value in values.items():
        item: Item = tomlkit.item(value)
        if comments and key in comments:
            item.comment(comments[key])
        table.add(key, item)
    return table


def _inline(values: Mapping[str, object]) -> Item:
    table = tomlkit.inline_table()
    table.update(dict(values))
    return table
