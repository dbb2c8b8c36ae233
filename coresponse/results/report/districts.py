"""The report's section on districts.

Who gains and who loses, beyond chance and beyond what counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.data.figures.text import percent
from coresponse.data.words import at_start, listed, many
from coresponse.maps.report.content import Part, Picture, ReportTable
from coresponse.maps.words import signed
from coresponse.publish.changes import LEAST_MIN
from coresponse.publish.places import District, DistrictsPublication
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.rounding import WAIT
from coresponse.results.need import need_table
from coresponse.results.tables import VERDICTS

HEADS = (
    "District",
    "Wait today, min",
    "Wait plan, min",
    "Change, min",
    "Band of the change",
    "Wait would be",
    "In time today",
    "In time plan",
)


def fairness(publication: PlanPublication) -> Part | None:
    """Return the section; None without districts or without a replay."""
    found = publication.shown.districts
    if found is None:
        return None
    note = (
        f"{at_start(many(found.left_out, 'district'))} not shown: fewer than {MIN_CALLS} past "
        "calls, or would give such a count away."
        if found.left_out
        else ""
    )
    if found.no_calls:
        note = f"{note} No past call came from {listed([found.names[d] for d in found.no_calls])}."
        note = note.strip()
    if found.compared is None:
        part = _worst(found, note)
    else:
        part = _gains(sorted(found.compared.values(), key=lambda row: row.change), note)
    need = publication.shown.need
    if need is None:
        return part
    return replace(
        part,
        paragraphs=(*part.paragraphs, *need.sentences),
        tables=(*part.tables, need_table(need)),
    )


def _worst(found: DistrictsPublication, note: str) -> Part:
    table = found.waits.sort_values(WAIT, ascending=False, kind="stable")
    rows = tuple(
        (
            found.names[str(d)],
            (
                f"{row[WAIT] / 60:.1f} ({row[WAIT + '_low'] / 60:.1f} to "
                f"{row[WAIT + '_high'] / 60:.1f})"
            ),
            percent(row["share_in_time"]),
        )
        for d, row in table.iterrows()
    )
    heads = ("District", "Mean wait, min (band)", "In time")
    shown_table = ReportTable("Districts, longest wait first (replay)", heads, rows, (1, 2), note)
    said = (
        f"The longest mean wait would be in {rows[0][0]}: {table.iloc[0][WAIT] / 60:.0f} minutes."
        if rows
        else ""
    )
    return Part("fairness", "Who is served worst", (said,) if said else (), tables=(shown_table,))


def _gains(rows: list[District], note: str) -> Part:
    from coresponse.maps.report.charts import (  # noqa: PLC0415 - loads matplotlib
        MOST_DISTRICTS,
        Change,
        change_chart,
    )

    table = ReportTable(
        "Districts, largest gain first (replay)",
        HEADS,
        tuple(
            (
                row.name,
                f"{row.today:.1f}",
                f"{row.plan:.1f}",
                signed(row.change),
                f"{signed(row.low)} to {signed(row.high)}",
                VERDICTS[row.verdict],
                percent(row.share_today),
                percent(row.share_plan),
            )
            for row in rows
        ),
        (1, 2, 3, 4, 6, 7),
        f"{note} Bands are of the difference, both deployments meeting the same calls, and hold "
        "for all districts together "
        f"in 95 of 100 cases. A difference counts if its band leaves out 0 and it is at least {LEAST_MIN:g} min.".strip(),
    )  # fmt: skip
    few = len(rows) > MOST_DISTRICTS
    picture = Picture(
        change_chart([Change(row.name, row.today, row.plan, row.verdict) for row in rows]),
        f"Mean wait by district, today and with the plan: {gainers(rows)}. The table beneath has "
        "all figures.",
        f"Of {len(rows)} districts the {MOST_DISTRICTS // 2} with the largest gains and as many "
        "with the least are drawn."
        if few
        else "",
    )
    return Part(
        "fairness", "Who gains and who loses", tuple(gain_words(rows)), (), (picture,), (table,)
    )


def gainers(rows: list[District]) -> str:
    """Say how many districts gain, lose, and do neither."""
    shorter, longer, same = (sum(row.verdict == v for row in rows) for v in (1, -1, 0))
    said = f"{many(shorter, 'district')} would wait less, {many(longer, 'district')} longer"
    return (
        f"{said}; in {many(same, 'district')} there is no difference that counts" if same else said
    )


def gain_words(rows: list[District]) -> Iterator[str]:
    """Say how many districts gain and lose, the largest loss, and the longest wait; `rows` by change."""
    if not rows:
        yield "No district has enough past calls to be shown."
        return
    text = gainers(rows)
    yield (
        f"{text[:1].upper()}{text[1:]}. Only differences of at least {LEAST_MIN:g} minutes that "
        "chance does not explain are counted."
    )
    last = rows[-1]
    if last.verdict < 0:
        yield (
            f"The largest loss would be in {last.name}: {last.change:.1f} minutes more on average "
            f"(band {signed(last.low)} to {signed(last.high)})."
        )
    worst = max(rows, key=lambda row: row.plan)
    yield f"The longest mean wait under the plan would be in {worst.name}: {worst.plan:.0f} minutes (today {worst.today:.0f})."
