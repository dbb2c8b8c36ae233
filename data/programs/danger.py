"""Words of a nature that tell of a weapon or of violence, and those that deny it."""

from __future__ import annotations

import re
from collections.abc import Collection

_WORD = re.compile(r"[^\W_]+")
_WITHOUT = re.compile(r"\bw/o\b")
_DENIES = frozenset({"no", "not", "non", "nor", "without", "n"})

# Between what denies and what is denied: "no known weapon", "no violence or weapons".
_BETWEEN = frozenset({"known", "visible", "reported", "apparent", "or"})
_DENIED_AFTER = frozenset({"no", "none", "n", "negative"})


def names_danger(nature: str, words: Collection[str]) -> bool:
    """Whether a nature has one of some words, and nothing beside it that denies it.

    Parameters
    ----------
    nature
        Such as ``SUICIDAL SUBJECT W/ KNIFE`` or ``MENTAL - NOT VIOLENT``; case is ignored.
    words
        Whole words, or their beginnings with ``*`` at the end.
    """
    found = _words(nature)
    denied = False
    for k, word in enumerate(found):
        after = found[k + 1 :]
        if _is_one_of(word, words):
            if not denied and not (len(after) == 1 and after[0] in _DENIED_AFTER):
                return True
            # "not violent, armed" denies the first alone, "no violence or weapons" both
            denied = denied and after[:1] in (["or"], ["nor"])
        elif word in _DENIES:
            denied = True
        elif word not in _BETWEEN:
            denied = False
    return False


def has_word(rule: str, words: Collection[str]) -> bool:
    """Whether a rule for natures has one of some words, denied or not."""
    return any(_is_one_of(word, words) for word in _words(rule))


def _words(text: str) -> list[str]:
    return _WORD.findall(_WITHOUT.sub("without", text.casefold()))


def _is_one_of(word: str, words: Collection[str]) -> bool:
    return any(
        word.startswith(one[:-1].casefold()) if one.endswith("*") else word == one.casefold()
        for one in words
    )
