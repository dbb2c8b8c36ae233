"""The list of dependencies is the one that is installed, with a reason and a license for each, and no copyleft unsaid."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|EPL|CDDL|EUPL|GNU|Mozilla|Eclipse Public)", re.IGNORECASE)
SAID = {"certifi"}
"""Packages under a license with copyleft that the page names."""


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
    wanted = {(extra, Requirement(line).name) for extra, lines in project().items() for line in lines}
    found = listed()
    assert set(found) == wanted
    for key, (why, license_) in found.items():
        assert why, key
        assert license_, key
        assert not re.search(r"\bA?GPL", license_), key


def test_every_needed_package_is_pinned_with_all_that_it_brings() -> None:
    pinned = {
        Requirement(line).name.lower().replace("_", "-"): line
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    }
    assert all("==" in line for line in pinned.values())
    missing = {name for name in everything_needed() if name not in pinned}
    assert missing == set()


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


def everything_needed() -> set[str]:
    """All packages that an installation without extras brings, as installed here."""
    todo = [Requirement(line) for line in project()[""]]
    found: set[str] = set()
    while todo:
        wanted = todo.pop()
        name = wanted.name.lower().replace("_", "-")
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        try:
            more = requires(name) or []
        except PackageNotFoundError:
            pytest.skip(f"{name} is not installed here")
        found.add(name)
        todo += [Requirement(line) for line in more]
    return found
