"""The one place where text from data becomes HTML or JavaScript.

Names of posts, districts, programs and studies come from files that anybody may have written. In
HTML they are escaped; in the page's data they travel as JSON that the page's script only ever sets
as text; no name is put into a script.
"""

from __future__ import annotations

import html
import json
import math
import unicodedata

# Longer text is cut: a name is a label, not a document.
MAX_TEXT = 400

# Overrides and isolates that could turn the text around them, line and paragraph separators,
# byte-order mark
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")


def clean_text(value: object, *, limit: int = MAX_TEXT) -> str:
    """Return text fit to be shown.

    No control characters, no marks that reverse what stands beside it, not endless.

    Parameters
    ----------
    value
        Missing values (None, NaN, NA) become ''.
    """
    if (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or type(value).__name__ == "NAType"
    ):
        return ""
    text = str(value)
    if not text.isprintable():  # nearly all is, and has none of these
        kept = (" " if c in "\t\n\r" else c for c in text if c not in _TURNING)
        text = "".join(c for c in kept if unicodedata.category(c) not in {"Cc", "Cs"})
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "\u2026"


def html_text(value: object, *, limit: int = MAX_TEXT) -> str:
    """Return cleaned text escaped for HTML, between tags and in quoted attributes.

    The dollar sign, back-quote and backslash are encoded too, so that the result is inert even
    inside a template literal.
    """
    text = html.escape(clean_text(value, limit=limit), quote=True)
    return text.replace("\\", "&#92;").replace("`", "&#96;").replace("$", "&#36;")


def script_json(value: object) -> str:
    """Return JSON that may stand inside a script element.

    Nothing in it can end the element or start a comment.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char, code in (
        ("<", "003c"),
        (">", "003e"),
        ("&", "0026"),
        ("\u2028", "2028"),
        ("\u2029", "2029"),
    ):
        text = text.replace(char, f"\\u{code}")
    return text
