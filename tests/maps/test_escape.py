from __future__ import annotations

import html
import json
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coresponse.maps.escape import clean_text, html_text, script_json


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text())
def test_html_shows_the_text_and_makes_no_tag(text: str) -> None:
    parser = _Tags()
    parser.feed(f"<p>{html_text(text)}</p>")
    parser.close()
    assert parser.tags == ["p"]
    assert parser.text == clean_text(text)


@given(st.text())
def test_html_is_inert_in_attributes_and_template_literals(text: str) -> None:
    out = html_text(text)
    assert not set(out) & set("<>\"'`$\\")
    assert html.unescape(out) == clean_text(text)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_json_survives_and_cannot_leave_its_element(value: object) -> None:
    out = script_json(value)
    assert json.loads(out) == value
    assert not set(out) & set("<>&\u2028\u2029")


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, ""])
def test_what_is_missing_is_empty(value: object) -> None:
    assert clean_text(value) == ""


def test_marks_that_turn_the_text_beside_them_are_dropped() -> None:
    assert clean_text("a\u202eb\u2066c\x00d\te\nf") == "abcd e f"


def test_endless_text_is_cut() -> None:
    out = clean_text("x" * 5000)
    assert len(out) == 400
    assert out.endswith("\u2026")
