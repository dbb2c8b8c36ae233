"""The shape of the house: which room may import which, and how the wheel is laid out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("data", "coverage", "optimize", "maps")


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_to_its_left(room: str) -> None:
    allowed = ROOMS[: ROOMS.index(room) + 1]
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        ours = {
            name
            for name in _imports(path)
            if name.split(".")[0] == "coresponse" and name != "coresponse"
        }
        bad = sorted(name for name in ours if name.split(".")[1] not in allowed)
        assert not bad, f"{path.relative_to(ROOT)} imports {bad}"
        loose = sorted(name for name in _imports(path) if name.split(".")[0] in ROOMS)
        assert not [name for name in loose if name.split(".")[0] != "coverage"], (
            f"{path}: import as coresponse.<room>"
        )


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_no_package_of_its_own(room: str) -> None:
    # with an __init__.py, `import coverage` at the root would find the room in place of coverage.py
    assert not (ROOT / room / "__init__.py").exists()


def test_only_one_module_touches_the_solver_interface() -> None:
    # whatever PuLP or HiGHS change in how solvers are called is then changed in one place
    touches = re.compile(
        r"\bhighspy\b|\bsolverModel\b|\bsol_status\b|\bgetSolver\b|\blistSolvers\b|pulp\.HiGHS|pulp\.LpSol"
    )
    files = {
        path.relative_to(ROOT).as_posix(): path
        for room in (*ROOMS, "coresponse")
        for path in (ROOT / room).rglob("*.py")
        if not (room == "coresponse" and path.relative_to(ROOT).parts[1] in ROOMS)
    }
    touching = {
        name
        for name, path in files.items()
        if any(module.split(".")[0] in {"pulp", "highspy"} for module in _imports(path))
        and (
            touches.search(path.read_text(encoding="utf-8"))
            or ".solve(" in path.read_text(encoding="utf-8")
        )
    }
    assert touching == {"optimize/pulp_solvers.py"}


def test_nobody_reaches_into_the_solver_module() -> None:
    for room in (*ROOMS, "coresponse"):
        for path in (ROOT / room).rglob("*.py"):
            private = [
                name
                for name in _imports(path)
                if name.startswith("coresponse.optimize.pulp_solvers._")
            ]
            assert not private, f"{path.relative_to(ROOT)} imports {private}"


INNER = ("study", "questions", "publish", "results", "app", "cli")
"""Rooms of the front door; each imports those to its left, and the four."""

RULES = {"city", "paired", "replay", "rounding", "suppression"}
"""Modules of publish/ that hold rules of disclosure; others are given what comes out of them."""


@pytest.mark.parametrize("room", INNER)
def test_the_rooms_of_the_front_door_look_to_their_left_only(room: str) -> None:
    allowed = (*ROOMS, *INNER[: INNER.index(room) + 1])
    files = sorted((ROOT / "coresponse" / room).rglob("*.py"))
    assert files
    for path in files:
        ours = [name.split(".") for name in _imports(path) if name.startswith("coresponse.")]
        bad = sorted(".".join(name) for name in ours if name[1] not in {*allowed, "__version__"})
        assert not bad, f"{path.relative_to(ROOT)} imports {bad}"


def test_only_publish_knows_the_rules_of_disclosure() -> None:
    outside = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "coresponse").rglob("*.py")
        if path.relative_to(ROOT).parts[1] not in {*ROOMS, "publish"}
        for name in _imports(path)
        if name.startswith("coresponse.publish.") and name.split(".")[2] in RULES
    }
    # the names of a figure and of a cell without one, for tables
    assert outside == {"coresponse/results/report/districts.py", "coresponse/results/tables.py"}


def test_maps_are_given_finished_values() -> None:
    for path in (ROOT / "maps").rglob("*.py"):
        bad = [name for name in _imports(path) if re.match(r"coresponse\.(?!data\b|maps\b)", name)]
        assert not bad, f"{path.relative_to(ROOT)} imports {bad}"
