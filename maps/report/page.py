"""The report as one HTML page that opens and prints without a network."""

from __future__ import annotations

import base64
from pathlib import Path

from markupsafe import Markup

from coresponse.data.figures.rows import RowUnit as Unit
from coresponse.data.figures.rows import SummaryRow
from coresponse.data.figures.text import figure_text as figure
from coresponse.maps.escape import html_text
from coresponse.maps.offline import page_text, policy, templates, write_whole
from coresponse.maps.report.content import Picture, RecordsContent, ReportContent
from coresponse.maps.report.widths import column_widths
from coresponse.maps.words import UNTOLD, change, told_apart


def write_report(content: ReportContent, path: Path) -> None:
    """Write a report; the same content gives the same bytes."""
    write_whole(path, report_page(content))


def report_page(content: ReportContent) -> str:
    """Return the page as text; it runs no script and makes no request."""
    return _page("report.html", content, short=_short, apart=_apart, change=change)


def records_page(content: RecordsContent) -> str:
    """Return the page of the model beside the records as text; it runs no script and makes no request."""
    return _page("validation.html", content)


def _page(template: str, content: ReportContent | RecordsContent, **words: object) -> str:
    styles = [page_text("report.css"), *([page_text("internal.css")] if content.internal else [])]
    return (
        templates()
        .get_template(template)
        .render(
            content=content,
            policy=policy([], styles),
            styles=[Markup(style) for style in styles],  # noqa: S704 -- our own file
            source=_source,
            long=_long,
            widths=column_widths,
            **words,
        )
    )


def _source(picture: Picture) -> Markup:
    """Return a picture as an address that holds it whole.

    An image runs nothing and loads nothing.
    """
    held = base64.b64encode(picture.svg.encode("utf-8")).decode("ascii")
    return Markup(f"data:image/svg+xml;base64,{held}")  # noqa: S704 -- base64 holds no markup


def _short(value: float | None, unit: Unit) -> str:
    """Return a figure for the brief, which says elsewhere that dollars are a year's."""
    return figure(value, unit).removesuffix(" a year")


def _apart(row: SummaryRow) -> str:
    """Say how much more or less money the plan costs: more is not worse in itself."""
    if row.plan is None or row.today is None:
        return ""
    if row.plan == row.today:
        return "no change"
    return (
        f"{_short(abs(row.plan - row.today), row.unit)} "
        f"{'more' if row.plan > row.today else 'less'}"
        if told_apart(row)
        else UNTOLD
    )


def _long(text: str) -> Markup:
    """Return a sentence or more, escaped; it may be longer than a name."""
    return Markup(html_text(text, limit=4000))  # noqa: S704 -- escaped just now
