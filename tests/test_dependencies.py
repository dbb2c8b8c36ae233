"""Dependencies.

Those listed are installed, used, pinned and given a reason and a license; no copyleft goes unsaid.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|EPL|CDDL|EUPL|GNU|Mozilla|Eclipse Public)", re.IGNORECASE)
SAID = {"certifi"}
"""Packages under a license with copyleft that the page names."""
USED_BY_NAME = {"openpyxl": 'engine="openpyxl"', "tzdata": "ZoneInfo("}
"""Packages that another one imports for us, and the words in our code that make it."""


def project() -> dict[str, list[str]]:
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"": content["dependencies"], **content["optional-dependencies"]}


def listed() -> dict[tuple[str, str], tuple[str, str]]:
    """(extra, package) to (why, license), as the page has them."""
    found = {}
    for line in (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| ") or cells[0] in {"package", "extra"}:
            continue
        *extra, package, why, license_ = cells
        found[extra[0] if extra else "", package] = (why, license_)
    return found


def test_the_page_lists_what_pyproject_has_with_reason_and_license() -> None:
    wanted = {
        (extra, Requirement(line).name) for extra, lines in project().items() for line in lines
    }
    found = listed()
    assert set(found) == wanted
    for key, (why, license_) in found.items():
        assert why, key
        assert license_, key
        assert not re.search(r"\bA?GPL", license_), key


def test_every_needed_package_is_pinned_with_all_that_it_brings() -> None:
    pinned = {
        normal(Requirement(line).name): line
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    }
    assert all("==" in line for line in pinned.values())
    missing = {name for name in everything_needed() if name not in pinned}
    assert missing == set()


def test_what_makes_the_site_is_pinned_apart_from_what_is_tested() -> None:
    lines = (ROOT / "docs" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(str(pin.specifier).startswith("==") for pin in pins)
    pinned = {normal(pin.name): next(iter(pin.specifier)).version for pin in pins}
    for line in project()["docs"]:
        wanted = Requirement(line)
        assert wanted.specifier.contains(pinned[normal(wanted.name)]), line
    constrained = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not set(pinned) & {normal(line.partition("==")[0]) for line in constrained.splitlines()}


def test_no_copyleft_is_forced_on_anybody_unsaid() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    found = set()
    for name in everything_needed():
        told = metadata(name)
        names = [told.get("License-Expression") or (told.get("License") or "")[:200]]
        names += [line for line in told.get_all("Classifier") or [] if line.startswith("License")]
        if any(COPYLEFT.search(text) for text in names):
            found.add(name)
    assert found == SAID
    assert all(f"`{name}`" in page for name in SAID)


def test_what_is_imported_is_listed_and_what_is_listed_is_used() -> None:
    # a package that only another one brings may be gone, or another, with that one's next version
    imported, text = imports()
    lines = project()
    base = {normal(Requirement(line).name) for line in lines[""]}
    optional = {
        normal(Requirement(line).name)
        for extra in ("app", "cluster", "xls")
        for line in lines[extra]
    }
    by_name = {name for name, words in USED_BY_NAME.items() if words in text}
    assert set(imported) - base - optional == set()
    assert (base | optional) - set(imported) - by_name == set()
    for name in optional:
        places = {
            path
            for path in imported[name]
            if not path.startswith(("coresponse/app/", "coresponse/cli/app"))
        }
        assert places <= {"coresponse/questions/sweep/cluster.py", "data/tables/xls_child.py"}, (
            f"{name} is an extra, and needed in {places}"
        )


def imports() -> tuple[dict[str, set[str]], str]:
    """Return (package, files that import it) of our own code, and all of its text."""
    packages = packages_distributions()
    found: dict[str, set[str]] = {}
    text = []
    for room in ("data", "coverage", "optimize", "maps", "coresponse"):
        for path in (ROOT / room).rglob("*.py"):
            name = path.relative_to(ROOT)
            if room == "coresponse" and name.parts[1] in {"data", "coverage", "optimize", "maps"}:
                continue
            text.append(path.read_text(encoding="utf-8"))
            for module in (
                imported_by(ast.parse(text[-1])) - set(sys.stdlib_module_names) - {"coresponse"}
            ):
                assert module in packages, f"{name} imports {module}, which is not installed"
                for package in packages[module]:
                    found.setdefault(normal(package), set()).add(name.as_posix())
    return found, "\n".join(text)


def imported_by(tree: ast.Module) -> set[str]:
    """Return the modules that a file imports, those named in `import_module` included."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return {name.split(".")[0] for name in found}


def normal(name: str) -> str:
    return name.lower().replace("_", "-")


def test_the_licenses_are_those_that_the_packages_state() -> None:
    for (_, name), (_, said) in listed().items():
        try:
            told = metadata(name)
        except PackageNotFoundError:  # the peers are not installed everywhere
            continue
        names = [told.get("License-Expression") or "", (told.get("License") or "")[:4000]]
        names += [line for line in told.get_all("Classifier") or [] if line.startswith("License")]
        assert family(said) in {family(text) for text in names if family(text)}, (
            f"{name}: {said} is not in {names}"
        )


def family(text: str) -> str:
    """Return the kind of license that a text of any form names; empty if it names none."""
    kinds = {
        "MPL": r"MPL|Mozilla",
        "Apache": r"Apache",
        "PSF": r"PSF|Python Software Foundation|matplotlib",
        "BSD": r"BSD|Redistribution and use",
        "MIT": r"\bMIT\b|Permission is hereby granted, free",
    }
    return next((kind for kind, words in kinds.items() if re.search(words, text)), "")


def everything_needed() -> set[str]:
    """All packages that an installation with the extras for users brings, as installed here."""
    lines = project()
    todo = [Requirement(line) for extra in ("", "app", "cluster", "xls") for line in lines[extra]]
    found: set[str] = set()
    while todo:
        wanted = todo.pop()
        name = normal(wanted.name)
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        try:
            more = requires(name) or []
        except PackageNotFoundError:
            pytest.skip(f"{name} is not installed here")
        found.add(name)
        todo += [Requirement(line) for line in more]
    return found
