"""The report's sentences, put together from figures: nothing is said that no figure holds."""

from __future__ import annotations

import math

from coresponse.coverage.replay.bands import Interval
from coresponse.data.figures.text import percent
from coresponse.data.hours import WEEKS_A_YEAR
from coresponse.data.options import Deployment
from coresponse.data.programs.model import Program
from coresponse.data.words import in_text, listed, many
from coresponse.optimize.solution import Status
from coresponse.optimize.spending import AT_ITS_PRICES, NONE_KEEPS_IT
from coresponse.publish.facts import Facts
from coresponse.publish.plan_publication import PlanPublication
from coresponse.results.aims import aim
from coresponse.results.map_answer import headline


def question(publication: PlanPublication) -> str:
    """Say what was asked."""
    return f"Where should crisis responders wait, and when should they be on duty, so that {aim(publication.facts)}?"


def crew_words(program: Program, deployment: Deployment) -> str:
    """Say what a deployment consists of.

    ``six co-responder units and three on-call clinicians``.
    """
    counts: dict[str, int] = {}
    for option, count in deployment.counts:
        counts[option.responder_type] = counts.get(option.responder_type, 0) + count
    parts = []
    for name, count in counts.items():
        parts.append(many(count, in_text(program.responder_types[name].title)))
    return listed(parts) if parts else "nobody"


def answer(publication: PlanPublication) -> tuple[str, ...]:
    """Say in three sentences what the plan is, what it changes, and how sure that is."""
    return (
        _reached(publication),
        *(text for text in (_against_today(publication), _how_sure(publication)) if text),
    )


def _reached(publication: PlanPublication) -> str:
    fallback = publication.facts.program.standards.fallback_min.value
    if not publication.deployment.size:
        words = "Within these limits nobody can be on duty: all calls are left to police"
        return f"{words}, each counted as a wait of {fallback:g} minutes."
    plan, facts = headline(publication, "plan"), publication.facts
    posts = len({option.post_id for option, _ in publication.deployment.counts})
    left = f"counting each call left to police as {fallback:g}"
    return (
        f"With {crew_words(publication.facts.program, publication.deployment)} at "
        f"{many(posts, 'post')}, {percent(plan.share)} of eligible calls would be reached within "
        f"{_minutes(facts)}; a call would wait {plan.wait_min:.1f} minutes on average, {left}."
    )


def _against_today(publication: PlanPublication) -> str:
    today = publication.facts.today
    if today is None:
        return "These figures allow for busy units."
    now = headline(publication, "today")
    text = (
        f"Today, with {crew_words(publication.facts.program, today)}, it is {percent(now.share)} and "
        f"{now.wait_min:.1f} minutes: {_further(publication)}"
    )
    if publication.deployment.size != today.size:
        more = publication.deployment.size - today.size
        text += (
            f", with {many(abs(more), 'responder')} {'more' if more > 0 else 'fewer'} than today"
        )
    return text + "."


def _further(publication: PlanPublication) -> str:
    """Say how many more calls would be reached in time, between the ends of the band.

    Or that the replay could not tell.
    """
    more = publication.shown.further_in_time
    if more is None:
        share = headline(publication, "plan").share - headline(publication, "today").share
        calls = publication.shown.calls_per_week * WEEKS_A_YEAR * share
        return f"the plan would reach about {rounded(abs(calls))} {'more' if calls >= 0 else 'fewer'} calls a year in time"
    if not (more.low > 0 or more.high < 0):
        return "the replay shows no clear change in calls reached in time"
    low, high = (rounded(end * WEEKS_A_YEAR) for end in sorted(map(abs, (more.low, more.high))))
    many_calls = low if low == high else f"{low} to {high}"
    return f"the plan would reach about {many_calls} {'more' if more.mean > 0 else 'fewer'} calls a year in time"


def _how_sure(publication: PlanPublication) -> str:
    search, standing = publication.search, publication.standing
    sure = " ".join(standing.sentences[:2] if standing.plan else standing.sentences[:1])
    if standing.is_models and standing.plan is None:
        if search.status is Status.PROVEN:
            gap = max(search.gap, 0.0001)
            more = f" by more than {gap:.1%}" if gap >= 0.001 else ""
            busy = ", with units as busy as they were found to be" if search.busy_share else ""
            prices = AT_ITS_PRICES if search.message.endswith(AT_ITS_PRICES) else ""
            sure += (
                f" In the model no deployment within the limits is better{more}; that is proven"
                f"{busy}{prices}."
            )
        elif search.message == NONE_KEEPS_IT:
            sure += " No deployment was found that keeps the budget as spent."
        elif not math.isfinite(search.gap):
            sure += f" Nothing is known of other deployments: {search.message}."
        else:
            sure += (
                " The search was ended before proof: in the model it is within "
                f"{search.gap:.1%} of the best that can be."
            )
    unseen = publication.shown.holdout
    if unseen is None or unseen.wait_less_s is None:
        return sure
    less = unseen.wait_less_s
    if unseen.proven == "better":
        seen = f"a plan made without those calls had them wait {span(less)} minutes less than today's deployment would"
    elif unseen.proven == "worse":
        seen = "a plan made without those calls had them wait LONGER than today's deployment would"
    else:
        seen = "no clear difference from today's deployment was found"
    return f"{sure} Tested on about {unseen.judge_calls:,} later calls, {seen}."


def span(less: Interval) -> str:
    """Return a band in minutes: ``9.7 to 10.2``."""
    low, high = less.low / 60, less.high / 60
    return f"{low:.1f} to {high:.1f}" if f"{low:.1f}" != f"{high:.1f}" else f"{low:.1f}"


def rounded(value: float) -> str:
    """Round to two leading digits: a forecast has no more."""
    if value < 100:
        return f"{value:.0f}"
    size = 10 ** (len(str(int(value))) - 2)
    return f"{round(value / size) * size:,.0f}"


def _minutes(facts: Facts) -> str:
    return facts.standard if facts.standards is not None else f"{facts.target_min:g} minutes"
