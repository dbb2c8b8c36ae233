"""What moments of a search are called is a closed list: a file that verify cannot recount holds no other words."""

from __future__ import annotations

import ast
from pathlib import Path

from coresponse.optimize.solution import STAGE

OPTIMIZE = Path(__file__).resolve().parents[2] / "optimize"
SAY = {"say", "_say", "offer", "_offer", "raise_bound"}


def said(call: ast.Call) -> list[str]:
    """Return the texts that a call gives, numbers in them as 7."""
    out = []
    for value in call.args:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            out.append(value.value)
        elif isinstance(value, ast.JoinedStr):
            parts = value.values
            out.append("".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in parts))
    return out


def test_every_stage_of_every_search_is_known() -> None:
    found: set[str] = set()
    for path in OPTIMIZE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            function = getattr(node, "func", None)
            name = getattr(function, "attr", getattr(function, "id", ""))
            if isinstance(node, ast.Call) and name in SAY:
                found.update(said(node))
    assert len(found) > 10
    assert [one for one in found if not STAGE.fullmatch(one)] == []
