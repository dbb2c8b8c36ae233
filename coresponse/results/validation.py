"""Write the model beside the records: tables, JSON, and a page with charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coresponse.data.errors import CoresponseError
from coresponse.maps.report.content import Part, Picture, RecordsContent, ReportTable
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.validated import CalibrationPublication, ValidationPublication
from coresponse.publish.validation import ALL, APART
from coresponse.results.runs import Run, must_be, provenance, records, run_folder, write_json
from coresponse.study.provenance import run_name, versions
from coresponse.study.read_back import read_result_file

if TYPE_CHECKING:
    from coresponse.maps.report.records_charts import RecordPair

SCHEMA = 1
PAGE = "validation.html"

TITLES = {
    "district": "By district",
    "hour": "By hour of the day",
    "unit": "By unit",
    "class": "By call class",
}

HEADS = {
    ALL: "Which calls",
    "district": "District",
    "hour": "Hours of the day",
    "unit": "Unit",
    "class": "Call class",
}

WHAT_THEN = (
    'Plans use the speeds that are stated. With speeds = "calibrated" at the top of study.toml they '
    "use fitted ones, the delays and the spread of drives included, where days that were not fitted "
    "bear them out; every page then says so."
)
READING = (
    "Recorded trips of today's crews beside the mean of 8 replays of the same calls by today's "
    "deployment. Off: more than 5% apart, and that sure (99%, days taken as independent); fits: not "
    "off, and the 95% band within 10%; else the records cannot tell. A group stands out if it is "
    "more than 5% off the middle group, with at most 5% of such names false."
)


def write_validation(
    publication: ValidationPublication, results: Path, hashes: Mapping[str, str]
) -> Run:
    """Write the verdict, its tables, and the page.

    Raises
    ------
    InputError
        If the folder cannot be written.
    TypeError
        If it was not published.
    """
    from coresponse.maps.offline import write_whole  # noqa: PLC0415 - check draws nothing
    from coresponse.maps.report.page import records_page  # noqa: PLC0415 - check draws nothing

    must_be(publication, ValidationPublication)
    disclosure = publication.disclosure
    name = _name(hashes, disclosure)
    with run_folder(results / name) as folder:
        disclosure.write_table(publication.table, folder / "validation.csv")
        disclosure.write_table(publication.set_aside, folder / "set_aside.csv")
        if publication.calibration is not None:
            disclosure.write_table(publication.calibration.speeds, folder / "speeds.csv")
            disclosure.write_table(publication.calibration.crews, folder / "crews.csv")
        write_json(validation_json(publication, name, hashes), folder / "validation.json", indent=1)
        write_whole(folder / PAGE, records_page(page_content(publication, name)))
        disclosure.rename_files(folder)
    return Run(name, results / name, disclosure)


def _name(hashes: Mapping[str, str], disclosure: Disclosure = PUBLIC) -> str:
    kind = disclosure.kind_of_run("validate")
    return run_name(dict(hashes), {"versions": versions()}, kind=kind)


def found_before(results: Path, hashes: Mapping[str, str]) -> str | None:
    """Return the verdict of a validation of the same inputs, if there is one among the results."""
    path = results / _name(hashes) / "validation.json"
    try:
        said = read_result_file(path, schema=SCHEMA, cure="validate again")["says"]
        return str(said[0])
    except (CoresponseError, LookupError, TypeError):
        return None


def validation_json(
    publication: ValidationPublication, name: str, hashes: Mapping[str, str]
) -> dict[str, Any]:
    """Return everything as plain data; the same inputs give the same data."""
    facts, fitted = publication.facts, publication.calibration
    return {
        **publication.disclosure.mark,
        "schema": SCHEMA,
        **facts.header(name),
        "verdict": publication.verdict,
        "says": list(publication.sentences),
        "recorded": publication.clock,
        "records": records(publication.table),
        "not_shown": dict(publication.left_out),
        "set_aside": records(publication.set_aside),
        "calibration": None if fitted is None else _fitted(fitted),
        "reading": READING,
        "provenance": provenance(facts, hashes),
    }


def _fitted(fitted: CalibrationPublication) -> dict[str, Any]:
    return {
        "better_than_stated": fitted.used,
        "speeds": records(fitted.speeds),
        "delay_min": fitted.delay_min,
        "off_as_stated": fitted.before,
        "off_with_fitted_speeds": fitted.after,
        "steps": list(fitted.steps),
        "crews": records(fitted.crews),
        "call_taking": fitted.call_taking,
    }


def page_content(publication: ValidationPublication, name: str) -> RecordsContent:
    """Return what the page shows."""
    facts = publication.facts
    return RecordsContent(
        title=facts.name,
        question=(
            "Does the model reproduce what was recorded? Today's deployment was replayed through "
            f"{publication.days:,} days of real calls, and its times {publication.clock} "
            "set beside the recorded ones."
        ),
        answer=publication.sentences,
        parts=tuple(_parts(publication)),
        notices=(facts.notice,) if facts.notice else (),
        run=name,
        internal=publication.disclosure.internal,
    )


def _parts(publication: ValidationPublication) -> Iterator[Part]:
    from coresponse.maps.report.records_charts import pairs_chart  # noqa: PLC0415 - check draws nothing

    scatter = _against(publication)
    if scatter is not None:
        yield scatter
    for kind, title in TITLES.items():
        rows = publication.group(kind)
        if not len(rows):
            continue
        pictures = []
        if kind == "district":
            pictures += _map(publication, rows)
        if kind in {"district", "hour"}:
            said = f"Recorded and modeled means {title.lower()}; the table beneath has all figures."
            order = (
                rows if kind == "hour" else rows.sort_values(APART, ascending=False, kind="stable")
            )
            pictures.append(Picture(pairs_chart(_recorded(order), publication.clock), said))
        yield Part(
            kind, title, pictures=tuple(pictures), tables=(_table(publication, kind, title, rows),)
        )
    yield from _fit(publication)
    yield Part(
        "reading",
        "How to read this, and what was set aside",
        (
            READING,
            "Recorded over modeled times of a right model spread from 0.8 to 1.2 call by call: that is not a fault.",
        ),
        tables=_set_aside(publication),
    )


def _against(publication: ValidationPublication) -> Part | None:
    from coresponse.maps.report.records_charts import scatter_chart  # noqa: PLC0415 - check draws nothing

    table = publication.table
    groups = table[table["grouped_by"].isin(["district", "hour"])]
    if not len(groups):
        return None
    picture = Picture(
        scatter_chart(_recorded(groups), publication.clock),
        "Recorded over modeled means of districts and hours of the day; the tables beneath have "
        "all figures.",
        "A point is a district or three hours of the day. Above the line, units took longer than modeled.",
    )
    everything = publication.group(ALL)
    shown = _table(publication, ALL, "All records", everything.assign(group="all records"))
    return Part("against", "Recorded against modeled", pictures=(picture,), tables=(shown,))


def _recorded(rows: pd.DataFrame) -> list[RecordPair]:
    from coresponse.maps.report.records_charts import RecordPair  # noqa: PLC0415 - check draws nothing

    return [
        RecordPair(
            str(row["group"]),
            row["recorded_s"] / 60,
            row["modeled_s"] / 60,
            row["stands_out"] == "yes",
        )
        for _, row in rows.iterrows()
    ]


def _map(publication: ValidationPublication, rows: pd.DataFrame) -> list[Picture]:
    from coresponse.maps.report.records_charts import error_map  # noqa: PLC0415 - check draws nothing

    districts = publication.facts.districts
    if districts is None:
        return []
    error = dict(zip(rows["group"], rows[APART], strict=True))
    names = districts.frame["name"].astype(str)
    values = [error.get(name, np.nan) for name in names]
    return [
        Picture(
            error_map(districts.frame, values),
            "Map of districts by how far recorded times are off modeled ones; the table beneath "
            "has all figures.",
        )
    ]


def _table(
    publication: ValidationPublication, kind: str, title: str, rows: pd.DataFrame
) -> ReportTable:
    left = publication.left_out.get(kind, 0)
    note = (
        f"{left} not shown: too few records, or they would give such a count away." if left else ""
    )
    return ReportTable(
        title,
        (
            HEADS[kind],
            "Records",
            "Recorded, min",
            "Modeled, min",
            "Recorded is off",
            "95% band of that",
            "Stands out",
        ),
        tuple(
            (
                row["group"],
                row["records_band"],
                f"{row['recorded_s'] / 60:.1f}",
                f"{row['modeled_s'] / 60:.1f}",
                f"{row[APART]:+.0%}",
                band_text(row),
                row["stands_out"],
            )
            for _, row in rows.iterrows()
        ),
        (2, 3, 4, 5),
        note,
    )


def band_text(row: pd.Series[Any]) -> str:
    """Return a row's band as people read it; empty where one day has none."""
    low, high = row[f"{APART}_low"], row[f"{APART}_high"]
    return f"{low:+.0%} to {high:+.0%}" if np.isfinite(low) and np.isfinite(high) else ""


def _fit(publication: ValidationPublication) -> Iterator[Part]:
    fitted = publication.calibration
    if fitted is None:
        return
    rows = tuple(
        (row["applies_to"], f"{row['speed_of_stated']:.0%}") for _, row in fitted.speeds.iterrows()
    )
    tables = (
        ReportTable(
            "Speed as a share of the stated one",
            ("Period or road class", "Speed"),
            rows,
            (1,),
        ),
    )
    yield Part(
        "speeds",
        "Speeds that fit the records",
        tuple(said for said in (fitted.sentence, fitted.call_taking, WHAT_THEN) if said),
        fitted.steps,
        tables=(*(tables if fitted.used else ()), *_crews(fitted)),
    )


def _crews(fitted: CalibrationPublication) -> tuple[ReportTable, ...]:
    rows = tuple(
        (
            row["applies_to"],
            row["better"],
            _or_few(row["speed_of_stated"], ".0%"),
            _or_few(row["delay_min"], ".1f"),
            _or_few(row["delay_spread"], ".2f"),
            _or_few(row["drive_spread"], ".2f"),
        )
        for _, row in fitted.crews.iterrows()
    )
    heads = (
        "Crew",
        "Fitted is better",
        "Speed of the stated one",
        "Turn-out, min",
        "Spread of turn-out",
        "Spread of drives",
    )
    note = "A spread of 0.3: two drives of three are within about 30% of what is expected."
    return (
        (ReportTable("What records say of each crew", heads, rows, (2, 3, 4, 5), note),)
        if rows
        else ()
    )


def _or_few(value: float, form: str) -> str:
    return format(value, form) if np.isfinite(value) else "too few records"


def _set_aside(publication: ValidationPublication) -> tuple[ReportTable, ...]:
    rows = tuple(
        (row["reason"], row["reason_count"]) for _, row in publication.set_aside.iterrows()
    )
    if not rows:
        return ()
    return (
        ReportTable("Calls without a record that can be used", ("Reason", "Calls"), rows, (1,)),
    )
