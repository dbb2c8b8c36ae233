"""Build the documentation site (``make docs``): the pages, the notebook run, the face from its docstrings."""

from __future__ import annotations

import re
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

project = "coresponse"
author = "the coresponse maintainers"
copyright = "2026, the coresponse maintainers"  # noqa: A001 - Sphinx's name for it
release = installed("coresponse")

extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "requirements.txt"]

myst_heading_anchors = 4
# run anew for each build: outputs are not kept beside the cells, where they would grow stale
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 600

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
nitpicky = False

html_theme = "pydata_sphinx_theme"
html_title = "coresponse"
html_copy_source = False
html_show_sourcelink = False
# all pages under their captions, instead of a crowded header
html_sidebars = {"**": ["globaltoc.html"]}
html_theme_options = {
    "show_prev_next": False,
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}

OUTSIDE = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//|<link\b[^>]*\bhref=["']?(?:https?:)?//"""
    r"""|url\(["']?(?:https?:)?//|@import\s+["'](?:https?:)?//"""
)
"""What a browser would fetch from another server; links that people click are none of it."""


def refuse_outside_assets(app: Any, exception: Exception | None) -> None:
    """No page of ours asks another server for anything, and neither does this site."""
    if exception is not None:
        return
    found = [
        f"{path.relative_to(app.outdir)}: {match.group(0)[:120]}"
        for path in sorted(Path(app.outdir).rglob("*"))
        if path.suffix in {".html", ".css"}
        for match in OUTSIDE.finditer(path.read_text(encoding="utf-8"))
    ]
    if found:
        raise RuntimeError("assets of other servers:\n" + "\n".join(found))


def setup(app: Any) -> None:
    """Look at the site when it is built."""
    app.connect("build-finished", refuse_outside_assets)
