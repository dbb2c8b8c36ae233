"""Text that holds far more things than letters: a parser makes an object of each."""

from __future__ import annotations

from coresponse.data.errors import InputError

# Lists and objects that any JSON may have: 64 bytes each.
FEW = 500_000

# Bytes a list or object, at least: in files of roads and results 40 to 300.
LETTERS_A_THING = 24


def refuse_crowded(text: bytes, name: str, *, cure: str) -> None:
    """Refuse JSON that is mostly brackets, before it is parsed.

    Three bytes of ``{},`` take 72 in memory.

    Raises
    ------
    InputError
        If it has more than :data:`FEW` lists and objects of fewer than :data:`LETTERS_A_THING`
        bytes.
    """
    things = text.count(b"{") + text.count(b"[")
    if things > FEW and things * LETTERS_A_THING > len(text):
        raise InputError(
            f"{name}: {things:,} lists and objects in {len(text):,} bytes; refused unread -- {cure}"
        )
