"""Style documents as QGIS reads them.

A renderer, labels, names of attributes, and what is told of a feature.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from coresponse.maps.qgis.symbols import color, fill, shown_text, symbol
from coresponse.maps.scales import ColorClass, Scale

# Of the QGIS whose documents these follow; later ones read them too.
VERSION = "3.22.16"

# What an absent figure counts as, since QGIS leaves a feature without a value out of all
# classes.
ABSENT = 1e6

# What a change counts as that chance could have made.
UNTOLD = 3 * ABSENT

NO_FIGURE = ColorClass(None, "no figure", "#d7dadd")


@dataclass(frozen=True)
class Label:
    """What is written at each feature.

    Parameters
    ----------
    expression
        Of QGIS, over attributes; never with text from data in it.
    size_pt
        Of the letters.
    inside
        Within the area; else beside the point.
    """

    expression: str
    size_pt: float = 8.0
    inside: bool = False


def document(
    renderer: Element,
    *,
    label: Label | None = None,
    named_by: str,
    columns: Mapping[str, str],
    geometry: int,
) -> str:
    """Return a style as text, the same for the same parts.

    Parameters
    ----------
    renderer
        As :func:`graduated`, :func:`categorized` or :func:`single` make it.
    named_by
        The attribute that features are called by.
    columns
        What each attribute is called.
    geometry
        0 points, 2 polygons.
    """
    labels = "0" if label is None else "1"
    root = Element(
        "qgis", version=VERSION, styleCategories="AllStyleCategories", labelsEnabled=labels
    )
    root.append(renderer)
    if label is not None:
        root.append(_labeling(label))
    SubElement(root, "blendMode").text = "0"
    SubElement(root, "layerOpacity").text = "1"
    aliases = SubElement(root, "aliases")
    for name, title in columns.items():
        SubElement(aliases, "alias", field=name, name=title)
    SubElement(root, "previewExpression").text = f'"{named_by}"'
    # map tips are HTML: what stands in an attribute must come as text
    plain = f"""replace(replace(coalesce("{named_by}", ''), '&', '&amp;'), '<', '&lt;')"""
    SubElement(root, "mapTip").text = f"<b>[% {plain} %]</b>"
    SubElement(root, "layerGeometryType").text = str(geometry)
    text = tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text}\n"


def graduated(expression: str, scale: Scale, *, lowest: float = 0.0) -> Element:
    """Return a renderer of classes; a value on an edge is in the class above, as on the map page.

    Parameters
    ----------
    expression
        A number, or nothing where there is no figure.
    lowest
        Lower end of the first class.
    """
    out = Element(
        "renderer-v2", type="graduatedSymbol", graduatedMethod="GraduatedColor", symbollevels="0"
    )
    out.set("attr", f"coalesce({expression}, {ABSENT:g})")
    ranges = SubElement(out, "ranges")
    symbols = SubElement(out, "symbols")
    # of a change, a figure that is missing does not tell which of the two has none
    absent = scale.missing if scale.gained is None else None
    bands = [*scale.bands, absent or NO_FIGURE]
    ends = [ABSENT if band.below is None else band.below for band in scale.bands] + [2 * ABSENT]
    if scale.untold is not None:
        bands, ends = [*bands, scale.untold], [*ends, 2 * UNTOLD - 2 * ABSENT]
    for i, (band, low, high) in enumerate(zip(bands, [lowest, *ends[:-1]], ends, strict=True)):
        # QGIS takes the upper end into a class
        below = math.nextafter(high, -math.inf)
        SubElement(
            ranges,
            "range",
            lower=repr(low),
            upper=repr(below),
            label=band.label,
            symbol=str(i),
            render="true",
        )
        symbols.append(symbol(str(i), "fill", fill(band.color, hatch=band.hatch)))
    return out


@dataclass(frozen=True)
class Category:
    """Features of one value: what the legend says, and the layers of their symbol."""

    value: str
    label: str
    layers: Sequence[Element]


def categorized(
    attribute: str, kind: str, categories: Iterable[Category], *, last: str = ""
) -> Element:
    """Return a renderer by values of an attribute; the value '' takes all that is left.

    Features with more of the attribute `last` are drawn later, and so above the others.
    """
    out = Element("renderer-v2", type="categorizedSymbol", attr=attribute, symbollevels="0")
    if last:
        out.set("enableorderby", "1")
        SubElement(
            SubElement(out, "orderby"), "orderByClause", asc="1", nullsFirst="1"
        ).text = f'"{last}"'
    listed = SubElement(out, "categories")
    symbols = SubElement(out, "symbols")
    for i, category in enumerate(categories):
        value, label = category.value, shown_text(category.label)
        SubElement(
            listed,
            "category",
            value=value,
            label=label,
            symbol=str(i),
            render="true",
            type="string",
        )
        symbols.append(symbol(str(i), kind, category.layers))
    return out


def single(kind: str, layers: Sequence[Element]) -> Element:
    """Return a renderer that draws all features alike."""
    out = Element("renderer-v2", type="singleSymbol", symbollevels="0")
    SubElement(out, "symbols").append(symbol("0", kind, layers))
    return out


def _labeling(label: Label) -> Element:
    out = Element("labeling", type="simple")
    settings = SubElement(out, "settings", calloutType="simple")
    style = SubElement(
        settings,
        "text-style",
        fieldName=label.expression,
        isExpression="1",
        allowHtml="0",
        useSubstitutions="0",
        fontFamily="Arial",
        fontSize=f"{label.size_pt:g}",
        fontSizeUnit="Point",
        fontWeight="75",
        namedStyle="Bold",
        textColor=color("#16202b"),
        textOpacity="1",
    )
    SubElement(
        style,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.9",
        bufferSizeUnits="MM",
        bufferColor=color("#ffffff"),
        bufferOpacity="0.9",
        bufferNoFill="1",
        bufferJoinStyle="128",
    )
    SubElement(
        settings,
        "text-format",
        wrapChar="",
        autoWrapLength="22" if label.inside else "0",
        formatNumbers="0",
    )
    if label.inside:
        SubElement(settings, "placement", placement="4", priority="5")
    else:
        order = "TR,TL,BR,BL,R,L,TSR,BSR"
        SubElement(
            settings,
            "placement",
            placement="6",
            predefinedPositionOrder=order,
            offsetType="1",
            priority="9",
            dist="0.5",
            distUnits="MM",
        )
    SubElement(
        settings, "rendering", drawLabels="1", obstacle="1", displayAll="0", obstacleFactor="1"
    )
    return out
