"""How objects look in a notebook: a title and a few rows, or a table; every text from data escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pandas as pd

EXACT = "Exact figures, for planning. What is shown to others goes through publish."


def card(title: str, rows: Mapping[str, object], *, note: str = "") -> str:
    """Return a title with named facts beneath it, as HTML.

    Parameters
    ----------
    rows
        Facts by name; those that are None or empty are left out.
    note
        A sentence beneath them.
    """
    told = "".join(
        f'<tr><th style="text-align:left">{_text(name)}</th>'
        f'<td style="text-align:left">{_text(value)}</td></tr>'
        for name, value in rows.items()
        if value is not None and value != ""  # 0 is a fact
    )
    return f"{_title(title)}<table>{told}</table>{_note(note)}"


def table_card(title: str, frame: pd.DataFrame, *, note: str = "") -> str:
    """Return a title with a table beneath it, as HTML."""
    table = frame.to_html(escape=True, border=0, na_rep="", index=frame.index.name is not None)
    return f"{_title(title)}{table}{_note(note)}"


def _title(text: str) -> str:
    return f"<p><strong>{_text(text)}</strong></p>"


def _note(text: str) -> str:
    return f"<p><small>{_text(text)}</small></p>" if text else ""


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return escape(", ".join(f"{name}: {one}" for name, one in value.items()))
    if isinstance(value, tuple | frozenset):
        return escape(", ".join(sorted(map(str, value))))
    return escape(str(value))
