"""Texts of coordinate reference systems that lead PROJ to a file: another than the input itself."""

from __future__ import annotations

import re

from coresponse.data.errors import InputError

# A grid by its bare name, such as ``conus``, is one of PROJ's own; a name in WKT may hold a
# slash.
_PATH = re.compile(
    r"(?:init|grids)\s*=[^\s\"]*[/\\~]"  # +init=/path:1, +nadgrids=@/path (PROJ strings)
    r"|[\"=@,]\s*(?:\.{0,2}[/\\]|~|[A-Za-z]:[/\\])"  # a value that begins like a path
    r"|[/\\]\.\.[/\\]"
)


def refuse_leading_crs(text: str, shown: str) -> None:
    """Refuse a CRS that names a file by its path: what it holds would move every place, and no hash covers it.

    Parameters
    ----------
    text
        As WKT, PROJ string or JSON.
    shown
        The input as people know it, for the message.

    Raises
    ------
    InputError
        If it does.
    """
    if _PATH.search(text):
        raise InputError(f"{shown}: its CRS names a file ({text:.80}) -- save it as EPSG:4326")
