"""The shape of the house: which room may import which, and how the wheel is laid out.

docs/architecture.md has the same in words; tests/test_face.py holds the public face.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("data", "coverage", "optimize", "maps")
MAY_IMPORT = {
    "data": "",
    "coverage": "data",
    "optimize": "coverage data",
    "maps": "data",
    "study": "optimize coverage data",
    "questions": "study optimize coverage data",
    "publish": "questions study optimize coverage data",
    "results": "publish questions study optimize coverage data maps",
    "app": "results publish questions study optimize coverage data maps",
    "cli": "app results publish questions study optimize coverage data",
}
"""The arrows: each room, and the rooms that it may import besides itself."""
FLAT_AT_MOST = 3
"""Modules directly in coresponse/, besides `__init__` and `__main__`; only cli/ may import them."""
LONGEST_CHAIN = 18
"""Modules from a command down to what imports nothing of ours. Types stand apart from what makes them."""
RULES = {f"coresponse.publish.{name}" for name in ("suppression", "rounding", "city")}
"""The disclosure rules: what hides counts and rounds figures. (`disclosure` only chooses between them.)"""


@cache
def _modules() -> dict[str, Path]:
    """Return each module of ours by the name that it is imported under; not through the links."""
    found = {}
    for top in (*ROOMS, "coresponse"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if top == "coresponse" and parts[1] in ROOMS:
                continue
            parts = parts if top == "coresponse" else ("coresponse", *parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def _imports(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def _ours(path: Path) -> list[str]:
    """List what a file imports of our own."""
    return sorted(name for name in _imports(path) if name.startswith("coresponse."))


def _modules_in(room: str) -> dict[str, Path]:
    return {
        name: path
        for name, path in _modules().items()
        if name == f"coresponse.{room}" or name.startswith(f"coresponse.{room}.")
    }


# ---- arrows ----


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_arrows_between_rooms_run_one_way(room: str) -> None:
    allowed = {room, *MAY_IMPORT[room].split()}
    modules = _modules_in(room)
    assert modules
    flat = {name.split(".")[1] for name in _flat()}
    if room == "cli":
        allowed |= flat
    bad = {
        module: names
        for module, path in modules.items()
        if (names := [name for name in _ours(path) if name.split(".")[1] not in allowed])
    }
    assert bad == {}


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_are_imported_as_parts_of_the_package(room: str) -> None:
    # `import coverage` finds coverage.py, or the folder, by where Python was started
    for module, path in _modules_in(room).items():
        loose = {name for name in _imports(path) if name.split(".")[0] in ROOMS}
        assert loose == set(), f"{module}: import as coresponse.<room>"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_no_package_of_its_own(room: str) -> None:
    # with an __init__.py, `import coverage` at the root would find the room in place of coverage.py
    assert not (ROOT / room / "__init__.py").exists()


def test_every_folder_is_a_room_with_arrows() -> None:
    outside = {"coresponse.__main__", *_flat()}
    folders = {name.split(".")[1] for name in _modules() if "." in name and name not in outside}
    assert folders == set(MAY_IMPORT)


def test_few_modules_stand_outside_the_rooms() -> None:
    assert len(_flat()) <= FLAT_AT_MOST, _flat()


def _flat() -> list[str]:
    """List the modules directly in coresponse/."""
    outside = {"__init__.py", "__main__.py"}
    return [f"coresponse.{p.stem}" for p in (ROOT / "coresponse").glob("*.py") if p.name not in outside]  # fmt: skip


def test_no_chain_of_imports_is_long() -> None:
    # who changes a module must know what it stands on, all the way down
    graph = {name: [other for other in _ours(path) if other in _modules()] for name, path in _modules().items()}  # fmt: skip
    chains: dict[str, list[str]] = {}

    def chain(name: str) -> list[str]:
        if name not in chains:
            below = max((chain(other) for other in graph[name]), key=len, default=[])
            chains[name] = [name, *below]
        return chains[name]

    longest = max((chain(name) for name in graph if name != "coresponse"), key=len)
    assert len(longest) <= LONGEST_CHAIN, " > ".join(longest)


def test_publications_take_results_and_ask_nothing() -> None:
    # types of results and their tables come in; what searches or evaluates would make exact figures
    # where only published ones may be
    asks = {
        f"{module}.{name}"
        for module, name in (
            *((module, module.split(".")[-1]) for module in _modules_in("questions")),
            *((module, module.split(".")[-2]) for module in _modules_in("questions")),
            ("coresponse.questions.plan", "evaluate_solved"),
            ("coresponse.questions.holdout", "hold_out"),
            ("coresponse.questions.holdout", "bootstrap"),
            ("coresponse.optimize.optimize_once", "optimize_once"),
            ("coresponse.optimize.solve_case", "solve"),
            ("coresponse.optimize.evaluate_case", "evaluate"),
            ("coresponse.optimize.evaluate_case", "queueing"),
        )
    }
    bad = {
        module: sorted(_imports(path) & asks)
        for module, path in _modules_in("publish").items()
        if _imports(path) & asks
    }
    assert bad == {}


def test_what_may_be_shown_is_decided_in_one_room() -> None:
    outside = {
        module
        for module, path in _modules().items()
        if not module.startswith("coresponse.publish") and _imports(path) & RULES
    }
    assert len(outside) <= 3, sorted(outside)


# ---- solvers ----


SOLVERS = {"coresponse.optimize.pulp_solvers", "coresponse.optimize.highs_master"}


def test_only_the_two_modules_of_masters_touch_the_solver_interface() -> None:
    # whatever PuLP or HiGHS change in how solvers are called is then changed in one place
    touches = re.compile(
        r"\bhighspy\b|\bsolverModel\b|\bsol_status\b|\bgetSolver\b|\blistSolvers\b|pulp\.HiGHS|pulp\.LpSol"
        r"|(?<!master)\.solve\("  # a Master is the solver module's own
    )
    touching = {
        module
        for module, path in _modules().items()
        if any(name.split(".")[0] in {"pulp", "highspy"} for name in _imports(path))
        and touches.search(path.read_text(encoding="utf-8"))
    }
    assert touching == SOLVERS


def test_nobody_reaches_into_the_solver_module() -> None:
    for module, path in _modules().items():
        private = [n for n in _ours(path) if n.startswith(tuple(f"{one}._" for one in SOLVERS))]
        assert not private, f"{module} imports {private}"
