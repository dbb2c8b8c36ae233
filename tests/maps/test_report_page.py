"""The council's report as people and screen readers meet it, in headless Chromium."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from coresponse.data.figures.rows import SummaryRow
from coresponse.maps.content import MapContent
from coresponse.maps.report.charts import (
    Bought,
    Change,
    FunnelBar,
    JudgesRow,
    change_chart,
    frontier_chart,
    funnel_chart,
    judges_chart,
)
from coresponse.maps.report.content import Part, Picture, ReportContent, ReportTable
from coresponse.maps.report.page import report_page, write_report
from coresponse.maps.report.picture import plan_picture
from coresponse.maps.report.widths import column_widths

HOSTILE = (
    "<script>window.harm=1</script><img src=x onerror='window.harm=1'>\"><svg onload=window.harm=1>"
    "${window.harm=1}`${window.harm=1}`\\`{{7*7}}</script><!--\u202e\u2028=cmd|' /C calc'!A0 "
    "$\\frac{1}{0}$"
)
Maker = Callable[..., MapContent]


def report(
    content: MapContent, name: Callable[[str], str] = lambda text: text, **changes: Any
) -> ReportContent:
    charts = (
        Picture(
            judges_chart([JudgesRow(name("Plan"), 70, 40, 43), JudgesRow("Today", 50, None, None)]),
            name("judges"),
        ),
        Picture(
            funnel_chart(
                [FunnelBar("calls", 90, ()), FunnelBar(name("sent"), 40, ((name("busy"), 50),))]
            ),
            "way",
        ),
        Picture(
            change_chart([Change(name("North"), 30, 20, 1), Change("South", 20, 25, -1)]),
            "districts",
        ),
        Picture(
            frontier_chart(
                [Bought(1e6, 20, True), Bought(2e6, 20, False)], [(name("plan"), 1e6, 30)]
            ),
            "frontier",
        ),
    )
    table = ReportTable(
        name("Figures"),
        (name("Name"), "Value"),
        ((name("row"), "1"), ("other", "2")),
        (1,),
        name("note"),
    )
    settings: dict[str, Any] = {
        "title": name("Made city"),
        "question": name("Where?"),
        "answer": (name("There."), "And more."),
        "headlines": (
            SummaryRow(
                name("In time"), "share", 0.4, 0.3, "higher", True, name("note"), (0.39, 0.41)
            ),
        ),
        "picture": Picture(plan_picture(content), name("map")),
        "parts": (
            Part("one", name("Section"), (name("Words."),), (name("point"),), charts, (table,)),
        ),
        "notices": (name("SYNTHETIC calls"),),
        "attribution": (name("made grid"),),
        "run": "plan-0",
    }
    return ReportContent(**(settings | changes))


def test_the_same_content_gives_the_same_bytes(content_maker: Maker) -> None:
    assert report_page(report(content_maker())) == report_page(report(content_maker()))


def test_text_longer_than_a_name_is_not_cut(content_maker: Maker) -> None:
    page = report_page(report(content_maker(), answer=("word " * 200 + "end.",)))
    assert "end." in page


def test_a_band_too_narrow_to_be_seen_is_not_written(content_maker: Maker) -> None:
    def cost(high: float) -> str:
        row = SummaryRow(
            "Cost a year", "dollars", 3_961_000, None, "lower", True, "", (3_960_000, high)
        )
        return report_page(report(content_maker(), headlines=(row,)))

    assert "$3.96 million to $3.97 million" in unescape(cost(3_970_000))
    assert 'class="band"' not in cost(3_962_000)


@pytest.mark.browser
def test_it_opens_without_request_complaint_or_serious_fault(
    visit: Callable[..., Any],
    serious_faults: Callable[..., Any],
    content_maker: Maker,
    tmp_path: Path,
) -> None:
    write_report(report(content_maker()), tmp_path / "report.html")
    for phone in (False, True):
        seen = visit(tmp_path / "report.html", phone=phone)
        page = seen.page
        assert seen.requests == []
        assert seen.complaints == []
        assert page.evaluate("document.documentElement.scrollWidth") <= (390 if phone else 1280)
        # a table scrolls in its frame rather than break its words
        assert (
            page.evaluate(
                "Math.min(...[...document.querySelectorAll('table')].map(t => t.clientWidth))"
            )
            > 600
        )
        # so does a picture, rather than shrink its words
        assert page.evaluate("Math.min(...[...document.images].map(i => i.clientWidth))") > 400
        # every picture is drawn, and said in words
        assert page.evaluate(
            "[...document.images].every(i => i.complete && i.naturalWidth > 100 && i.alt.length > "
            "2)"
        )
        assert page.locator("h1").count() == 1
        # the page allows no script, so that axe comes in past the policy
        page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
        page.reload()
        assert serious_faults(page) == []


@pytest.mark.browser
def test_hostile_names_are_text(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    def hostile(text: str) -> str:
        return f"{text} {HOSTILE}"

    write_report(report(content_maker(name=hostile), hostile), tmp_path / "report.html")
    seen = visit(tmp_path / "report.html")
    assert seen.requests == []
    assert seen.complaints == []
    assert seen.page.evaluate("window.harm") is None
    assert seen.page.locator("script").count() == 0
    assert "<script>window.harm=1</script>" in seen.page.locator("h1").inner_text()
    assert seen.page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 100)")


PAPERS = {"A4": (688, 1009), "Letter": (710, 942)}
"""Room within the margins, in CSS pixels."""


def printed(
    visit: Callable[..., Any], content: ReportContent, tmp_path: Path, paper: str
) -> list[str]:
    """Return the text of each sheet, in the order it stands in."""
    write_report(content, tmp_path / "report.html")
    data = visit(tmp_path / "report.html").page.pdf(format=paper, print_background=True)
    return [sheet.extract_text() for sheet in PdfReader(io.BytesIO(data)).pages]


def long_report(content: MapContent, **changes: Any) -> ReportContent:
    """A report with as much text as a real one.

    Long sentences in the brief, a table of many sheets.
    """
    rows = tuple(
        (
            f"responder types: on call clinician: police backup share {i}",
            "0.02",
            "0",
            "0.03",
            "assumption",
            SOURCE,
            "2026",
        )
        for i in range(60)
    )
    heads = ("Figure", "Value", "Low", "High", "Mark", "Source", "Year")
    tables = (ReportTable("Every figure of the program", heads, rows, (1, 2, 3, 6)),)
    tables += tuple(
        ReportTable(f"Short {i}", ("Name", "Value"), (("a", "1"),) * 5, (1,)) for i in range(9)
    )
    change = change_chart([Change(f"District {i}", 30, 20 - i / 10) for i in range(90)])
    parts = tuple(
        Part(
            f"p{i}",
            f"Heading {i}",
            ("Words that go before. " * (7 * i + 7),),
            (),
            (Picture(change, "change"),),
            tables,
        )
        for i in range(2)
    )
    cards = tuple(
        SummaryRow(
            f"A figure of the brief, number {i}", "share", 0.4, 0.3, "higher", True, "a note that takes more than one line",
            (0.39, 0.41), (0.28, 0.31), (0.08, 0.11),
        )
        for i in range(5)
    )  # fmt: skip
    sentence = "With seven co-responder units and four on-call clinicians at nine posts, 43.2% of calls would be reached. "
    settings: dict[str, Any] = {
        "answer": (sentence * 2,) * 3,
        "headlines": cards,
        "parts": parts,
        "question": sentence,
    }
    return report(content, **(settings | changes))


SOURCE = "planning default: Toronto's civilian teams asked for police on 2.5% (toronto.ca 2023-01), STAR's pilot on none"


@pytest.mark.browser
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_prints_whole(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path, paper: str
) -> None:
    sheets = printed(visit, long_report(content_maker()), tmp_path, paper)
    assert not any("INTERNAL" in sheet for sheet in sheets)  # as on every one of an internal report
    # the brief is on one sheet, with all its figures, and nothing else is
    assert all(f"number {i}" in sheets[0].replace("\n", " ") for i in range(5))
    assert "Heading 0" not in sheets[0]
    assert "Heading 0" in sheets[1]
    # no word of the table is broken, and its heads are on each of its sheets
    whole = " ".join(sheets)
    assert whole.count("assumption") == 120
    for sheet in sheets:
        if "assumption" in sheet:
            assert "Mark" in sheet
            # no row stands alone
            assert sheet.count("assumption") > 1
    # a heading or caption never ends a sheet
    for sheet in sheets:
        lines = [
            line
            for line in sheet.splitlines()
            if line.strip() and not re.fullmatch(r"\d+ of \d+", line.strip())
        ]
        assert not re.search(r"Heading|^Short|Every figure", lines[-1] if lines else "")
    page = visit(tmp_path / "report.html").page
    width, height = PAPERS[paper]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(media="print")
    assert page.evaluate(
        """([w, h]) => [...document.querySelectorAll('table, th, td, img, figure, li, p')].filter(e => {
            const box = e.getBoundingClientRect();
            const cut = e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1;
            return cut || box.right > w + 1 || box.left < -1 || (e.tagName == 'IMG' && box.height > h);
        }).map(e => e.outerHTML.slice(0, 90))""",
        [width, height],
    ) == []  # fmt: skip
    brief = page.evaluate(
        """() => { const end = document.querySelector('.brief').getBoundingClientRect().bottom + 1;
            const over = [...document.querySelectorAll('.brief *')].filter(e => e.getBoundingClientRect().bottom > end);
            const side = document.querySelector('.brief .side').getBoundingClientRect().bottom + 1;
            over.push(...[...document.querySelectorAll('.brief .side *')].filter(e => e.getBoundingClientRect().bottom > side));
            return over.map(e => e.className || e.tagName) }"""
    )
    assert brief == []
    assert page.locator(".brief .map img").bounding_box()["height"] > 200


@pytest.mark.browser
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_an_internal_report_says_so_on_every_sheet(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path, paper: str
) -> None:
    sheets = printed(visit, long_report(content_maker(), internal=True), tmp_path, paper)
    assert len(sheets) > 4
    for sheet in sheets:
        # in the margin, and across the sheet for browsers that leave margins bare
        assert "not for publication" in sheet
        assert sheet.count("INTERNAL") >= 2


@pytest.mark.browser
def test_an_internal_report_says_so_on_screen(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_report(report(content_maker(), internal=True), tmp_path / "report.html")
    page = visit(tmp_path / "report.html").page
    assert "INTERNAL" in page.locator(".notices").inner_text()
    assert "INTERNAL" in page.locator("footer").inner_text()


def test_every_picture_has_words(content_maker: Maker) -> None:
    page = report_page(report(content_maker()))
    pictures = re.findall(r"<img [^>]*>", page)
    assert len(pictures) == 5
    assert all(re.search(r'alt="[^"]{3,}"', one) for one in pictures)


def test_columns_have_room_for_their_words() -> None:
    table = ReportTable(
        "Of a program",
        ("Figure", "Value", "Mark", "Source"),
        (("share", "0.02", "assumption", SOURCE * 3),),
        (1,),
    )
    widths = column_widths(table)
    assert sum(widths) == pytest.approx(100, abs=0.1)
    # out of about 100 letters in a line
    assert widths[2] >= len("assumption")
    assert widths[3] == max(widths)
    hashes = column_widths(ReportTable("t", ("a", "b"), (("x" * 500, "y"),)))
    assert hashes[1] >= 3
