"""Write the documentation pages that are made from the code: ``python -m scripts.make_docs``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coresponse.data.programs.cost import annual_cost, relief_factor
from coresponse.data.programs.load import assumptions, load_program, preset_names
from coresponse.data.programs.model import Program
from coresponse.data.programs.throughput import TYPICAL_DRIVE_MIN, calls_per_unit_hour
from coresponse.data.tables.dictionary import dictionary_markdown
from coresponse.data.tables.specs import ALL_SPECS
from scripts.standards_page import standards_markdown
from scripts.study_reference import study_markdown

DOCS = Path(__file__).resolve().parents[1] / "docs"

TABLES_HEAD = """# Input tables

Columns are found by our name or by one of the names under which dispatch systems export them; upper and lower case, spaces and
punctuation do not matter. Where a column is not found, name it: `coresponse new ... --column OUR_NAME=THEIR_NAME`, or
`[calls.columns]` in `study.toml`. This page is made by `scripts/make_docs.py`.

Tables are read from CSV and its kin, Excel (`.xlsx`; `.xls` with `pip install 'coresponse[xls]'`), Parquet, JSON records, and
map layers (GeoPackage, GeoJSON, Shapefile, GeoParquet, KML and KMZ); posts also from OpenStreetMap extracts and answers of
Overpass; all of them also in `.zip`, `.gz` or `.bz2`. Of a workbook, the visible sheet whose header has most of the names below
is read; of an archive with several tables the only one that has the columns, or, of calls, all that have the same columns, as
months; of a KML file the placemarks of all folders. Which it was is told. A table without a header row has columns `column 1`,
`column 2` and so on. Rows with an address and no
coordinates are looked up by the address, also where other rows have coordinates.

A table has at most 4,096 columns and a cell 1,000,000 characters. Names of files and folders may not have `!`, control
characters, or parts like `/vsizip/`: readers of map files take them for more than a name. Calls far outside the days of all
others are set aside, and days of a gap are not counted, unless `first_day` and `last_day` under `[calls]` state what the files
cover.

"""

PROGRAMS_HEAD = """# Programs

A program says who may be sent to what, how fast they start, and what they cost. Presets ship for the usual models; a file of your
own extends one and states what differs:

```toml
extends = "mixed"
name = "mytown"

[responder_types.co_responder_unit]
delay_min = 3                       # a bare number is your own figure
speed_factor = { value = 0.7, mark = "fact", source = "AVL data of 2025", year = 2025 }

[call_classes.crisis_low]
natures = ["MH*", "SUIC*"]          # exact, prefix*, or with * and ? inside
```

A nature that tells of a weapon or of violence (`SUICIDAL SUBJECT WITH WEAPON`, not `EDP NO WEAPON`) is of `crisis_high`,
whose `danger_words` list the words, whichever crisis class would take it; one that no crisis class would
(`WELFARE CHECK - ARMED`) is of none. What you name exactly, or with the word itself, stays as you say.

Codes hide what calls turn out to be: in one study 0.9% of calls were about mental health by code, 10.8% by text and outcome
(Koziarski et al. 2022). A nature may belong to a class by a share, as a range:

```toml
[call_classes.crisis_low.natures]
"MH*" = {}                          # all of its calls
"WELFARE*" = { share = [0.1, 0.3] } # 10 to 30% of them; the others stay welfare checks
```

The middle of the range goes into demand; `DemandCells.at(0)` to `.at(1)` are the demand from the low to the high end. Half of
the replay's calls are drawn with few hidden ones, half with many, so that the mean is that of the range, and bands hold whatever
the share is within it. `check` and the report have the table "what your codes say, what they hide"
(`coresponse.coverage.hidden.codes_and_hidden`).

Where a column of your calls says which were about mental health -- a flag, a disposition, or words -- name it in the study, and
`coresponse new` proposes the line if it finds such a column:

```toml
[calls]
mental_health = { column = "FINAL_DISPO", says_so = ["*MENTAL*", "5150*"] }
```

A call that is noted so is of the program's class for it (the first with `about_mental_health = true`), unless its code is of
such a class already: in demand, in the replay of recorded calls, and so in places, hours and bands. Of a nature whose share
you state, the other calls hide the rest of that share. Where a flag says no of some calls and nothing of others, the others
count by the share of their nature's known calls, with its range. A flag is what somebody noted: state a share where you know
that crews note less than there is.

Every figure of a preset is marked: *fact* (stated in its source), *derived* (arithmetic on facts) or *assumption* (for
planning, no direct source). A run writes them all to `assumptions.csv`. Shares that programs report of themselves are quoted
below with what is known of them; none is used as an effect. This page is made by `scripts/make_docs.py`.

"""


SHIFTS_HEAD = """## Shift patterns

A responder type is bought on the patterns that it names; the optimizer chooses type, post and pattern together. These ship
for all presets, and your own go beside them (`[shift_patterns.graveyard]` with `title` and `hours`). To let the optimizer
choose hours:

```toml
[responder_types.co_responder_unit]
shift_patterns = ["day_8h", "swing_8h", "night_8h", "weekdays_8h", "early_week_10h", "late_week_10h"]
```

Positions are the full-time positions to fund for one seat: hours a year over the productive hours of one person. A plan adds
those who are paid and not yet on the street (`crew_roles.NAME.turnover_share` times `onboarding_months`), rounds each crew role
up to people, and says whom to hire beyond today's; one supervisor leads `staffing.people_per_supervisor`.

| pattern | hours | hours a week | positions for one seat |
|---|---|---|---|"""

COSTS_HEAD = """
## What one responder costs

A co-responder unit and an on-call clinician of the preset `mixed`, line by line. Vacancies add overtime
(`crew_roles.NAME.vacancy_share`); a pattern's `relief_factor` adds paid hours. Start-up is paid once, apart from the yearly cost.
"""

TYPES_HEAD = """
| responder type | crew | may be sent to | start | hours | a year |
|---|---|---|---|---|---|"""


def reported(program: Program, key: str) -> Iterator[str]:
    """Write what programs of a kind report beside what the preset's figures come to."""
    kind = program.responder_types[key]
    if kind.calls_per_unit_hour is not None:
        yield (
            f"- {kind.title}: busy {kind.busy_share.value:.0%} of its time, with drives of "
            f"{TYPICAL_DRIVE_MIN:g} min, it handles {calls_per_unit_hour(program, key):.2f} calls "
            f"an hour; reported: {kind.calls_per_unit_hour.value:g} "
            f"({kind.calls_per_unit_hour.mark}; {kind.calls_per_unit_hour.source})."
        )
    cost = kind.published_cost_per_hour
    if cost is not None:
        yield (
            f"- {kind.title}, dollars an hour on duty: published ${cost.value:g} (${cost.low:g} to "
            f"${cost.high:g}; {cost.mark}; {cost.source}). {cost.note}"
        )


def programs() -> str:
    """Write what is known of each preset."""
    parts = [PROGRAMS_HEAD]
    for name in preset_names():
        program = load_program(name)
        parts.append(f"## {name}: {program.title}\n\nStatus: {program.status}.\n")
        parts += [f"- {s.text} ({s.mark}; {s.source}, {s.year})" for s in program.about]
        parts.append(TYPES_HEAD)
        for key, kind in program.responder_types.items():
            crew = " + ".join(
                f"{n} {program.crew_roles[role].title}" for role, n in kind.crew.items()
            )
            for pattern in kind.shift_patterns:
                cost = annual_cost(program, key, pattern).total
                hours = program.shift_patterns[pattern].title
                parts.append(
                    f"| {kind.title} | {crew} | {', '.join(kind.eligible)} | "
                    f"{kind.delay_min.value:g} min"
                    f"{', officer first' if kind.needs_officer_first else ''} | {hours} | "
                    f"${cost:,.0f} |"
                )
        said = [line for key in program.responder_types for line in reported(program, key)]
        parts += ["", *said] if said else []
        marks = assumptions(program)["mark"].value_counts()
        listed = ", ".join(
            f"{marks[mark]} {mark}" for mark in ("fact", "derived", "assumption") if mark in marks
        )
        parts.append(f"\nFigures: {listed}.\n")
    return "\n".join(parts)


def shifts_and_costs() -> str:
    """Write the library of shift patterns and the lines of a cost."""
    program = load_program("mixed")
    parts = [SHIFTS_HEAD]
    for key in sorted(program.shift_patterns):
        pattern = program.shift_patterns[key]
        positions = relief_factor(program, "clinician", key)
        parts.append(f"| `{key}` | {pattern.title} | {pattern.hours.count} | {positions:.2f} |")
    parts.append(COSTS_HEAD)
    for name, pattern_name in (("co_responder_unit", "day_10h"), ("on_call_clinician", "always")):
        cost = annual_cost(program, name, pattern_name)
        title = (
            f"{program.responder_types[name].title}, {program.shift_patterns[pattern_name].title}"
        )
        parts.append(f"| {title} | a year | how |\n|---|---|---|")
        parts += [
            f"| {line.what} | ${line.per_year:,.0f} | {line.formula} |" for line in cost.lines
        ]
        parts.append(
            f"| **a year** | **${cost.total:,.0f}** | start-up once: ${cost.start_up:,.0f} |\n"
        )
    return "\n".join(parts)


def pages() -> dict[str, str]:
    """Return each page's text by its name."""
    return {
        "tables.md": TABLES_HEAD + dictionary_markdown(ALL_SPECS),
        "study.md": study_markdown(),
        "standards.md": standards_markdown(),
        "programs.md": programs() + "\n" + shifts_and_costs(),
    }


def main() -> None:
    """Write the pages."""
    DOCS.mkdir(exist_ok=True)
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
