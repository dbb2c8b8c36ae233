"""The presenter's scenes: what each says in large type, and what the map beside it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coresponse.maps.escape import clean_text


@dataclass(frozen=True)
class Scene:
    """One scene.

    Parameters
    ----------
    title
        A few words, such as ``What it costs``.
    says
        The one sentence of the scene.
    figures
        Up to four: what it is, its value, and the value to set against it with its word (``today 25.2%``), or ''.
    lines
        Up to three further sentences, set smaller.
    view, mode
        What the map shows: a key of the page's views, and ``plan``, ``today`` or ``change``.
    """

    title: str
    says: str
    figures: tuple[tuple[str, str, str], ...] = ()
    lines: tuple[str, ...] = ()
    view: str = "response"
    mode: str = "plan"


def scenes_payload(scenes: tuple[Scene, ...], *, mark: str = "") -> list[dict[str, Any]]:
    """Return the scenes as the page's script reads them; a mark stands on the picture of each."""
    return [
        {
            "title": clean_text(scene.title),
            "says": clean_text(scene.says),
            "figures": [[clean_text(text) for text in figure] for figure in scene.figures],
            "lines": [clean_text(text) for text in scene.lines],
            "view": scene.view,
            "mode": scene.mode,
            "mark": mark,
        }
        for scene in scenes
    ]
