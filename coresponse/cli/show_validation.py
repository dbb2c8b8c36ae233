"""Show the model beside the records on the terminal."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from coresponse.cli.tables import print_table
from coresponse.cli.terminal import more_in_details, print_paths
from coresponse.data.words import at_start
from coresponse.publish.disclosure import MARK
from coresponse.publish.validated import ValidationPublication
from coresponse.publish.validation import APART, before_validation, publish_validation
from coresponse.questions.validate import cannot_tell, validate
from coresponse.results.runs import Run, must_be
from coresponse.results.validation import PAGE, band_text, found_before
from coresponse.study.read import LoadedStudy

# Calls times crossings up to which `check` replays the history itself: a second or two.
CHEAP = 2e8

STYLES = {"fits": "bold green", "off": "bold red", "cannot tell": "bold yellow"}


# The verdict; which groups stand out; which speeds fit.
SENTENCES = 3

HEADS = ("Records", "Recorded, min", "Modeled, min", "Off by", "95% band")

GROUPS = {"district": "District", "unit": "Unit", "class": "Call class"}


def show_validation(
    publication: ValidationPublication, run: Run, console: Console, *, details: bool = False
) -> None:
    """Print the verdict, and one row for all records and each three hours of the day; with details, all groups."""
    must_be(publication, ValidationPublication)
    if publication.facts.notice:
        console.print(Text(publication.facts.notice, style="bold magenta"))
    said = publication.sentences if details else publication.in_short
    console.print(Text(said[0], style=STYLES[publication.verdict]))
    for sentence in said[1:] if details else said[1:SENTENCES]:
        console.print(Text(sentence))
    table = publication.table
    _table(publication, table[table["grouped_by"].isin(["all", "hour"])], "Hours", console)
    if details:
        for kind, head in GROUPS.items():
            _table(publication, table[table["grouped_by"] == kind], head, console)
        for _, row in publication.set_aside.iterrows():
            console.print(Text(f"  set aside: {row['reason']}: {row['reason_count']}", style="dim"))
    if run.disclosure.internal:
        console.print(Text(MARK, style="bold red"))
    print_paths(console, {"Page": run.file(PAGE), "Results": run.folder})
    if not details:
        more_in_details(console, "Districts, units, call classes and what was set aside")


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


def _table(
    publication: ValidationPublication, rows: pd.DataFrame, what: str, console: Console
) -> None:
    if not len(rows):
        return
    cells = [
        (
            publication.group_titles.get(row["group"], row["group"]) or "all",
            row["records_band"],
            f"{row['recorded_s'] / 60:.1f}",
            f"{row['modeled_s'] / 60:.1f}",
            f"{row[APART]:+.0%}",
            band_text(row),
        )
        for _, row in rows.iterrows()
    ]
    print_table(console, at_start(publication.clock), (what, *HEADS), cells)
