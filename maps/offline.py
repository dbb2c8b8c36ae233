"""Pages that open without a network.

Assets inlined, ids stable, and nothing else allowed to run or load.

Folium gives the map's script; its page with links to the internet and its random ids are not used.
The page carries a content security policy that names the inlined scripts and styles by their
SHA-256: a script that came in with a name could not run, and no request can be made, whatever went
wrong before.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tempfile
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from coresponse.data.figures.text import percent
from coresponse.maps.escape import html_text

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
PAGE = HERE / "page"


def map_script(name: str) -> str:
    """Return the JavaScript that makes Folium's map in the element of a name."""
    from coresponse.maps.folium_map import OfflineMap  # noqa: PLC0415 - loads folium, 0.2 s

    return OfflineMap(name).script()


def asset(name: str) -> str:
    """Return a browser asset's text.

    A pointer to a source map, which would be one more file, is left out.
    """
    text = (ASSETS / name).read_text(encoding="utf-8")
    return "\n".join(
        line for line in text.splitlines() if not line.startswith("//# sourceMappingURL=")
    )


def page_text(name: str) -> str:
    """Return the text of one of our own page parts."""
    return (PAGE / name).read_text(encoding="utf-8")


def script_text(name: str) -> str:
    """Return one of our own scripts as a page carries it: without indents and lines that are for its readers."""
    return re.sub(r"^[ \t]*//.*\n|^[ \t]+", "", page_text(name), flags=re.MULTILINE)


@cache
def templates() -> Environment:
    """Return the template environment.

    Every value is cleaned and escaped unless it is already markup.
    """
    made = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    # figures have the text that they have everywhere
    made.filters["percent"] = percent
    return made


def _safe(value: object) -> object:
    return value if isinstance(value, Markup | bool) else Markup(html_text(value))  # noqa: S704 -- escaped just now


def policy(scripts: list[str], styles: list[str]) -> str:
    """Return a content security policy that allows these inline scripts and styles, and no request."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(map(_sha256, scripts)),
            "style-src " + " ".join(map(_sha256, styles)),
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def write_whole(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _sha256(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
