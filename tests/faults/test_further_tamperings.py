"""Further ways to tamper with a run, public, ended early and internal: what a careful forger would try."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coresponse.data.errors import CoresponseError
from coresponse.publish.disclosure import INTERNAL
from coresponse.publish.plan import publish_plan
from tests.faults.test_sixty_tamperings import Tamper, Town, ended_early, told, town

assert town  # the fixture


def file(run: Path, name: str) -> Path:
    """A file of a run by its name in a public one: an internal run's begin with INTERNAL."""
    (found,) = (run / name).parent.glob(f"*{Path(name).name}")
    return found


def text(name: str, change: Callable[[str], str]) -> Tamper:
    def spoil(run: Path) -> None:
        path = file(run, name)
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, encoding="utf-8")

    return spoil


def rewritten(change: Callable[[dict[str, Any]], object]) -> Tamper:
    def spoil(run: Path) -> None:
        path = run / "plan.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    return spoil


def split_row(content: dict[str, Any]) -> None:
    """Two rows of one option, with the same sum."""
    first = content["deployment"][0]
    content["deployment"].insert(0, {**first, "count": 0})


def timing(change: Callable[[dict[str, Any]], object]) -> Tamper:
    def spoil(run: Path) -> None:
        path = run / "internal" / "timing.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    return spoil


STEP = {"seconds": 1.0, "incumbent": 1.0, "bound": 1.0, "stage": "C001 at home, 1 Main Street"}


def table(run: Path) -> None:
    with sqlite3.connect(file(run, "plan.gpkg")) as database:
        database.execute("CREATE TABLE notes (said TEXT)")
    database.close()


def version(run: Path) -> None:
    with sqlite3.connect(file(run, "plan.gpkg")) as database:
        database.execute("PRAGMA user_version = 7")
    database.close()


def named(name: bytes) -> Tamper:
    return lambda run: Path(os.fsdecode(os.fsencode(run) + b"/" + name)).write_text("x", "utf-8")


def upper_case(run: Path) -> None:
    path = file(run, "map.html")
    path.rename(path.with_name(path.name.swapcase()))


def folder(run: Path) -> None:
    path = file(run, "figures.csv")
    path.unlink()
    path.mkdir()


def last_row(name: str) -> Tamper:
    return text(name, lambda said: said[: said.rstrip("\n").rindex("\n") + 1])


FURTHER: dict[str, Tamper] = {
    # plan.json, with the same meaning or almost
    "keys in another order": rewritten(lambda c: c.update({"study": c.pop("study")})),
    "a key that is none": told("approved_by", to="the council"),
    "a key that is none, in a row": told("deployment", 0, "approved", to=True),
    "a letter by its number": text("plan.json", lambda s: s.replace('"run"', '"\\u0072un"', 1)),
    "ends of lines of Windows": lambda run: (run / "plan.json").write_bytes(
        (run / "plan.json").read_bytes().replace(b"\n", b"\r\n")
    ),
    "a byte-order mark": lambda run: (run / "plan.json").write_bytes(
        b"\xef\xbb\xbf" + (run / "plan.json").read_bytes()
    ),
    "words after its end": text("plan.json", lambda s: s + " " * 100),
    "a whole number as a float": text("plan.json", lambda s: s.replace('"count": 1', '"count": 1.0', 1)),
    "a share a whisker higher": told("measures", "plan", "share_in_time", to=lambda v: v + 1e-9),
    "a row of nobody": rewritten(split_row),
    "rows in another order": rewritten(lambda c: c["deployment"].reverse() or c["deployment"].append(c["deployment"].pop(0))),
    "a figure taken away": rewritten(lambda c: c["measures"]["plan"].pop("share_in_time")),
    "a figure as text": told("measures", "plan", "share_in_time", to=str),
    "a judge of nobody's": rewritten(lambda c: c["judgments"].update(mayor=c["judgments"]["plan"])),
    "a reading of no calls": told("inputs", "calls", "events", to=10**6),
    # files
    "a name that is not UTF-8": named(b"map-\xff.html"),
    "a name with a line of praise": named(b"x\nplan: verified.\n"),
    "a name with a code of the terminal": named(b"x\x1b[2J.html"),
    "letters of a name in another case": upper_case,
    "a page with an end of its own": text("map.html", lambda s: s + "<script>alert(1)</script>"),
    "a page with a mark at its start": lambda run: file(run, "report.html").write_bytes(
        b"\xef\xbb\xbf" + file(run, "report.html").read_bytes()
    ),
    "a page cut short": lambda run: os.truncate(file(run, "report.html"), 1000),
    "a page emptied": lambda run: os.truncate(file(run, "map.html"), 0),
    "a further table of the GeoPackage": table,
    "a number of the GeoPackage's head": version,
    "a row set aside taken away": last_row("internal/funnel.csv"),
    "a folder in place of a file": folder,
    # what says how long the work took
    "a place hidden in a step": timing(lambda c: c["steps"].append(STEP)),
    "a number of a thousand digits": timing(lambda c: c.update(solve_seconds=10**1000)),
    "seconds twice, once as words": text(
        "internal/timing.json", lambda s: s.replace("{", '{"solve_seconds": "at home",', 1)
    ),
    "spaces that count": text("internal/timing.json", lambda s: s.replace("{", "{ \t  \t", 1)),
}  # fmt: skip


@pytest.fixture(scope="module")
def kinds(town: Town) -> Town:
    for name, found in (("internal", town.planned), ("internal, ended", ended_early(town.planned))):
        published = publish_plan(found, INTERNAL)
        town.runs[name] = town.write(published, town.base, town.study.hashes)
    return town


@pytest.mark.parametrize("kind", ["internal", "internal, ended"])
def test_an_untouched_internal_run_stands_up(kind: str, kinds: Town, tmp_path: Path) -> None:
    found = kinds.verify(kinds.copy(kind, tmp_path / "town"))
    assert found.stands, found.faults


@pytest.mark.parametrize("kind", ["proven", "internal, ended"])
@pytest.mark.parametrize("name", FURTHER)
def test_a_further_tampering_is_found(name: str, kind: str, kinds: Town, tmp_path: Path) -> None:
    run = kinds.copy(kind, tmp_path / "town")
    FURTHER[name](run)
    try:
        found = kinds.verify(run)
    except CoresponseError as error:
        str(error).encode()  # refused, in words that can be written
        return
    assert not found.stands
    said = "\n".join(found.lines())
    said.encode()  # a name that is not UTF-8 could not be written
    assert not set(said) & set(map(chr, {*range(32)} - {10}))
    assert all(line.startswith((run.name, "  ", *STARTS)) for line in said.split("\n"))


STARTS = ("Inputs", "Plan", "Search", "Files", "Judges", "Note", "Not checked")


@pytest.mark.parametrize("kind", ["internal", "internal, ended"])
def test_an_internal_run_passed_off_as_public(kind: str, kinds: Town, tmp_path: Path) -> None:
    run = kinds.copy(kind, tmp_path / "town")
    rewritten(lambda c: [c.pop(key) for key in list(c) if c[key] == "INTERNAL"])(run)
    for path in run.rglob("*.html"):
        path.write_text(path.read_text("utf-8").replace("INTERNAL", "PUBLIC"), "utf-8")
    assert not kinds.verify(run).stands
    public = kinds.copy("proven", tmp_path / "other" / "town")
    shutil.rmtree(run / "internal", ignore_errors=True)
    shutil.copytree(public / "internal", run / "internal")
    assert not kinds.verify(run).stands
