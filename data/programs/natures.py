"""From the agency's nature codes to a program's call classes."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from coresponse.data.calls.history import NOT_ELIGIBLE
from coresponse.data.errors import InputError
from coresponse.data.programs.call_classes import NatureShare
from coresponse.data.programs.danger import has_word, names_danger
from coresponse.data.programs.model import Program
from coresponse.data.wildcards import MOST_LETTERS, wildcard

_WILD = "*?"


def classify(natures: pd.Series[str], program: Program) -> pd.Series[str]:
    """Map natures to call classes.

    Case and outer white space are ignored. An exact rule goes before a prefix (``54E*``), a longer
    prefix before a shorter one, a prefix before a rule with other wildcards, and among those the
    one with more literal characters. Each distinct nature is looked at once.

    A nature that tells of a weapon or of violence is of the class whose `danger_words` say so, where
    another class about mental health would take it; no class takes it where one that is not would.

    A nature that belongs to a class only by a share is mapped to the class that takes its other
    calls if there is one; :func:`class_shares` has both.

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


def class_shares(natures: pd.Series[str], program: Program) -> pd.DataFrame:
    """Say which classes the calls of each nature belong to, and by what share.

    Returns
    -------
    pandas.DataFrame
        One row a distinct nature and class, natures in order of appearance: `nature`, `call_class`;
        `low`, `middle`, `high`: share of the nature's calls if hidden ones are few, as planned
        with, many (for the class that takes the others these fall). Calls of no class have no row.
    """
    rules = _Rules(program)
    rows: list[tuple[str, str, float, float, float]] = []
    for nature in natures.unique():
        name, share = rules.hidden(nature)
        if share is not None:
            rows.append((nature, name, share.low, share.middle, share.high))
            rest = rules.certain(nature)
            if rest != NOT_ELIGIBLE:
                others = (1 - share.low, 1 - share.middle, 1 - share.high)
                rows.append((nature, rest, *others))
        elif name != NOT_ELIGIBLE:
            rows.append((nature, name, 1.0, 1.0, 1.0))
    return pd.DataFrame(rows, columns=["nature", "call_class", "low", "middle", "high"])


def mental_health_classes(program: Program) -> tuple[str, ...]:
    """Return the classes that calls about mental health are of; what a flag says goes to the first.

    Raises
    ------
    InputError
        If the program marks none.
    """
    found = tuple(name for name, one in program.call_classes.items() if one.about_mental_health)
    if not found:
        raise InputError(
            f"program {program.name}: a column says which calls are about mental health, and no "
            "call class is "
            "for them -- write about_mental_health = true in the class that they are of"
        )
    return found


def classify_noted(
    natures: pd.Series[str], noted: pd.Series[str], program: Program
) -> pd.Series[str]:
    """Map natures to call classes, and calls noted as about mental health to the class for these.

    Parameters
    ----------
    noted
        ``yes``, ``no`` or '' for each call (:mod:`coresponse.data.calls.mental_health`).
    """
    classes = classify(natures, program)
    yes = noted == "yes"
    if not yes.any():
        return classes
    own = mental_health_classes(program)
    return classes.where(~yes | classes.isin(own), own[0])


class _Matcher:
    """Rules of some classes, by how specific they are; of like rules the first goes."""

    def __init__(self, rules: Iterable[tuple[str, str]]) -> None:
        self.exact: dict[str, str] = {}
        prefixes: list[tuple[str, str]] = []
        wild: list[tuple[str, str]] = []
        for raw, name in rules:
            rule = raw.strip().casefold()
            if not any(c in rule for c in _WILD):
                self.exact.setdefault(rule, name)
            elif rule.endswith("*") and not any(c in rule[:-1] for c in _WILD):
                prefixes.append((rule[:-1], name))
            else:
                wild.append((rule, name))
        self.prefixes = sorted(prefixes, key=lambda item: -len(item[0]))
        self.wild = sorted(wild, key=lambda item: -sum(c not in _WILD for c in item[0]))

    def match(self, nature: str) -> str:
        return self.rule_and_name(nature)[1]

    def rule_and_name(self, nature: str) -> tuple[str, str]:
        text = nature[:MOST_LETTERS].strip().casefold()
        if text in self.exact:
            return text, self.exact[text]
        for prefix, name in self.prefixes:
            if text.startswith(prefix):
                return f"{prefix}*", name
        for rule, name in self.wild:
            if wildcard(rule, text):
                return rule, name
        return "", NOT_ELIGIBLE


class _Rules:
    """A program's nature rules: all of them, and those that take all calls of a nature."""

    def __init__(self, program: Program) -> None:
        classes = program.call_classes.items()
        plain = [(r, name) for name, c in classes for r in c.natures if r not in c.nature_shares]
        self.shares = {
            r: (name, share) for name, c in classes for r, share in c.nature_shares.items()
        }
        self.plain = _Matcher(plain)
        self.rule = _Matcher([*((r, r) for r in self.shares), *((r, "") for r, _ in plain)])
        self.about = {name for name, c in classes if c.about_mental_health}
        self.danger = {name: c.danger_words for name, c in classes if c.danger_words}

    def hidden(self, nature: str) -> tuple[str, NatureShare | None]:
        """Return a nature's class, and its share if its most specific rule has one."""
        rule = self.rule.match(nature) if self.shares else ""
        return self.shares.get(rule) or (self.certain(nature), None)

    def certain(self, nature: str) -> str:
        """Return the class that takes all calls of a nature, or those that no share takes."""
        rule, name = self.plain.rule_and_name(nature)
        if name == NOT_ELIGIBLE or name in self.danger or rule == "*":
            return name
        for high, words in self.danger.items():
            # a rule that has such a word itself, or is the nature as it stands, is what was meant
            if names_danger(nature, words) and not has_word(rule, words):
                return high if name in self.about else NOT_ELIGIBLE
        return name

    def match(self, nature: str) -> str:
        name = self.certain(nature)
        return name if name != NOT_ELIGIBLE else self.hidden(nature)[0]
