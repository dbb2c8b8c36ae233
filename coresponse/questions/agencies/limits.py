"""What each agency may use alone, and what all may use together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from coresponse.data.agencies import Agencies
from coresponse.data.errors import InputError
from coresponse.data.limits import AgencyLimits, Limits
from coresponse.optimize.case import Case

OF_PEOPLE = tuple(AgencyLimits.model_fields)

# Fields that bound how much an agency has; one of them at least is needed.
SIZES = ("units", "roles", "staff_hours_per_week", "budget_per_year")


def limits_alone(
    case: Case, agencies: Agencies, today: Mapping[str, float] | None, share: NDArray[np.float64]
) -> dict[str, Limits]:
    """Return each agency's limits where it plans alone, at its own posts.

    What the study states of it; else the dollars of its units of today; else its share of the
    study's budget.

    Parameters
    ----------
    today
        Dollars a year by agency; None: nobody said what is there.
    share
        (agencies,) of a budget that is stated for all together.

    Raises
    ------
    InputError
        If nobody says what an agency has.
    """
    budget, missing, out = case.limits.budget_per_year, [], {}
    for k, name in enumerate(agencies.names):
        stated = case.limits.agencies.get(name, AgencyLimits())
        own = {key: getattr(stated, key) for key in OF_PEOPLE if key in stated.model_fields_set}
        if not set(own) & set(SIZES):
            if today is not None:
                # whole dollars, rounded up: sums in another order must not break the budget
                own["budget_per_year"] = float(np.ceil(today[name]))
            elif budget is not None:
                own["budget_per_year"] = budget * float(share[k])
            else:
                missing.append(name)
        out[name] = Limits.model_validate(_at_own_posts(case.limits, agencies, k) | own)
    if missing:
        raise InputError(
            f"nobody says what {', '.join(missing)} may use alone -- state it under "
            "[limits.agencies], as "
            f'[limits.agencies."{missing[0]}"] budget_per_year = 900000, or give today\'s deployment: [today] file'
        )
    return out


def _at_own_posts(limits: Limits, agencies: Agencies, k: int) -> dict[str, object]:
    """Return a study's limits on posts, for an agency that uses its own alone."""
    own = set(agencies.posts_of(k))
    others = set(agencies.of_post) - own
    closed = others | set(limits.posts_not)
    if limits.posts_may:
        closed |= own - set(limits.posts_may) - set(limits.posts_must)
    kept = {"max_per_post", "keep_today", "moves_at_most"} & limits.model_fields_set
    return {
        **{key: getattr(limits, key) for key in kept},
        "posts_must": tuple(post for post in limits.posts_must if post in own),
        "posts_not": tuple(sorted(closed)),
    }


def limits_together(limits: Limits, alone: Mapping[str, Limits]) -> Limits:
    """Return the limits of all together: exactly what each has, added up, at all posts.

    What only some of the agencies state cannot be added up, and stays a limit of their own. What
    the study states of people and money for all is left out: more or less of these than agencies
    have alone would be told as what sharing does (:func:`stated_for_all`).
    """
    kept = {
        key: getattr(limits, key)
        for key in limits.model_fields_set
        if key not in (*OF_PEOPLE, "agencies")
    }
    pooled: dict[str, object] = {}
    own: dict[str, dict[str, object]] = {}
    for key in ("budget_per_year", "staff_hours_per_week"):
        amounts = {name: getattr(one, key) for name, one in alone.items()}
        told = {name: amount for name, amount in amounts.items() if amount is not None}
        if len(told) == len(alone):
            pooled[key] = sum(told.values())
        else:
            for name, amount in told.items():
                own.setdefault(name, {})[key] = amount
    for key in ("units", "at_least", "roles"):
        counts = {name: getattr(one, key) for name, one in alone.items()}
        stated: dict[str, int] = {}
        for what in sorted({what for one in counts.values() for what in one}):
            told = {name: one[what] for name, one in counts.items() if what in one}
            if len(told) == len(alone) or key == "at_least":
                stated[what] = sum(told.values())
                continue
            for name, count in told.items():
                of_agency = own.setdefault(name, {}).setdefault(key, {})
                of_agency[what] = count  # type: ignore[index]
        pooled[key] = stated
    rest = {name: AgencyLimits.model_validate(one) for name, one in own.items()}
    return Limits.model_validate(kept | pooled | {"agencies": rest})


def stated_for_all(limits: Limits, pooled: Limits) -> Limits | None:
    """Return what the study states for all together, where that is not what agencies have in all.

    Returns
    -------
    Limits or None
        The study's own limits, those of its agencies left out; None where it states nothing for
        all, or just what they have.
    """
    stated = {key: getattr(limits, key) for key in OF_PEOPLE if key in limits.model_fields_set}
    if not any(stated[key] for key in stated if key in SIZES):
        return None
    if all(_alike(amount, getattr(pooled, key)) for key, amount in stated.items()):
        return None
    return limits.model_copy(update={"agencies": {}})


def _alike(stated: object, have: object) -> bool:
    # a dollar: shares of a budget need not add up to its last cent
    if isinstance(stated, float) and isinstance(have, float):
        return abs(stated - have) <= 1
    return stated == have
