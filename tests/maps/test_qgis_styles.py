"""Styles of QGIS.

The map page's classes, well-formed, over attributes that are there, and nothing that a name says is
run.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.maps.content import MapContent
from coresponse.maps.glyphs import glyphs
from coresponse.maps.payload import payload
from coresponse.maps.qgis.qml import ABSENT, UNTOLD
from coresponse.maps.qgis.styles import (
    Style,
    area_styles,
    crew_name,
    district_styles,
    post_styles,
    quoted,
)
from coresponse.maps.qgis.symbols import color, shown_text
from coresponse.maps.scales import wait_scale

Maker = Callable[..., MapContent]
TITLES = {"unit": "Co-responder unit", "clinician": "On-call clinician"}
HOSTILE = "[% env('HOME') %]<img src=x onerror=alert(1)>\"' & \x1b\x00\ufffe\u202e"
POST_COLUMNS = (
    "post_id",
    "name",
    "kind",
    "responders_plan",
    "crew_plan",
    "responders_today",
    "crew_today",
)


def tree(style: Style) -> ET.Element:
    return ET.fromstring(style.qml)


def by_name(styles: list[Style]) -> dict[str, ET.Element]:
    return {style.name: tree(style) for style in styles}


def columns_of(expression: str) -> set[str]:
    return {name.replace('""', '"') for name in re.findall(r'"((?:[^"]|"")+)"', expression)}


def every(content: MapContent) -> dict[str, tuple[list[Style], set[str]]]:
    """All styles of a city, with the attributes of the layer that they are for."""
    crews = {"plan": [("unit",), ("unit", "clinician")], "today": [("unit",)]}
    areas, districts = content.cells, content.districts
    return {
        "posts": (post_styles(POST_COLUMNS, crews, TITLES), set(POST_COLUMNS)),
        "areas": (area_styles(list(areas.columns), areas["calls_band"], 15), set(areas.columns)),
        "districts": (district_styles(list(districts.columns), 15), set(districts.columns)),
    }


def test_every_style_reads_attributes_that_its_layer_has(content_maker: Maker) -> None:
    for layer, (styles, columns) in every(content_maker()).items():
        assert styles
        assert len({style.name for style in styles}) == len(styles)
        for style in styles:
            root = tree(style)
            assert style.layer == layer
            assert len(style.name) <= 30
            renderer = root.find("renderer-v2")
            read = (
                columns_of(renderer.get("attr", ""))
                if renderer.get("type") == "graduatedSymbol"
                else set()
            )
            read |= {renderer.get("attr")} if renderer.get("type") == "categorizedSymbol" else set()
            read |= {alias.get("field") for alias in root.iter("alias")} | columns_of(
                root.findtext("previewExpression")
            )
            for clause in (*root.iter("orderByClause"), *root.iter("mapTip")):
                read |= columns_of(clause.text)
            for text in root.iter("text-style"):
                read |= columns_of(text.get("fieldName"))
                assert text.get("allowHtml") == "0"
            assert read <= columns, style.name
            assert root.findtext("layerGeometryType") == ("0" if layer == "posts" else "2")
            symbols = {symbol.get("name") for symbol in renderer.find("symbols")}
            used = {
                found.get("symbol") for found in (*root.iter("range"), *root.iter("category"))
            } or {"0"}
            assert used == symbols


def test_classes_are_those_of_the_maps_legend(content_maker: Maker) -> None:
    content = content_maker()
    views = {view["key"]: view for view in payload(content)["views"]}
    found = by_name(
        area_styles(list(content.cells.columns), content.cells["calls_band"], content.target_min)
    )
    pairs = {
        "Mean wait, plan": views["response"]["scale"],
        "Mean wait, today": views["response"]["scale"],
        "Mean wait, change": views["response"]["change"],
        "Not reached in time, plan": views["late"]["scale"],
        "Not in time, change": views["late"]["change"],
        "Backup depth, plan": views["depth"]["scale"],
        "Backup depth, change": views["depth"]["change"],
        "If nearest always free, plan": views["free"]["scale"],
    }
    for name, scale in pairs.items():
        ranges = list(found[name].iter("range"))
        untold = ranges.pop() if scale["untold"] else None
        if untold is not None:
            # a change that chance could have made is told of by the words of another attribute
            expression = found[name].find("renderer-v2").get("attr", "")
            assert f"THEN {UNTOLD:.0f} ELSE" in expression
            assert "= 'no difference that counts'" in expression
            assert float(untold.get("lower")) <= UNTOLD <= float(untold.get("upper"))
            assert untold.get("label") == scale["untold"]["label"]
        *classes, absent = ranges
        assert [c.get("label") for c in classes] == [band["label"] for band in scale["bands"]], name
        tops = [math.inf if band["below"] is None else band["below"] for band in scale["bands"]]
        # an edge is in the class above: QGIS takes the first class whose ends hold the value, both
        # ends included
        assert [float(c.get("lower")) for c in classes[1:]] == tops[:-1]
        assert all(
            math.nextafter(float(c.get("upper")), math.inf) == min(top, ABSENT)
            for c, top in zip(classes, tops, strict=True)
        )
        assert float(absent.get("lower")) == ABSENT
        if scale["missing"] and not scale["gained"]:
            assert absent.get("label") == scale["missing"]["label"]
        symbols = found[name].findall("renderer-v2/symbols/symbol")
        for symbol, band in zip(symbols, scale["bands"], strict=False):
            shown = {o.get("name"): o.get("value") for o in symbol.find("layer/Option")}
            assert shown["color"] == color(band["color"])
            patterns = [
                layer
                for layer in symbol.findall("layer")
                if layer.get("class") == "LinePatternFill"
            ]
            assert len(patterns) == {"": 0, "cross": 2}.get(band["hatch"], 1)
    demand = list(found["Expected demand"].iter("category"))
    assert [c.get("label") for c in demand] == [
        band["label"] for band in views["demand"]["scale"]["bands"]
    ]
    assert {c.get("value") for c in demand} == set(content.cells["calls_band"])


def test_what_a_layer_opens_with_comes_first(content_maker: Maker) -> None:
    firsts = {layer: styles[0].name for layer, (styles, _) in every(content_maker()).items()}
    assert firsts == {
        "posts": "Crews, plan",
        "areas": "Mean wait, plan",
        "districts": "Outlines and names",
    }


def test_without_today_there_is_nothing_of_today_and_no_change(content_maker: Maker) -> None:
    content = content_maker(today=False)
    cells = content.cells
    names = [style.name for style in area_styles(list(cells.columns), cells["calls_band"], 15)]
    assert content.cells_by_time is not None
    timed = area_styles(
        list(content.cells_by_time.columns), cells["calls_band"], 15, layer="areas_by_time"
    )
    assert {"Mean wait, plan, night", "Expected demand, day"} <= {style.name for style in timed}
    assert not [name for name in names if "today" in name or "change" in name]


def test_a_figure_on_the_standard_is_in_the_same_class_as_on_the_page(content_maker: Maker) -> None:
    cells = content_maker().cells
    found = by_name(area_styles(list(cells.columns), cells["calls_band"], 15))["Mean wait, plan"]
    scale = wait_scale(15)
    for value in (0.0, 14.9, 15.0, 15.1, 29.9, 30.0, 500.0):
        took = next(
            c
            for c in found.iter("range")
            if float(c.get("lower")) <= value <= float(c.get("upper"))
        )
        assert took.get("label") == scale.band(value).label


def test_posts_show_the_signs_of_the_page_and_only_crews_that_occur() -> None:
    found = by_name(
        post_styles(POST_COLUMNS, {"plan": [("unit", "clinician"), ("unit",), ()]}, TITLES)
    )["Crews, plan"]
    values = [c.get("value") for c in found.iter("category")]
    assert values == ["Co-responder unit", "Co-responder unit + On-call clinician", ""]
    both = found.findall("renderer-v2/symbols/symbol")[1]
    signs = glyphs(TITLES)
    options = [
        {o.get("name"): o.get("value") for o in layer.find("Option")}
        for layer in both.findall("layer")
    ]
    assert [o["chr"] for o in options if "chr" in o] == [sign.letter for sign in signs]
    assert [o["color"] for o in options if "name" in o] == [color(sign.color) for sign in signs]
    assert len({o["offset"] for o in options}) == 2


def test_hostile_titles_are_inert_text() -> None:
    titles = {"unit": HOSTILE}
    styles = post_styles(POST_COLUMNS, {"plan": [("unit",)]}, titles)
    root = tree(styles[0])
    category = next(root.iter("category"))
    assert category.get("value") == category.get("label") == crew_name(("unit",), titles)
    assert "<img" in category.get("label")  # shown as it is, as text
    assert root.find(".//img") is None
    # QGIS evaluates these in map tips and legends
    evaluated = re.findall(r"\[%.*?%\]", styles[0].qml)
    assert len(evaluated) == 1
    assert "env" not in evaluated[0]
    assert '"name"' in evaluated[0]
    for text in root.iter("text-style"):
        assert "env" not in text.get("fieldName")


def test_map_tips_escape_what_stands_in_an_attribute() -> None:
    tip = tree(post_styles(POST_COLUMNS, {"plan": []}, TITLES)[0]).findtext("mapTip")
    assert tip.index("'&', '&amp;'") < tip.index("'<', '&lt;'")


@given(st.text(max_size=60))
def test_any_text_is_well_formed_and_never_evaluated(text: str) -> None:
    shown = shown_text(text)
    assert "[%" not in shown
    root = ET.fromstring(
        post_styles(POST_COLUMNS, {"plan": [("unit",)]}, {"unit": text or "x"})[0].qml
    )
    assert next(root.iter("category")).get("label") == crew_name(("unit",), {"unit": text or "x"})


@given(st.text(min_size=1, max_size=30))
def test_any_attribute_name_stays_one_name(name: str) -> None:
    assert columns_of(quoted(name)) == {name}


@pytest.mark.parametrize("period", ['ni"ght', "a[% 1 %]", "x" * 60])
def test_periods_of_any_name(content_maker: Maker, period: str) -> None:
    timed = content_maker(today=False).cells_by_time
    assert timed is not None
    cells = timed.rename(columns=lambda c: str(c).replace("@night", f"@{period}"))
    styles = area_styles(list(cells.columns), cells["calls_band@day"], 15, layer="areas_by_time")
    names = [style.name for style in styles]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 30
    for style in styles:
        attribute = tree(style).find("renderer-v2").get("attr", "")
        assert columns_of(attribute) <= {
            quoted(column)[1:-1].replace('""', '"') for column in cells.columns
        } | set(cells.columns)
