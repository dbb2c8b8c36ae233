"""Show the model beside the records on the terminal."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coresponse.publish.disclosure import MARK
from coresponse.publish.validation import (
    APART,
    ValidationPublication,
    before_validation,
    publish_validation,
)
from coresponse.questions.validate import cannot_tell, validate
from coresponse.results.runs import Run, must_be
from coresponse.results.validation import PAGE, band_text, found_before
from coresponse.study.read import LoadedStudy

CHEAP = 2e8
"""Calls times crossings up to which `check` replays the history itself: a second or two."""

STYLES = {"fits": "bold green", "off": "bold red", "cannot tell": "bold yellow"}


def show_validation(publication: ValidationPublication, run: Run, console: Console) -> None:
    """Print the verdict, and one row for all records and each three hours of the day."""
    must_be(publication, ValidationPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    first, *rest = publication.sentences
    console.print(Text(first, style=STYLES[publication.verdict]))
    for sentence in rest:
        console.print(Text(sentence))
    rows = publication.table[publication.table["grouped_by"].isin(["all", "hour"])]
    if len(rows):
        console.print(_table(publication, rows))
    for _, row in publication.set_aside.iterrows():
        console.print(Text(f"  set aside: {row['reason']}: {row['reason_count']}", style="dim"))
    if run.disclosure.internal:
        console.print(Text(MARK, style="bold red"))
    console.print(Text(f"Page: {run.file(PAGE)}"))
    console.print(Text(f"Results: {run.folder}"))


def show_records(study: LoadedStudy, console: Console) -> None:
    """Print in a sentence how the model compares with the records, or why nobody can tell."""
    said = found_before(study.folder.results, study.hashes)
    if not said:
        reasons = cannot_tell(study.stated_case)
        cheap = len(study.city.calls.frame) * study.city.roads.n_nodes <= CHEAP
        if reasons or not cheap:
            said = before_validation(reasons)
        else:
            said = publish_validation(validate(study.stated_case)).sentences[0]
    console.print(Text(said))


def _table(publication: ValidationPublication, rows: pd.DataFrame) -> Table:
    table = Table(title=Text(f"Minutes {publication.clock}"), title_justify="left")
    table.add_column("hours")
    for head in ("records", "recorded", "modeled", "off", "95% band"):
        table.add_column(head, justify="right")
    for _, row in rows.iterrows():
        table.add_row(
            Text(row["group"] or "all"),
            Text(row["records_band"]),
            f"{row['recorded_s'] / 60:.1f}",
            f"{row['modeled_s'] / 60:.1f}",
            f"{row[APART]:+.0%}",
            band_text(row),
        )
    return table
