"""The answer on a map's first view, from a plan's publication: ask, place, gain and price."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from coresponse.data.figures.text import columns_alike, dollars, figure_text
from coresponse.data.words import counted, in_text, listed, natural
from coresponse.maps.answer import NamedPost, Recommendation, StepToPlan
from coresponse.maps.words import NO_CHANGE, UNTOLD, change
from coresponse.publish.facts import Facts
from coresponse.publish.plan_publication import PlanPublication
from coresponse.publish.staffing import role_words

# Posts that a first view names: on a phone each takes a line or nearly one.
MOST_NAMED = 8

# What the plan brings, by the unit of its row, as it is named where no figure tells it apart.
GAINS = {"share": "calls in time", "min": "mean wait"}

TITLES = {"today": "Today", "rearranged": "Same staff, best posts", "plan": "The plan"}


@dataclass(frozen=True)
class Headline:
    """Share of calls reached within the standard, and mean wait, by replay (deterministic where nobody is in place)."""

    share: float
    wait_min: float


def headline(publication: PlanPublication, name: str) -> Headline:
    """Return a deployment's headline figures."""
    known = publication.evaluations[name].best_known
    return Headline(known("share_in_time").mean, known("mean_with_fallback_s").mean / 60)


def map_answer(publication: PlanPublication, aim: str) -> Recommendation:
    """Say what to do, where, what it brings and what it costs, each short enough to be read at a glance.

    `aim` is what the plan is to be best at, after the words ``so that``.
    """
    facts = publication.facts
    if not publication.deployment.size:
        return Recommendation(
            "Nobody can be on duty within these limits: all calls are left to police.",
            heads=_heads(facts),
            steps=_steps(publication),
        )
    posts = _posts(publication)
    fleet = listed(
        [
            counted(count, in_text(facts.program.responder_types[name].title))
            for name, count in publication.deployment.by_type().items()
        ]
    )
    price, price_note = _price(publication)
    staff, staff_note = _staff(publication)
    return Recommendation(
        ask=f"Put {fleet} on duty at {counted(len(posts), 'post')}",
        aim=f"so that {aim}.",
        posts=posts[:MOST_NAMED],
        more_posts=len(posts[MOST_NAMED:]),
        heads=_heads(facts),
        steps=_steps(publication),
        gain=_gain(publication),
        price=price,
        price_note=price_note,
        staff=staff,
        staff_note=staff_note,
    )


def _posts(publication: PlanPublication) -> tuple[NamedPost, ...]:
    frame = publication.facts.posts.frame
    names = dict(zip(frame["post_id"].astype(str), frame["name"].astype(str), strict=True))
    at: Counter[str] = Counter()
    for option, count in publication.deployment.counts:
        at[option.post_id] += count
    order = sorted(at, key=lambda post_id: (-at[post_id], natural(post_id)))
    return tuple(NamedPost(post_id, names[post_id] or post_id) for post_id in order)


def _heads(facts: Facts) -> tuple[str, ...]:
    # standards by area are a sentence by themselves, and stand on the legend
    within = "the standard" if facts.standards is not None else facts.standard
    return (f"Within {within}", "Mean wait")


def _steps(publication: PlanPublication) -> tuple[StepToPlan, ...]:
    ladder = publication.shown.ladder
    if ladder is not None:
        found = [
            (
                rung.name,
                None if rung.share_in_time is None else rung.share_in_time.mean,
                None if rung.wait_s is None else rung.wait_s.mean / 60,
            )
            for rung in ladder.rungs
        ]
    else:
        names = [name for name in ("today", "plan") if name in publication.evaluations]
        found = [
            (name, one.share, one.wait_min)
            for name, one in ((name, headline(publication, name)) for name in names)
        ]
    texts = columns_alike(
        (figure_text(share, "share"), figure_text(wait, "min")) for _, share, wait in found
    )
    return tuple(
        StepToPlan(name, TITLES[name], share, (in_time, mean))
        for (name, share, _), (in_time, mean) in zip(found, texts, strict=True)
    )


def _gain(publication: PlanPublication) -> str:
    """Say what differs from today, or that the replay could not tell, by the rows of the table of figures."""
    if "today" not in publication.evaluations:
        return ""
    rows = [row for row in publication.shown.summary if row.headline]
    told = {
        unit: change(next(row for row in rows if row.unit == unit))[0]
        for unit in GAINS
        if any(row.unit == unit for row in rows)
    }
    alike = len(set(told.values())) == 1
    if not alike and {UNTOLD, NO_CHANGE} & set(told.values()):
        # words in place of a figure do not tell by its unit what they are of
        parts = [f"{GAINS[unit]}: {text}" for unit, text in told.items()]
    else:
        parts = list(dict.fromkeys(told.values()))
    return f"{', '.join(parts)} against today"


def _price(publication: PlanPublication) -> tuple[str, str]:
    costs = publication.shown.costs
    price = f"{dollars(costs.found['plan'].mean)} a year"
    if "today" not in costs.found:
        return price, ""
    now = dollars(costs.found["today"].mean)
    return price, f"today {now}"


def _staff(publication: PlanPublication) -> tuple[str, str]:
    """Say whom to hire: crews with leave and turnover, in the figures of the sentence that the terminal says."""
    told = publication.staffing
    hire = told.hire
    people, relief = sum(hire.on_duty.values()), sum(hire.for_leave.values())
    own = hire.on_duty if people else hire.for_leave
    roles = [role_words(role, count) for role, count in own.items() if count]
    notes = [listed(roles)] if roles else []
    if relief:
        notes.append(
            f"{relief} more for leave and turnover" if people else "for leave and turnover"
        )
    if hire.supervisors:
        led = counted(hire.supervisors, "supervisor")
        notes.append(f"and {led}" if people + relief else "today's crews can staff the plan")
    fewer = [role_words(role, count) for role, count in hire.fewer.items() if count]
    if fewer:
        notes.append(f"{listed(fewer)} fewer than today")
    if told.desk is not None:
        notes.append(f"{role_words(told.desk.crew_role, told.desk.people)} more for the phone desk")
    n = people or relief
    staff = f"{counted(n, 'person')} to hire" if n else "Nobody to hire"
    if not n and hire.supervisors:
        staff = f"{counted(hire.supervisors, 'supervisor')} to hire"
    return staff, "; ".join(notes) or "today's people can staff the plan"
