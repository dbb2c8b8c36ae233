"""Symbols as QGIS writes them (QML of QGIS 3.22).

Fills with hatching, outlines, and the signs of responder types.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

from coresponse.maps.escape import clean_text
from coresponse.maps.glyphs import Glyph

# Side of a responder type's sign.
SIGN_MM = 6.0

_SHAPES = {"shield": "pentagon"}  # QGIS draws no shield before 3.24
# Distance and width of the lines in millimeters, their color and angles; as the page's hatch.js, at
# 96 dots an inch
_HATCHES = {
    "lines": (2.4, 0.26, "70,25,0,97", (45,)),
    "dense": (1.3, 0.26, "70,25,0,128", (45,)),
    "cross": (1.9, 0.26, "255,255,255,140", (45, 135)),
}
# What XML 1.0 does not allow, even escaped
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def shown_text(text: object, *, limit: int = 120) -> str:
    """Return text from data fit to stand in a style.

    Cleaned, valid in XML, and nothing that QGIS would evaluate.

    Print layouts of QGIS evaluate ``[% ... %]`` in the labels of a legend as an expression, which
    could read files and project settings; the opening bracket is therefore set apart.
    """
    valid = _NOT_XML.sub("", clean_text(text, limit=limit))
    return " ".join(valid.split()).replace("[%", "[ %")


def color(code: str, alpha: int = 255) -> str:
    """Return ``#rrggbb`` as QGIS writes colors."""
    return ",".join(str(int(code[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"


def options(parent: Element, values: Mapping[str, str]) -> None:
    """Add an option map."""
    held = SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        SubElement(held, "Option", name=name, value=value, type="QString")


def symbol(name: str, kind: str, layers: Iterable[Element]) -> Element:
    """Return a symbol of some layers, the lowest first.

    `kind` is ``fill``, ``line`` or ``marker``.
    """
    out = Element("symbol", name=name, type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
    out.extend(layers)
    return out


def _layer(kind: str, values: Mapping[str, str]) -> Element:
    out = Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options(out, values)
    return out


def fill(
    inside: str, *, outline: str = "#ffffff", outline_mm: float = 0.1, hatch: str = ""
) -> list[Element]:
    """Return the layers of a filled area; `inside` '' leaves it empty."""
    base = {
        "color": color(inside or "#ffffff"),
        "style": "solid" if inside else "no",
        "outline_color": color(outline),
        "outline_style": "solid",
        "outline_width": f"{outline_mm:g}",
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }
    return [_layer("SimpleFill", base), *_hatching(hatch)]


def _hatching(hatch: str) -> list[Element]:
    if not hatch:
        return []
    distance, width, ink, angles = _HATCHES[hatch]
    out = []
    for angle in angles:
        pattern = _layer(
            "LinePatternFill",
            {"angle": str(angle), "distance": f"{distance:g}", "distance_unit": "MM", "color": ink},
        )
        line = {
            "line_color": ink,
            "line_width": f"{width:g}",
            "line_width_unit": "MM",
            "line_style": "solid",
        }
        pattern.append(symbol("@0@1", "line", [_layer("SimpleLine", line)]))
        out.append(pattern)
    return out


def signs(crew: Sequence[Glyph]) -> list[Element]:
    """Return the layers of a post's marker: the sign of each responder type, side by side."""
    out = []
    for i, glyph in enumerate(crew):
        offset = f"{(i - (len(crew) - 1) / 2) * SIGN_MM:g},0"
        out.append(
            _marker(_SHAPES.get(glyph.shape, glyph.shape), SIGN_MM, glyph.color, "#ffffff", offset)
        )
        letter = {
            "chr": shown_text(glyph.letter),
            "font": "Arial",
            "color": color("#ffffff"),
            "size": f"{SIGN_MM * 0.55:g}",
            "size_unit": "MM",
            "offset": offset,
            "offset_unit": "MM",
            "outline_width": "0",
        }
        out.append(_layer("FontMarker", letter))
    return out


def dot() -> list[Element]:
    """Return the layers of a post where nobody is."""
    return [_marker("circle", 2.2, "#ffffff", "#1d2833", "0,0")]


def _marker(shape: str, size: float, inside: str, outline: str, offset: str) -> Element:
    values = {
        "name": shape,
        "size": f"{size:g}",
        "size_unit": "MM",
        "color": color(inside),
        "outline_color": color(outline),
        "outline_style": "solid",
        "outline_width": "0.4",
        "outline_width_unit": "MM",
        "offset": offset,
        "offset_unit": "MM",
        "scale_method": "diameter",
    }
    return _layer("SimpleMarker", values)
