"""Every line of Python in README, docs and the notebook runs; no kernel, no network."""

from __future__ import annotations

import ast
import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import coresponse

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
NOTEBOOKS = sorted(DOCS.glob("*.ipynb"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]  # fmt: skip


def cells(notebook: Path) -> list[dict[str, Any]]:
    told = json.loads(notebook.read_text(encoding="utf-8"))
    assert told["nbformat"] == 4
    return [cell for cell in told["cells"] if cell["cell_type"] == "code"]


def run(source: str, names: dict[str, Any], where: str) -> object:
    """Run a cell or block as a notebook does, and return what its last expression is."""
    tree = ast.parse(source, where)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, where, "exec"), names)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), where, "eval"), names)


def python_blocks(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^ *```python\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_it_has(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    cards = set()
    printed = io.StringIO()
    for k, cell in enumerate(cells(notebook)):
        with redirect_stdout(printed):
            value = run("".join(cell["source"]), names, f"{notebook.name}, code cell {k + 1}")
        if hasattr(value, "_repr_html_"):
            assert value._repr_html_()
            cards.add(type(value).__name__)
    assert {"City", "Case", "Plan", "Evaluation"} <= cards
    assert "nroth" in printed.getvalue()
    assert (tmp_path / "map.html").stat().st_size > 100_000


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    # outputs grow stale and would hide a line that no longer does what the page says
    kept = [cell for cell in cells(notebook) if cell["outputs"] or cell["execution_count"]]
    assert kept == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_python_on_a_page_runs(page: Path) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for k, block in enumerate(python_blocks(page)):
        where = f"{page.name}, block {k + 1}"
        run(block, names, where)


def test_the_site_has_every_page_and_the_whole_face() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = {
        name
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", index, flags=re.DOTALL)
        for name in tree.splitlines()
        if name and not name.startswith(":")
    }
    assert listed == {path.stem for path in (*DOCS.glob("*.md"), *NOTEBOOKS)} - {"index"}
    api = (DOCS / "api.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\.\. auto\w+:: (\w+)$", api, flags=re.MULTILINE))
    assert told == set(coresponse.__all__) - {"__version__"}


def test_the_example_of_the_face_is_python() -> None:
    lines = [line[4:] for line in str(coresponse.__doc__).splitlines() if line[:4] == ">>> "]
    names = {name.attr for name in ast.walk(ast.parse("\n".join(lines))) if isinstance(name, ast.Attribute)
             and isinstance(name.value, ast.Name) and name.value.id == "cr"}  # fmt: skip
    assert names
    assert names <= set(coresponse.__all__)
