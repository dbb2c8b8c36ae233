"""From the agency's nature codes to a program's call classes."""

from __future__ import annotations

import pandas as pd

from coresponse.data.calls.history import NOT_ELIGIBLE
from coresponse.data.programs.model import Program

_WILD = "*?"

MOST_LETTERS = 1_000
"""Of a nature that is looked at.

No code or phrase is longer, and the time to match a rule stays bounded.
"""


def classify(natures: pd.Series[str], program: Program) -> pd.Series[str]:
    """Map natures to call classes.

    Case and outer white space are ignored. An exact rule goes before a prefix (``54E*``), a longer
    prefix before a shorter one, a prefix before a rule with other wildcards, and among those the
    one with more literal characters. Each distinct nature is looked at once.

    Parameters
    ----------
    natures
        The agency's codes or words.
    program
        Its call classes hold the rules.

    Returns
    -------
    pandas.Series
        Class names, or ``not_eligible``, with the index of `natures`.
    """
    rules = _Rules(program)
    found = {nature: rules.match(nature) for nature in natures.unique()}
    return natures.map(found).astype(str)


class _Rules:
    """A program's nature rules, by how specific they are."""

    def __init__(self, program: Program) -> None:
        self.exact: dict[str, str] = {}
        prefixes: list[tuple[str, str]] = []
        wild: list[tuple[str, str]] = []
        for name, call_class in program.call_classes.items():
            for raw in call_class.natures:
                rule = raw.strip().casefold()
                if not any(c in rule for c in _WILD):
                    self.exact[rule] = name
                elif rule.endswith("*") and not any(c in rule[:-1] for c in _WILD):
                    prefixes.append((rule[:-1], name))
                else:
                    wild.append((rule, name))
        self.prefixes = sorted(prefixes, key=lambda item: -len(item[0]))
        self.wild = sorted(wild, key=lambda item: -sum(c not in _WILD for c in item[0]))

    def match(self, nature: str) -> str:
        text = nature[:MOST_LETTERS].strip().casefold()
        if text in self.exact:
            return self.exact[text]
        for prefix, name in self.prefixes:
            if text.startswith(prefix):
                return name
        for rule, name in self.wild:
            if wildcard(rule, text):
                return name
        return NOT_ELIGIBLE


def wildcard(rule: str, text: str) -> bool:
    """Whether `text` fits `rule`, in which ``*`` stands for any run of characters and ``?`` for one.

    Takes at most len(rule) * len(text) steps on any input: on a mismatch only the last ``*`` is
    tried again.
    """
    r = t = 0
    star, retry = -1, 0
    while t < len(text):
        if r < len(rule) and rule[r] == "*":
            star, retry = r, t
            r += 1
        elif r < len(rule) and rule[r] in {"?", text[t]}:
            r += 1
            t += 1
        elif star >= 0:
            retry += 1
            r, t = star + 1, retry
        else:
            return False
    return not rule[r:].strip("*")
