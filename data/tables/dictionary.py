"""The data dictionary.

What each table's columns mean, and how a file's own names are matched to them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from coresponse.data.errors import Fault
from coresponse.data.faults import Faults
from coresponse.data.tables.kinds import kinds_of_columns

# Of a name that a like one is looked for: shorter ones are like everything.
_LEAST_LETTERS = 4

# Letters of a column's name that a shapefile keeps (dBase).
CUT = 10

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NUMERO = re.compile(r"№|\bn[º°]\.?", re.IGNORECASE)
_OTHER_CLOCK = re.compile(r"\b(?:utc|gmt|zulu)\b", re.IGNORECASE)

# Words as exports shorten them, of names such as RECVD_DT_TM or STATION_NM: only where no name is found as it is written.
_SHORT = {
    "tm": "time", "dt": "date", "dte": "date", "dttm": "datetime", "recv": "received",
    "recvd": "received", "rcvd": "received", "recd": "received", "disp": "dispatch",
    "dsp": "dispatch", "dispd": "dispatched", "dispt": "dispatched", "dsptch": "dispatch",
    "asgn": "assigned", "asgnd": "assigned", "assgn": "assigned", "enr": "en route",
    "enrt": "en route", "enrte": "en route", "scn": "scene", "onscn": "on scene",
    "onsc": "on scene", "arr": "arrival", "arrv": "arrival", "arv": "arrival", "arrvd": "arrived",
    "arvd": "arrived", "hosp": "hospital", "clr": "clear", "clrd": "cleared",
    "clsd": "closed", "avail": "available", "avl": "available", "cmplt": "complete",
    "inc": "incident", "incd": "incident", "evt": "event", "evnt": "event", "typ": "type",
    "cd": "code", "nbr": "number", "nat": "nature", "src": "source", "pri": "priority",
    "prio": "priority", "prty": "priority", "pty": "priority", "nm": "name", "stn": "station",
    "dept": "department", "ag": "agency", "agcy": "agency", "ft": "feet", "cap": "capacity", "lng": "longitude",
}  # fmt: skip

# What shells and TOML read as more than a letter between double quotes.
_NOT_IN_QUOTES = frozenset('"\\\\$`!') | frozenset(map(chr, (*range(32), 127)))

# How columns are called that have no name (:func:`~coresponse.data.tables.header.column_names`).
_NAMELESS = re.compile(r"column \d+")

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
    naming
        How a planner says which column is which, with ``{names}`` for ours, ``{flags}`` of the
        command line and ``{pairs}`` of study.toml.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    one_of: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    naming: str = "call {names} in the file"

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical names."""
        return tuple(column.name for column in self.columns)


def plain(name: str) -> str:
    """Return a column name without case, white space, underscores and punctuation."""
    return "".join(c for c in name.casefold() if c.isalnum())


def _bare(name: str) -> str:
    """Return a plain name without accents and units in brackets, its signs for a number in words.

    So ``X (ft)`` is x and ``Incident #`` is incidentnumber. Clocks of another zone stay apart:
    nobody is to take ``Received (UTC)`` for local time.
    """
    if _OTHER_CLOCK.search(name):
        return ""
    signs = _NUMERO.sub("numero", _BRACKETS.sub(" ", name).replace("#", " number "))
    flat = unicodedata.normalize("NFKD", signs)
    return plain("".join(c for c in flat if not unicodedata.combining(c)))


def spelled(name: str) -> str:
    """Return a plain name with the words that exports shorten in full: ``Recv'd`` is received, ``Disp Tm`` dispatchtime."""
    if _OTHER_CLOCK.search(name):
        return ""
    words = re.split(r"[^a-z0-9]+", re.sub("['\u2019]", "", _BRACKETS.sub(" ", name).casefold()))
    return plain("".join(_SHORT.get(word, word) for word in words))


def match_columns(
    spec: TableSpec,
    present: Sequence[str],
    overrides: Mapping[str, str] | None = None,
    *,
    where: str,
    given: Sequence[str] = (),
    frame: pd.DataFrame | None = None,
) -> dict[str, str]:
    """Match a file's columns to canonical names.

    Parameters and rules as for :func:`columns_and_faults`.

    Raises
    ------
    InputError
        With every fault: a mapping of or to a column that is not there, and needed columns that
        were not found.
    """
    found, faults = columns_and_faults(
        spec, present, overrides, where=where, given=given, frame=frame
    )
    faults.raise_if_any()
    return found


def columns_and_faults(
    spec: TableSpec,
    present: Sequence[str],
    overrides: Mapping[str, str] | None = None,
    *,
    where: str,
    given: Sequence[str] = (),
    frame: pd.DataFrame | None = None,
) -> tuple[dict[str, str], Faults]:
    """Match a file's columns to canonical names; what is missing does not hide what is wrong with the others.

    A mapping goes before the canonical name, which goes before the aliases in their stated order. A
    column of the file serves at most one canonical name, in the order of the dictionary, unless a
    mapping says otherwise. Then names count without units, accents and signs, then with shortened
    words in full; last, names of ten letters are taken for longer ones that a shapefile has cut.

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
    frame
        The table: a message then says what each column holds.

    Returns
    -------
    found
        Columns by canonical names.
    faults
        A mapping of or to a column that is not there, and needed columns that were not found.
    """
    faults = Faults(f"{where}: columns of {spec.name}")
    found = _overridden(spec, present, overrides or {}, faults)
    for form in (plain, _bare, spelled):
        _find_by(form, spec, present, found)
    _find_cut(spec, present, found)
    _miss_needed(spec, present, found, given, frame, faults)
    return {name: found[name] for name in spec.names if name in found}, faults


def _find_by(
    form: Callable[[str], str], spec: TableSpec, present: Sequence[str], found: dict[str, str]
) -> None:
    """Match names that are alike in a form, for columns that are not found yet."""
    known: dict[str, str] = {}
    for name in present:
        known.setdefault(form(name), name)
    for column in spec.columns:
        if column.name in found:
            continue
        for alias in (column.name, *column.aliases):
            theirs = known.get(plain(alias), "")
            if theirs and theirs not in found.values():
                found[column.name] = theirs
                break


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
                _turned(spec, canonical, wanted)
                or _close(canonical, spec.names)
                or f"there are: {', '.join(spec.names)}",
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


def _miss_needed(
    spec: TableSpec,
    present: Sequence[str],
    found: Mapping[str, str],
    given: Sequence[str],
    frame: pd.DataFrame | None,
    faults: Faults,
) -> None:
    """Note needed columns that were not found; the last of them says which there are."""
    known, missed = {*found, *given}, list[Fault]()
    left = [name for name in present if name not in found.values()]
    for column in spec.columns:
        if column.required and column.name not in known:
            what = f"no column found ({column.meaning.rstrip('.')})"
            missed.append(Fault(column.name, what, _say_which(spec, [[column.name]], known, left)))
    for need, alternatives in spec.one_of:
        if not any(known.issuperset(names) for names in alternatives):
            ways = " or ".join(" with ".join(names) for names in alternatives)
            cure = _say_which(spec, alternatives, known, left)
            missed.append(Fault(need, f"no columns found for {ways}", cure))
    for fault in missed:
        there = f"; columns there: {_listed(present, frame)}" if fault is missed[-1] else ""
        faults.add(fault.where, fault.what, fault.cure + there)


def _say_which(
    spec: TableSpec, ways: Sequence[Sequence[str]], known: Collection[str], left: Sequence[str]
) -> str:
    """Say how to name what is missing of the way of which most is known or has a column much like it."""
    names = [column for column in spec.columns if any(column.name in way for way in ways)]
    alike = {column.name: _alike((column.name, *column.aliases), left) for column in names}
    way = max(ways, key=lambda way: sum(n in known or bool(alike[n]) for n in way) / len(way))
    close = list(dict.fromkeys(theirs for found in alike.values() for theirs in found))
    asked = f"did you mean {' or '.join(map(repr, close[:3]))}? " if close else ""
    said = {name: _typed(alike[name]) for name in way if name not in known}
    named = spec.naming.format(
        names=f"{'it' if len(said) == 1 else 'them'} {' and '.join(said)}",
        flags=" ".join(f'--column {name}="{theirs}"' for name, theirs in said.items()),
        pairs=", ".join(f'{name} = "{theirs}"' for name, theirs in said.items()),
    )
    return f"{asked}say which column it is: {named}"


def _typed(alike: Sequence[str]) -> str:
    """Return a column's name to be typed between quotes: dots, if not one alone is alike."""
    return alike[0] if len(alike) == 1 and not set(alike[0]) & _NOT_IN_QUOTES else "..."


def _turned(spec: TableSpec, ours: str, theirs: str) -> str:
    """Say that a mapping is the wrong way round, if it would be one the other way."""
    return f'ours goes first: {theirs}="{ours}"' if theirs in spec.names else ""


def _alike(wanted: Sequence[str], left: Sequence[str]) -> list[str]:
    """Return the columns whose names are much like one of those that are known."""
    known = [plain(name) for name in wanted if len(plain(name)) >= _LEAST_LETTERS]
    return [name for name in left if difflib.get_close_matches(_bare(name), known, n=1, cutoff=0.8)]


def _close(name: str, names: Sequence[str]) -> str:
    by_plain = {plain(n): n for n in names}
    close = difflib.get_close_matches(plain(name), list(by_plain), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(repr(by_plain[c]) for c in close)}? " if close else ""


def _listed(names: Sequence[str], frame: pd.DataFrame | None = None, most: int = 40) -> str:
    kinds = [] if frame is None else list(kinds_of_columns(frame))
    if names and all(_NAMELESS.fullmatch(name) for name in names):
        held = f" ({', '.join(kinds[:most])})" if kinds else ""
        return (
            f"column 1 to column {len(names)}{held}, for the file has no header row: name them by "
            "these, or write names into a first row"
        )
    known = dict(zip(map(str, frame.columns), kinds, strict=True)) if frame is not None else {}
    shown = ", ".join(
        (name if len(name) <= 40 else name[:37] + "...")
        + (f" ({known[name]})" if name in known else "")
        for name in names[:most]
    )
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
