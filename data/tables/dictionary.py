"""The data dictionary.

What each table's columns mean, and how a file's own names are matched to them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from coresponse.data.errors import Faults

CUT = 10
"""Letters of a column's name that a shapefile keeps (dBase)."""

_NAMELESS = re.compile(r"column \d+")
"""How columns are called that have no name (:func:`~coresponse.data.tables.header.column_names`)."""

Kind = Literal["text", "number", "count", "time", "date", "time of day", "place"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Canonical name, as used in mappings and in the code.
    kind
        What its values are.
    unit
        Unit or form of the values, for people.
    required
        Whether a table must have it (see also :attr:`TableSpec.one_of`).
    meaning
        One sentence.
    aliases
        Names under which agencies export it, most telling first. Upper and lower case, white space,
        underscores and punctuation do not matter.
    """

    name: str
    kind: Kind
    unit: str
    required: bool
    meaning: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSpec:
    """The columns of one kind of table.

    Parameters
    ----------
    name
        Such as ``calls``.
    meaning
        What one row is.
    columns
        In the order of the dictionary.
    one_of
        (what is needed, alternatives): of each, at least one alternative must be there whole.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    one_of: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical names."""
        return tuple(column.name for column in self.columns)


def plain(name: str) -> str:
    """Return a column name without case, white space, underscores and punctuation."""
    return "".join(c for c in name.casefold() if c.isalnum())


def match_columns(
    spec: TableSpec,
    present: Sequence[str],
    overrides: Mapping[str, str] | None = None,
    *,
    where: str,
    given: Sequence[str] = (),
) -> dict[str, str]:
    """Match a file's columns to canonical names.

    A mapping goes before the canonical name, which goes before the aliases in their stated order. A
    column of the file serves at most one canonical name, in the order of the dictionary, unless a
    mapping says otherwise. Last, names of ten letters are taken for longer ones that a shapefile has
    cut.

    Parameters
    ----------
    spec
        The table's dictionary.
    present
        The file's column names.
    overrides
        ``{canonical name: column in the file}``.
    where
        The file, for messages.
    given
        Canonical names that are known from elsewhere (such as the place from a geometry), and so
        not missed.

    Raises
    ------
    InputError
        With every fault: a mapping of or to a column that is not there, and needed columns that
        were not found.
    """
    faults = Faults(f"{where}: columns of {spec.name}")
    found = _overridden(spec, present, overrides or {}, faults)
    by_plain: dict[str, str] = {}
    for name in present:
        by_plain.setdefault(plain(name), name)
    taken = set(found.values())
    for column in spec.columns:
        if column.name in found:
            continue
        for alias in (column.name, *column.aliases):
            theirs = by_plain.get(plain(alias), "")
            if theirs and theirs not in taken:
                found[column.name] = theirs
                taken.add(theirs)
                break
    _find_cut(spec, present, found)
    _miss_needed(spec, present, {*found, *given}, faults)
    faults.raise_if_any()
    return {name: found[name] for name in spec.names if name in found}


def _find_cut(spec: TableSpec, present: Sequence[str], found: dict[str, str]) -> None:
    """Match names that a shapefile has cut, such as STATION_NU, for columns that are not found yet."""
    cut = {name.casefold(): name for name in reversed(present) if len(name) == CUT}
    for column in spec.columns:
        if column.name in found:
            continue
        for alias in (column.name, *column.aliases):
            theirs = cut.get(alias.casefold()[:CUT], "") if len(alias) > CUT else ""
            if theirs and theirs not in found.values():
                found[column.name] = theirs
                break


def _overridden(
    spec: TableSpec, present: Sequence[str], overrides: Mapping[str, str], faults: Faults
) -> dict[str, str]:
    found: dict[str, str] = {}
    for canonical, wanted in overrides.items():
        if canonical not in spec.names:
            faults.add(
                f"mapping {canonical!r}",
                f"is not a column of {spec.name}",
                _close(canonical, spec.names) or f"there are: {', '.join(spec.names)}",
            )
            continue
        same = [name for name in present if name == wanted] or [
            n for n in present if plain(n) == plain(wanted)
        ]
        if not same:
            faults.add(
                f"mapping {canonical} = {wanted!r}",
                "the file has no such column",
                f"{_close(wanted, present)}columns there: {_listed(present)}",
            )
            continue
        found[canonical] = same[0]
    return found


def _miss_needed(spec: TableSpec, present: Sequence[str], found: set[str], faults: Faults) -> None:
    for column in spec.columns:
        if column.required and column.name not in found:
            faults.add(
                column.name,
                f"no column found ({column.meaning.rstrip('.')})",
                f'say which column it is: {column.name} = "..."; {_close(column.name, present)}columns there: {_listed(present)}',
            )
    for need, alternatives in spec.one_of:
        if not any(found.issuperset(names) for names in alternatives):
            ways = " or ".join(" with ".join(names) for names in alternatives)
            faults.add(
                need,
                f"no columns found for {ways}",
                f"say which column it is: --column NAME=...; columns there: {_listed(present)}",
            )


def _close(name: str, names: Sequence[str]) -> str:
    by_plain = {plain(n): n for n in names}
    close = difflib.get_close_matches(plain(name), list(by_plain), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(repr(by_plain[c]) for c in close)}? " if close else ""


def _listed(names: Sequence[str], most: int = 40) -> str:
    if names and all(_NAMELESS.fullmatch(name) for name in names):
        return (
            f"column 1 to column {len(names)}, for the file has no header row: name them by these, or write names into a "
            "first row"
        )
    shown = ", ".join(name if len(name) <= 40 else name[:37] + "..." for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def dictionary_markdown(specs: Sequence[TableSpec]) -> str:
    """Write the dictionary as Markdown tables, for the docs."""
    parts: list[str] = []
    for spec in specs:
        rows = [
            f"| `{c.name}` | {c.kind} | {c.unit} | {'yes' if c.required else ''} | {c.meaning} | "
            f"{_aliases(c)} |"
            for c in spec.columns
        ]
        needs = [
            f"- {need}: "
            f"{' or '.join(' with '.join(f'`{n}`' for n in names) for names in alternatives)}"
            for need, alternatives in spec.one_of
        ]
        head = [
            "| column | kind | unit or form | required | meaning | also found as |",
            "|---|---|---|---|---|---|",
        ]
        parts.append("\n".join([f"## {spec.name}", "", spec.meaning, "", *head, *rows]))
        if needs:
            parts.append("\n".join(["Needed:", "", *needs]))
    return "\n\n".join(parts) + "\n"


def _aliases(column: Column) -> str:
    return ", ".join(f"`{alias}`" for alias in column.aliases)
