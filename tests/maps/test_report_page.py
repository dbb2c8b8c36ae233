"""The council's report as people and screen readers meet it, in headless Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coresponse.maps.content import MapContent, SummaryRow
from coresponse.maps.report.charts import (
    Bought,
    Change,
    FunnelStep,
    Judged,
    change_chart,
    frontier_chart,
    funnel_chart,
    judges_chart,
)
from coresponse.maps.report.content import Part, Picture, ReportContent, ReportTable
from coresponse.maps.report.page import report_page, write_report
from coresponse.maps.report.picture import plan_picture

AXE = Path(__file__).parent / "assets" / "axe-core-4.14.1" / "axe.min.js"
HOSTILE = (
    "<script>window.harm=1</script><img src=x onerror='window.harm=1'>\"><svg onload=window.harm=1>"
    "${window.harm=1}`${window.harm=1}`\\`{{7*7}}</script><!--\u202e\u2028=cmd|' /C calc'!A0 $\\frac{1}{0}$"
)
Maker = Callable[..., MapContent]


def report(content: MapContent, name: Callable[[str], str] = lambda text: text, **changes: Any) -> ReportContent:
    charts = (
        Picture(judges_chart([Judged(name("Plan"), 70, 40, 43), Judged("Today", 50, None, None)]), name("judges")),
        Picture(
            funnel_chart([FunnelStep("calls", 90, ()), FunnelStep(name("sent"), 40, ((name("busy"), 50),))]), "way"
        ),
        Picture(change_chart([Change(name("North"), 30, 20), Change("South", 20, 25)]), "districts"),
        Picture(frontier_chart([Bought(1e6, 20, True), Bought(2e6, 20, False)], [(name("plan"), 1e6, 30)]), "frontier"),
    )
    table = ReportTable(
        name("Figures"), (name("Name"), "Value"), ((name("row"), "1"), ("other", "2")), (1,), name("note")
    )
    settings: dict[str, Any] = {
        "title": name("Made city"),
        "question": name("Where?"),
        "answer": (name("There."), "And more."),
        "headlines": (SummaryRow(name("In time"), "share", 0.4, 0.3, "higher", True, name("note"), (0.39, 0.41)),),
        "picture": Picture(plan_picture(content), name("map")),
        "parts": (Part("one", name("Section"), (name("Words."),), (name("point"),), charts, (table,)),),
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


@pytest.mark.browser
def test_it_opens_without_request_complaint_or_serious_fault(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_report(report(content_maker()), tmp_path / "report.html")
    for phone in (False, True):
        seen = visit(tmp_path / "report.html", phone=phone)
        page = seen.page
        assert seen.requests == []
        assert seen.complaints == []
        assert page.evaluate("document.documentElement.scrollWidth") <= (390 if phone else 1280)
        # every picture is drawn, and said in words
        assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 100 && i.alt.length > 2)")
        assert page.locator("h1").count() == 1
        # the page allows no script, so that axe comes in past the policy
        page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
        page.reload()
        page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)))"
        )
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


@pytest.mark.browser
def test_hostile_names_are_text(visit: Callable[..., Any], content_maker: Maker, tmp_path: Path) -> None:
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


@pytest.mark.browser
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_brief_fits_its_sheet(visit: Callable[..., Any], content_maker: Maker, tmp_path: Path, paper: str) -> None:
    write_report(report(content_maker()), tmp_path / "report.html")
    page = visit(tmp_path / "report.html").page
    whole = page.pdf(format=paper, prefer_css_page_size=False)
    page.evaluate("document.querySelectorAll('.part, .contents, footer').forEach(e => e.remove())")
    brief = page.pdf(format=paper, prefer_css_page_size=False)
    assert brief.count(b"/Type /Page\n") + brief.count(b"/Type /Page ") == 1
    assert whole.count(b"/Type /Page\n") + whole.count(b"/Type /Page ") > 1


@pytest.mark.browser
def test_an_internal_report_says_so_on_screen_and_at_its_end(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write_report(report(content_maker(), internal=True), tmp_path / "report.html")
    page = visit(tmp_path / "report.html").page
    assert "INTERNAL" in page.locator(".notices").inner_text()
    assert "INTERNAL" in page.locator("footer").inner_text()
