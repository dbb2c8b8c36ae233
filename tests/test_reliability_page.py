"""The reliability page names, for every promise, tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
ITEMS = PAGE.partition("## Item by item")[2].partition("\n## ")[0]


@cache
def functions_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`([\w/]+)::(\w+)`", PAGE)
    assert len(named) > 100
    missing = [
        f"{file}::{name}"
        for file, name in named
        if name not in functions_of(ROOT / "tests" / f"{file}.py")
    ]
    assert missing == []


def test_every_item_has_a_test_or_a_command() -> None:
    rows = [
        line
        for line in ITEMS.splitlines()
        if line.startswith("| ") and not line.startswith("| item")
    ]
    assert len(rows) > 50
    assert [
        row
        for row in rows
        if "::test_" not in row and "`make " not in row and "`python -m " not in row
    ] == []


def test_files_and_folders_that_are_named_exist() -> None:
    for path in re.findall(r"`((?:tests|docs|benchmarks)/[\w/.]+)`", PAGE):
        assert (ROOT / path).exists(), path
