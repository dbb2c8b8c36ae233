"""The replay's rules written a second time, as processes in SimPy.

An oracle for the events and a peer for the speed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from coresponse.coverage.replay.arrays import Calls, Roads, Servers, Settings
from coresponse.coverage.replay.patrol import Patrol
from coresponse.coverage.replay.rules import Reason

Process = Generator[simpy.Event, Any, None]


@dataclass
class Unit:
    """A unit is at its post, on a call, or on its way home."""

    server: int
    where: str = "post"
    cleared: float = 0.0
    home_at: float = 0.0
    place: int = -1
    facility: int = -1
    next_node: int = -1
    at_next: float = 0.0
    pace: float = 1.0
    going_home: simpy.Process | None = None
    visiting: simpy.Process | None = None


@dataclass
class CallEvent:
    """What became of a call."""

    reason: Reason
    server: int = -1
    sent: float = np.nan
    arrived: float = np.nan
    contact: float = np.nan
    cleared: float = np.nan


class SimulatedCity:
    """All units and calls of one simulation."""

    def __init__(
        self,
        calls: Calls,
        servers: Servers,
        roads: Roads,
        settings: Settings,
        patrol: Patrol | None = None,
    ) -> None:
        self.patrol = patrol
        self.officer_idle = [True] * (0 if patrol is None else len(patrol.on_duty))
        self.requests: deque[simpy.Event] = deque()
        self.officer_sent = [np.nan] * len(calls.ready_s)
        self.own_sent = [np.nan] * (0 if patrol is None else len(patrol.own_ready_s))
        self.calls, self.servers, self.roads, self.settings = calls, servers, roads, settings
        self.env = simpy.Environment()
        self.units = [Unit(s) for s in range(len(servers.type))]
        self.waiting: list[int] = []
        self.events = [CallEvent(Reason.BUSY) for _ in calls.ready_s]
        self.busy_s = np.zeros((len(self.units), 168))
        self.backlog: deque[float] = deque()
        self.visited_s = 0.0

    def simulate(self) -> list[CallEvent]:
        """Run until every call is dealt with."""
        for unit in self.units:
            if not self.servers.on_duty[self.servers.pattern[unit.server]].all():
                self.env.process(self.shifts(unit))
        self.env.process(self.speeds())
        if self.patrol is not None:
            self.env.process(self.own_calls())
            self.env.process(self.officer_shifts())
        arrivals = self.env.process(self.arrivals())
        self.env.run(until=arrivals)
        horizon = self.env.now + 30 * 7 * 86400 if self.waiting else self.env.now + 5 * 86400
        self.env.run(until=horizon)
        return self.events

    def arrivals(self) -> Process:
        for c, ready in enumerate(self.calls.ready_s):
            yield self.env.timeout(max(ready - self.env.now, 0.0))
            if self.dispatch(c):
                continue
            self.events[c].reason = self.why_not(c)
            if self.settings.queue and self.events[c].reason == Reason.BUSY:
                self.waiting.append(c)
                if np.isfinite(self.calls.deadline_s[c]):
                    self.env.process(self.give_up(c))
            elif self.patrol is not None:
                self.env.process(self.police_alone(c))

    def give_up(self, c: int) -> Process:
        yield self.env.timeout(max(self.calls.deadline_s[c] - self.env.now, 0.0))
        if c in self.waiting:
            self.waiting.remove(c)
            self.events[c].reason = Reason.GAVE_UP
            if self.patrol is not None:
                self.env.process(self.police_alone(c))

    def own_calls(self) -> Process:
        """Let the patrol's own calls come in."""
        assert self.patrol is not None
        for k, ready in enumerate(self.patrol.own_ready_s):
            yield self.env.timeout(ready - self.env.now)
            self.env.process(self.own_call(k))

    def own_call(self, k: int) -> Process:
        assert self.patrol is not None
        officer = yield self.officer()
        self.own_sent[k] = self.env.now
        yield self.env.timeout(self.patrol.own_job_s[k])
        self.release(officer)

    def police_alone(self, c: int) -> Process:
        assert self.patrol is not None
        officer = yield self.officer()
        self.officer_sent[c] = self.env.now
        yield self.env.timeout(self.patrol.drive_s[c] + self.patrol.alone_s[c])
        self.release(officer)

    def officer_meets(self, c: int, there: simpy.Event, done: simpy.Event) -> Process:
        """Drive to a unit's call and stay until it is done on scene."""
        assert self.patrol is not None
        officer = yield self.officer()
        self.officer_sent[c] = self.env.now
        yield self.env.timeout(self.patrol.drive_s[c])
        there.succeed()
        yield done
        self.release(officer)

    def officer(self) -> simpy.Event:
        """Ask for an officer; the event's value is who comes."""
        request = self.env.event()
        self.requests.append(request)
        self.match()
        return request

    def release(self, officer: int) -> None:
        self.officer_idle[officer] = True
        self.match()

    def officer_shifts(self) -> Process:
        while True:
            self.match()
            yield self.env.timeout(3600)

    def match(self) -> None:
        """Give the longest-waiting request to the first idle officer on duty."""
        assert self.patrol is not None
        for o, idle in enumerate(self.officer_idle):
            if not self.requests:
                return
            if idle and self.patrol.on_duty[o, self.hour()]:
                self.officer_idle[o] = False
                self.requests.popleft().succeed(o)

    def shifts(self, unit: Unit) -> Process:
        hours = self.servers.on_duty[self.servers.pattern[unit.server]]
        hour, on = 0, hours[0]
        while True:
            step = next((k for k in range(1, 169) if hours[(hour + k) % 168] != on), None)
            if step is None:
                return
            hour += step
            yield self.env.timeout(hour * 3600 - self.env.now)
            on = hours[hour % 168]
            if on:
                self.unit_free()
                self.visit_next(unit)
            else:
                self.stop_visit(unit)
            if on:
                continue
            if unit.where == "way" and unit.going_home is not None:
                unit.going_home.interrupt()
                unit.where = "post"

    def speeds(self) -> Process:
        speed = self.roads.speed_of_hour
        while True:
            yield self.env.timeout(3600)
            if speed[self.hour()] != speed[self.hour() - 1]:
                self.unit_free()

    def hour(self) -> int:
        return int(self.env.now // 3600) % 168

    def on_duty(self, s: int) -> bool:
        hours = self.servers.on_duty[self.servers.pattern[s]]
        if not hours[self.hour()]:
            return False
        if self.settings.last_call_s <= 0 or hours.all():
            return True
        left = next(k for k in range(1, 169) if not hours[(self.hour() + k) % 168])
        return (self.env.now // 3600 + left) * 3600 - self.env.now >= self.settings.last_call_s

    def free(self, unit: Unit) -> bool:
        return unit.where == "post" or (unit.where == "way" and self.settings.on_the_way)

    def drive(self, unit: Unit, place: int) -> float:
        kind = self.servers.type[unit.server]
        if self.servers.tele[kind]:
            return 0.0
        seconds = float(self.roads.out_s[place, self.servers.post[unit.server]])
        if unit.where == "way" and self.settings.true_position:
            pace = self.servers.speed[kind] * unit.pace * self.settings.return_speed
            left = (unit.at_next - self.env.now) * pace
            seconds = left + float(self.roads.ways.out_s[unit.next_node, place])
        elif unit.where == "way" and self.settings.on_the_way:
            left = (unit.home_at - self.env.now) / (unit.home_at - unit.cleared)
            if unit.facility >= 0:
                start = float(self.roads.facility_out_s[unit.facility, place])
            else:
                start = float(self.roads.between_s[unit.place, place])
            seconds = left * start + (1 - left) * seconds
        return seconds / (self.servers.speed[kind] * self.roads.speed_of_hour[self.hour()])

    def is_own(self, unit: Unit, c: int) -> bool:
        """Whether a unit is of the call's agency; yes where there is one agency."""
        roads = self.roads
        if not len(roads.post_agency):
            return True
        post = self.servers.post[unit.server]
        return bool(roads.post_agency[post] == roads.place_agency[self.calls.place[c]])

    def dispatch(self, c: int) -> bool:
        choices = []
        officer = max(self.calls.ready_s[c] + self.settings.police_s, self.env.now)
        for unit in self.units:
            kind = self.servers.type[unit.server]
            if not (
                self.servers.eligible[kind, self.calls.kind[c]]
                and self.free(unit)
                and self.on_duty(unit.server)
            ):
                continue
            drive = self.drive(unit, int(self.calls.place[c]))
            if drive <= self.settings.reach_s:
                own = self.env.now + self.servers.delay_s[kind] + drive
                key = max(own, officer) if self.servers.officer_first[kind] else own
                choices.append(((self.servers.rank[kind], key, own), unit, drive))
        rule = {0: "shared", 1: "own first", 2: "own only"}[self.roads.sharing]
        home = [choice for choice in choices if self.is_own(choice[1], c)]
        if rule == "own only" or (rule == "own first" and home):
            choices = home
        if not choices:
            return False
        best = min(choice[0] for choice in choices)
        tied = [choice for choice in choices if choice[0] == best]
        _, unit, drive = tied[min(int(self.calls.tie_u[c] * len(tied)), len(tied) - 1)]
        if unit.where == "way" and unit.going_home is not None:
            unit.going_home.interrupt()
        self.stop_visit(unit)
        unit.where = "call"
        self.env.process(self.answer(unit, c, drive))
        return True

    def why_not(self, c: int) -> Reason:
        reason = Reason.NOT_IN_DEPLOYMENT
        for unit in self.units:
            kind = self.servers.type[unit.server]
            if not self.servers.eligible[kind, self.calls.kind[c]]:
                continue
            if self.roads.sharing == 2 and not self.is_own(unit, c):
                continue
            if not self.on_duty(unit.server):
                reason = max(reason, Reason.CLOSED)
                continue
            speed = self.servers.speed[kind] * self.roads.speed_of_hour[self.hour()]
            far = (
                self.roads.out_s[self.calls.place[c], self.servers.post[unit.server]] / speed
                > self.settings.reach_s
            )
            if not self.free(unit) and (self.servers.tele[kind] or not far):
                return Reason.BUSY
            reason = Reason.OUT_OF_REACH
        return reason

    def answer(self, unit: Unit, c: int, drive: float) -> Process:
        kind, event = self.servers.type[unit.server], self.events[c]
        event.reason, event.server, event.sent = Reason.SENT, unit.server, self.env.now
        speed = self.servers.speed[kind] * self.roads.speed_of_hour[self.hour()]
        spread = self.servers.delay_spread[kind]
        delay = self.servers.delay_s[kind] * np.exp(
            spread * float(self.calls.delay_z[c]) - spread**2 / 2
        )
        spread = self.servers.drive_spread[kind]
        longer = np.exp(spread * float(self.calls.delay_z[c]) - spread**2 / 2)
        yield from self.on_scene(c, event, kind, delay + drive * longer)
        place, post = int(self.calls.place[c]), self.servers.post[unit.server]
        unit.place, unit.facility, home = place, -1, float(self.roads.home_s[place, post])
        if self.calls.transport_s[c] > 0 and not self.servers.tele[kind]:
            if self.roads.facility[place] >= 0:
                unit.facility = int(self.roads.facility[place])
                home = float(self.roads.facility_home_s[unit.facility, post])
            yield from self.transport(c, place, speed)
        yield self.env.timeout(float(self.calls.paperwork_s[c]))
        event.cleared = unit.cleared = self.env.now
        self.note_work(unit.server, event.sent, event.cleared)
        if self.settings.follow_up_s > 0 and self.calls.follow_up[c]:
            self.env.process(self.follow_up_due())
        on = self.servers.on_duty[self.servers.pattern[unit.server], self.hour()]
        if not on or home == 0 or self.servers.tele[kind]:
            unit.where = "post"
            if on:
                self.unit_free()
        else:
            back = speed * self.settings.return_speed
            unit.where, unit.home_at = "way", self.env.now + home / back
            unit.pace = speed / self.servers.speed[kind]
            if self.settings.true_position:
                unit.next_node = self.node_left(unit)
                unit.at_next = self.env.now
                unit.going_home = self.env.process(self.drive_home(unit, back))
            else:
                unit.going_home = self.env.process(self.go_home(unit, home / back))
            self.unit_free()
        self.visit_next(unit)

    def on_scene(self, c: int, event: CallEvent, kind: int, arrives_in: float) -> Process:
        """Arrive, wait for an officer if one must be there first, and help."""
        needs_officer = bool(self.servers.officer_first[kind])
        there, done = self.env.event(), self.env.event()
        if needs_officer and self.patrol is not None:
            self.env.process(self.officer_meets(c, there, done))
        yield self.env.timeout(arrives_in)
        event.arrived = self.env.now
        if needs_officer and self.patrol is not None:
            yield there
        elif needs_officer and self.calls.police_at_s[c] > self.env.now:
            yield self.env.timeout(self.calls.police_at_s[c] - self.env.now)
        event.contact = self.env.now
        yield self.env.timeout(float(self.calls.on_scene_s[c]))
        done.succeed()

    def transport(self, c: int, place: int, speed: float) -> Process:
        """Take the person to a facility."""
        drive_there = float(self.calls.drive_there_s[c])
        if np.isnan(drive_there):
            near = self.roads.facility[place] >= 0
            drive_there = float(self.roads.to_facility_s[place]) / speed if near else 0.0
        if np.isnan(self.calls.drop_off_s[c]):
            yield self.env.timeout(max(float(self.calls.transport_s[c]), drive_there))
        else:
            yield self.env.timeout(drive_there)
            yield self.env.timeout(float(self.calls.drop_off_s[c]))

    def node_left(self, unit: Unit) -> int:
        ways = self.roads.ways
        return int(
            ways.of_facility[unit.facility] if unit.facility >= 0 else ways.of_place[unit.place]
        )

    def drive_home(self, unit: Unit, speed: float) -> Process:
        """Drive from crossing to crossing."""
        ways, post = self.roads.ways, self.servers.post[unit.server]
        try:
            while (ahead := int(ways.ahead[post, unit.next_node])) >= 0:
                seconds = ways.home_s[post, unit.next_node] - ways.home_s[post, ahead]
                unit.next_node, unit.at_next = ahead, self.env.now + seconds / speed
                yield self.env.timeout(seconds / speed)
        except simpy.Interrupt:
            return
        unit.where = "post"
        self.unit_free()

    def go_home(self, unit: Unit, seconds: float) -> Process:
        try:
            yield self.env.timeout(seconds)
        except simpy.Interrupt:
            return
        unit.where = "post"
        self.unit_free()

    def note_work(self, server: int, start: float, end: float) -> None:
        while start < end:
            stop = min(end, (start // 3600 + 1) * 3600)
            self.busy_s[server, int(start // 3600) % 168] += stop - start
            start = stop

    def follow_up_due(self) -> Process:
        yield self.env.timeout(self.settings.follow_up_after_s)
        self.backlog.append(self.settings.follow_up_s)
        for unit in self.units:
            if self.backlog:
                self.visit_next(unit)

    def visit_next(self, unit: Unit) -> None:
        idle = unit.where != "call" and unit.visiting is None
        hours = self.servers.on_duty[self.servers.pattern[unit.server]]
        if (
            self.backlog
            and idle
            and self.servers.follow_ups[self.servers.type[unit.server]]
            and hours[self.hour()]
        ):
            unit.visiting = self.env.process(self.visit(unit, self.backlog.popleft()))

    def stop_visit(self, unit: Unit) -> None:
        if unit.visiting is not None and unit.visiting.is_alive:
            unit.visiting.interrupt()
            unit.visiting = None

    def visit(self, unit: Unit, seconds: float) -> Process:
        start = self.env.now
        try:
            yield self.env.timeout(seconds)
        except simpy.Interrupt:
            self.visited_s += self.env.now - start
            self.backlog.appendleft(seconds - (self.env.now - start))
            return
        self.visited_s += seconds
        unit.visiting = None
        self.visit_next(unit)

    def unit_free(self) -> None:
        """Try every waiting call, in the order of the rules."""
        order = sorted(
            self.waiting,
            key=lambda c: (-self.calls.priority[c] if self.settings.by_priority else 0, c),
        )
        for c in order:
            if self.dispatch(c):
                self.waiting.remove(c)
