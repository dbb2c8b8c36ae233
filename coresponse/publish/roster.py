"""A roster as it may be shown: it follows from shifts and rules, and tells nothing of calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coresponse.data.words import counted
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.staffing import PHONE_DESK, role_words
from coresponse.questions.roster import Group, Roster, weeks_of

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class DutyPublication:
    """One person's duty: day (Monday 0), hours, and where."""

    day: int
    start: int
    length: int
    post_id: str
    responder_type: str
    shift_pattern: str

    @property
    def hours(self) -> str:
        """Clock hours, such as ``13:00-23:00``."""
        end = (self.start + self.length) % 24 or 24
        return f"{self.start:02d}:00-{end:02d}:00"


@dataclass(frozen=True)
class LinePublication:
    """A line of weeks that a group of people walks, each a week behind the next.

    Attributes
    ----------
    desk
        Whether they sit at the phone.
    title
        Such as ``Police officer`` or ``Behavioral-health clinician, on call``.
    weeks
        Duties by week of the line.
    relief
        People of the role beyond those on its lines.
    hours_per_week
        On average of a person.
    weekends_off
        Of the line's weekends.
    status, cure
        How the search ended, and what would do if the people there are do not.
    """

    crew_role: str
    standby: bool
    desk: bool
    title: str
    weeks: tuple[tuple[DutyPublication, ...], ...]
    relief: int
    hours_per_week: float
    weekends_off: int
    status: str
    cure: str

    @property
    def people(self) -> int:
        """People who walk it."""
        return len(self.weeks)


@dataclass(frozen=True, eq=False)
class RosterPublication:
    """A roster as it may be shown.

    Attributes
    ----------
    disclosure
        Of the plan.
    name, notice, run
        Of the study, and the plan's run.
    rules
        In sentences.
    lines
        By crew role, on duty before on call.
    post_names
        By post.
    """

    disclosure: Disclosure
    name: str
    notice: str
    run: str
    rules: tuple[str, ...]
    lines: tuple[LinePublication, ...]
    post_names: Mapping[str, str]
    found: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """Say whether the plan can be worked, and by how many."""
        out: list[str] = []
        relieved: set[tuple[str, bool]] = set()
        for line in self.lines:
            call = " on call" if line.standby else " at the phone desk" if line.desk else ""
            if not line.weeks and not line.cure:
                out.append(
                    f"{line.title}: no cycle was found at once; coresponse roster searches longer, "
                    "and says what would do."
                )
                continue
            if not line.weeks:
                out.append(f"{line.title}: {line.status}. Possible with: {line.cure}.")
                continue
            text = (
                f"{role_words(line.crew_role, line.people)}{call} can work the plan's shifts in a "
                f"cycle of {counted(line.people, 'week')}: {line.hours_per_week:.1f} hours a week "
                f"each on average, {line.weekends_off} of {line.people} weekends off"
            )
            if (line.crew_role, line.desk) not in relieved:
                text += f"; plus {role_words(line.crew_role, line.relief)} for relief"
            relieved.add((line.crew_role, line.desk))
            if line.cure:
                text = f"With the people that the plan has, no roster keeps the rules; it takes {line.cure}. Then {text}"
            out.append(f"{text}.")
        return tuple(out)


def publish_roster(
    roster: Roster,
    *,
    name: str,
    notice: str,
    run: str,
    post_names: Mapping[str, str],
    disclosure: Disclosure = PUBLIC,
) -> RosterPublication:
    """Return a roster as it may be shown.

    Parameters
    ----------
    name, notice, run
        Of the study, and of the plan's run.
    post_names
        By post.
    """
    rules = roster.rules
    return RosterPublication(
        disclosure=disclosure,
        name=name,
        notice=notice,
        run=run,
        rules=(
            f"{rules.rest_h:g} hours of rest between two duties, at least",
            f"{rules.days_in_a_row} days in a row with duty, at most",
            f"{rules.hours_a_week:g} hours in a week, at most",
            f"{rules.weekends_off_share:.0%} of weekends off, at least",
            "one duty a day; duties of at most 12 hours",
        ),
        lines=tuple(_line(roster, group) for group in roster.groups),
        post_names={**post_names, "": PHONE_DESK},
        found=roster.found,
    )


def _line(roster: Roster, group: Group) -> LinePublication:
    title = roster.program.crew_roles[group.crew_role].title
    weeks = tuple(
        tuple(
            DutyPublication(*duty, seat.post_id, seat.responder_type, seat.shift_pattern)
            for duty, seat in week
        )
        for week in weeks_of(group)
    )
    return LinePublication(
        crew_role=group.crew_role,
        standby=group.standby,
        desk=group.desk,
        title=f"{title}{', on call' if group.standby else ', phone desk' if group.desk else ''}",
        weeks=weeks,
        relief=group.relief,
        hours_per_week=group.hours_per_week / max(len(weeks), 1),
        weekends_off=sum(not any(duty.day in (5, 6) for duty in week) for week in weeks),
        status=group.line.status.value,
        cure=group.line.cure,
    )
