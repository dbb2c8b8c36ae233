"""The page on standards by area, with a table of the presets and their sources."""

from __future__ import annotations

from collections.abc import Iterator

from coresponse.data.sourced import SourcedNumber
from coresponse.data.standards import AreaStandard, StandardSet, standard_presets

HEAD = """# Standards by area and class

One standard for a county is either too hard for its farms or too easy for its town. States ask by area: Washington
for 30, 40 and 60 minutes in urban, suburban and rural areas, Oregon for 60, 120 and 180, California for 60 and 120. A
study says so in place of one `target_min`:

```toml
[standards]
preset = "wa-hb1134"          # or or-mobile-crisis, ca-medi-cal
district_column = "AREA"      # which area each district is of; absent: by people per square mile
```

or with areas of its own, where a call class may have another standard:

```toml
[standards]
fallback_min = 120            # what a call left to police counts: above the longest standard

[[standards.areas]]
name = "town"
target_min = 20
from_density = 1000           # people per square mile, at least
classes = { welfare = 45 }

[[standards.areas]]
name = "country"              # all less dense
target_min = 60
```

**A call belongs to the area of its place**: that of the district it lies in. Calls outside all districts have the
study's own `target_min`, or the program's. By density, a district's people per square mile are those of the file
under `[residents]`, or of the districts' own column of residents, over the district's area. With `district_column`,
its values are the areas' names, or those under `values` of an area.

Everything that counts calls "in time" counts each by its own standard: the goals `share_in_time`, `fewest_units`,
`least_cost` and `worst_district` with `of = "share_late"`, floors with `share_in_time`, nearest free, queueing and
the replay, areas and districts of the map, tables, report. A goal or floor with a `target_min` of its own keeps that
one. `plan --standard`, a sweep over `standard`, and another standard on the what-if page ask for one standard for all
calls. The map's colors are of waits, and have the study's own standard as their middle.

The report has a section *Standards by area*: each area's share of calls in time, today and under the plan, with
bands, its mean wait, and, where the standard asks for a share, whether it is reached beyond chance. `plan --details`,
`standards.csv`, `plan.xlsx` and `standards_by_area` in `plan.json` have the same; the layer of districts has `area`
and `standard`; the explorer's switch *Area or group* has each area's mean wait and share in time under each plan.
Areas with few past calls, and those whose districts would give a hidden one away, are not shown.

## The presets

Where a state draws its areas otherwise than by density, its map is right and the preset's thresholds are not: use
`district_column`.

"""


def standards_markdown() -> str:
    """Return the page."""
    parts = [text for name, one in standard_presets().items() for text in _preset(name, one)]
    return HEAD + "\n".join(parts).rstrip() + "\n"


def _preset(name: str, one: StandardSet) -> Iterator[str]:
    yield f"### {name}\n"
    yield f"{one.title}.\n"
    yield "| figure | value | mark | source |"
    yield "|---|---|---|---|"
    for area in one.areas:
        yield from _area(area)
    if one.share is not None:
        yield _row("share of calls in time", one.share)
    if one.fallback_min is not None:
        yield _row("a call left to police counts, minutes", one.fallback_min)
    yield ""


def _area(area: AreaStandard) -> Iterator[str]:
    yield _row(f"{area.name}: minutes", area.target_min)
    if area.from_density is not None:
        yield _row(f"{area.name}: people per square mile, at least", area.from_density)


def _row(figure: str, one: SourcedNumber) -> str:
    year = f" ({one.year})" if one.year else ""
    note = f"; {one.note}" if one.note else ""
    return f"| {figure} | {one.value:g} | {one.mark} | {one.source}{year}{note} |"
