"""Rules with wildcards: ``*`` stands for any run of characters, ``?`` for one."""

from __future__ import annotations

# Of a nature that is looked at.
#
# No code or phrase is longer, and the time to match a rule stays bounded.
MOST_LETTERS = 1_000


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
