"""Write the documentation pages that are made from the code: ``python scripts/make_docs.py``."""

from __future__ import annotations

from pathlib import Path

from coresponse.data.programs.cost import annual_cost
from coresponse.data.programs.load import assumptions, load_program, preset_names
from coresponse.data.tables.dictionary import dictionary_markdown
from coresponse.data.tables.specs import ALL_SPECS

DOCS = Path(__file__).resolve().parents[1] / "docs"

TABLES_HEAD = """# Input tables

Columns are found by our name or by one of the names under which dispatch systems export them; upper and lower case, spaces and
punctuation do not matter. Where a column is not found, name it: `coresponse new ... --column OUR_NAME=THEIR_NAME`, or
`[calls.columns]` in `study.toml`. This page is made by `scripts/make_docs.py`.

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

Every figure of a preset is marked: *fact* (stated in its source), *derived* (arithmetic on facts) or *assumption* (for
planning, no direct source). A run writes them all to `assumptions.csv`. Shares that programs report of themselves are quoted
below with what is known of them; none is used as an effect. This page is made by `scripts/make_docs.py`.

"""


TYPES_HEAD = """
| responder type | crew | may be sent to | start | hours | a year |
|---|---|---|---|---|---|"""


def programs() -> str:
    """Write what is known of each preset."""
    parts = [PROGRAMS_HEAD]
    for name in preset_names():
        program = load_program(name)
        parts.append(f"## {name}: {program.title}\n\nStatus: {program.status}.\n")
        parts += [f"- {s.text} ({s.mark}; {s.source}, {s.year})" for s in program.about]
        parts.append(TYPES_HEAD)
        for key, kind in program.responder_types.items():
            crew = " + ".join(f"{n} {program.crew_roles[role].title}" for role, n in kind.crew.items())
            for pattern in kind.shift_patterns:
                cost = annual_cost(program, key, pattern).total
                hours = program.shift_patterns[pattern].title
                parts.append(
                    f"| {kind.title} | {crew} | {', '.join(kind.eligible)} | {kind.delay_min.value:g} min"
                    f"{', officer first' if kind.needs_officer_first else ''} | {hours} | ${cost:,.0f} |"
                )
        marks = assumptions(program)["mark"].value_counts()
        listed = ", ".join(f"{marks[mark]} {mark}" for mark in ("fact", "derived", "assumption") if mark in marks)
        parts.append(f"\nFigures: {listed}.\n")
    return "\n".join(parts)


def main() -> None:
    """Write the pages."""
    DOCS.mkdir(exist_ok=True)
    (DOCS / "tables.md").write_text(TABLES_HEAD + dictionary_markdown(ALL_SPECS), encoding="utf-8")
    (DOCS / "programs.md").write_text(programs(), encoding="utf-8")


if __name__ == "__main__":
    main()
