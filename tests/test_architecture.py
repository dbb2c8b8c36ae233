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
