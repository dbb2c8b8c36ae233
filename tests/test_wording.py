"""No sentence for people reads as translated: constructions that were seen once do not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from coresponse.data.words import counted, in_text, listed, plural

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("data", "coverage", "optimize", "maps", "coresponse")

ODD = re.compile(
    r"(?<!here )(?<!and )\b(?:is|are|was|were) no (?!longer\b|more\b|such\b|room\b|doubt\b|drivable\b)[a-z]"
    r"|\bstands? up\b|\bgiven again\b|\blook whether\b|\btaken to be\b|\bnot limited\b|\bas cheap and as good\b"
    r"|\bstands? in the way\b|\bmap (?:it|them)\b|\banother than\b|\bothers than\b|\bunits busy as\b|\bjudge the shown\b"
    r"|\btaking back\b|\bwhat points are chosen\b|\bthings stand\b|\bis there already\b",
    re.IGNORECASE,
)


def strings_of_code() -> Iterator[tuple[str, str]]:
    """Every text of the package that is no docstring, with where it stands."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if parts[0] == "coresponse" and parts[1] in ROOMS:
                continue  # the links to the other rooms
            tree = ast.parse(path.read_text(encoding="utf-8"))
            words = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in words:  # fmt: skip
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", " ".join(node.value.split())


def lines_of_pages() -> Iterator[tuple[str, str]]:
    """Texts of pages and docs; a page's comments speak to programmers."""
    for path in sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield f"{path.name}:{number}", line
    for folder in ("maps/page", "coresponse/app/page"):
        for path in sorted([*(ROOT / folder).glob("*.html"), *(ROOT / folder).glob("*.js")]):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                yield f"{path.name}:{number}", line.partition("//")[0]


def test_no_text_for_people_has_an_odd_construction() -> None:
    found = [
        f"{where}: {text[:120]}"
        for where, text in (*strings_of_code(), *lines_of_pages())
        if ODD.search(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("a run does not stand up to its check", True),
        ("14,000 values of Time Dispatched are no times", True),
        ("'x' is no number to work with", True),
        ("there is no road near it", False),
        ("OpenStreetMap is no longer read", False),
        ("Maximum; leave blank for no limit", False),
    ],
)
def test_the_list_finds_what_it_is_for(text: str, odd: bool) -> None:
    assert bool(ODD.search(text)) is odd


def test_several_things_are_said_one_way() -> None:
    assert plural("co-responder unit") == "co-responder units"
    assert [plural(word) for word in ("agency", "day", "class", "branch", "person")] == [
        "agencies", "days", "classes", "branches", "people",
    ]  # fmt: skip
    assert counted(1, "point") == "1 point"
    assert counted(1204, "call") == "1,204 calls"
    assert [in_text(title) for title in ("Co-responder unit", "EMT or paramedic")] == [
        "co-responder unit",
        "EMT or paramedic",
    ]
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a"]) == "a"
    assert listed([]) == "none"
