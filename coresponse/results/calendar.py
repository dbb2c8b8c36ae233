"""Calendars (``.ics``, RFC 5545) that repeat: plain text, escaped, folded, the same bytes each time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Octets of a line, at most.
FOLD = 75


@dataclass(frozen=True)
class Event:
    """An event that repeats every so many weeks, in local time wherever it is read.

    Attributes
    ----------
    uid
        The same each time it is written.
    start
        Local, without a time zone: a shift from 13:00 is from 13:00 in summer and winter.
    hours
        How long.
    every_weeks
        After how many weeks it comes again.
    """

    uid: str
    title: str
    place: str
    start: dt.datetime
    hours: int
    every_weeks: int


def calendar(name: str, events: Iterable[Event]) -> str:
    """Return a calendar as text."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//coresponse//roster//EN",
        f"X-WR-CALNAME:{_text(name)}",
        *(line for event in events for line in _lines(event)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _lines(event: Event) -> Iterator[str]:
    end = event.start + dt.timedelta(hours=event.hours)
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    # the moment of writing would be another each time
    yield f"DTSTAMP:{event.start:%Y%m%d}T000000Z"
    yield f"DTSTART:{event.start:%Y%m%dT%H%M%S}"
    yield f"DTEND:{end:%Y%m%dT%H%M%S}"
    yield f"RRULE:FREQ=WEEKLY;INTERVAL={event.every_weeks}"
    yield f"SUMMARY:{_text(event.title)}"
    yield f"LOCATION:{_text(event.place)}"
    yield "END:VEVENT"


def _text(text: str) -> str:
    plain = "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\r", "\n"))
    for mark in ("\\", ";", ","):
        plain = plain.replace(mark, f"\\{mark}")
    return plain.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Break a line at 75 octets, never inside a letter; the next part begins with a space."""
    part, room = "", FOLD
    for letter in line:
        size = len(letter.encode("utf-8", errors="replace"))
        if size > room:
            yield part
            part, room = " ", FOLD - 1
        part += letter
        room -= size
    yield part
