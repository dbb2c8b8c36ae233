"""What a report is made from: everything is given, nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coresponse.data.figures.rows import SummaryRow


@dataclass(frozen=True)
class ReportTable:
    """A table as people read it.

    Attributes
    ----------
    title
        Caption.
    columns
        Heads; those in `numbers` are set to the right.
    rows
        Texts.
    numbers
        Positions of columns with figures.
    note
        Beneath the table.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart or map as SVG, with words for those who do not see it.

    Attributes
    ----------
    svg
        Made by the tool; shown as an image, so that nothing in it can run.
    alternative
        What it shows.
    caption
        Beneath it.
    """

    svg: str
    alternative: str
    caption: str = ""


@dataclass(frozen=True)
class Part:
    """One section: words, pictures and tables, in this order.

    Attributes
    ----------
    key
        For links; small letters.
    title, paragraphs, bullets
        Texts.
    pictures, tables
        Shown beneath.
    """

    key: str
    title: str
    paragraphs: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[ReportTable, ...] = ()


@dataclass(frozen=True)
class Mark:
    """A deployment as a point of the frontier.

    Dollars a year, call-outs as found, and the replay's figures by column.
    """

    name: str
    cost: float
    figures: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class ReportContent:
    """Content of a report.

    Attributes
    ----------
    title
        Of the study.
    question
        One sentence.
    answer
        Three sentences at most.
    headlines
        Five figures for the brief.
    picture
        The map of the plan.
    parts
        The sections of the annex.
    decision
        The sections of the second page.
    notices
        Marks at the top of every printed page's first sheet, such as ``SYNTHETIC calls``.
    internal
        Marks the page INTERNAL.
    attribution
        Of roads and other data.
    run
        Name of the run.
    marks
        Deployments that a sweep's frontier shows among its points.
    """

    title: str
    question: str
    answer: tuple[str, ...]
    headlines: tuple[SummaryRow, ...]
    picture: Picture | None
    parts: tuple[Part, ...]
    notices: tuple[str, ...] = ()
    internal: bool = False
    attribution: tuple[str, ...] = ()
    run: str = ""
    marks: tuple[Mark, ...] = ()
    decision: tuple[Part, ...] = ()


@dataclass(frozen=True)
class RecordsContent:
    """Content of the page that holds the model against the records.

    Attributes
    ----------
    title
        Of the study.
    question, answer
        What was compared; what came out, the verdict first.
    parts
        What stands behind it.
    notices
        Marks at the top, such as ``SYNTHETIC calls``.
    run
        Name of the run.
    internal
        Whether it is not for publication.
    """

    title: str
    question: str
    answer: tuple[str, ...]
    parts: tuple[Part, ...]
    notices: tuple[str, ...] = ()
    run: str = ""
    internal: bool = False
