"""A desk of clinicians on the phone: waits, callers who hang up, and the clinicians that a standard takes.

Erlang C (1917): calls wait without end. Erlang A (Palm 1946; Garnett, Mandelbaum and Reiman 2002):
a caller hangs up after an exponential time of patience. With N clinicians, arrivals l, service m
and patience 1/t, the wait that a caller with endless patience would have is longer than s with
density f(s) = N m P_N exp(l/t (1 - e^(-t s)) - N m s), P_N the chance that N calls are at the desk;
t = 0 is Erlang C.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coresponse.coverage.queueing.erlang import erlang_b, erlang_c
from coresponse.data.errors import InputError

# a sum of doubles does not see smaller terms
NEGLIGIBLE = 1e-15
# a slip in a rate, or a call that never ends, would else be searched for without end
MOST_CLINICIANS = 10_000


@dataclass(frozen=True)
class PhoneDesk:
    """A desk while nothing changes: Poisson calls, exponential times on the phone, first come, first served.

    Attributes
    ----------
    calls_per_h
        Calls to the desk an hour, 0 or more.
    handle_min
        Mean minutes that a call keeps a clinician, with notes.
    clinicians
        At the desk at once, 1 or more.
    patience_min
        Mean minutes after which a waiting caller hangs up; None: never.
    """

    calls_per_h: float
    handle_min: float
    clinicians: int
    patience_min: float | None = None

    def __post_init__(self) -> None:
        numbers = (self.calls_per_h, self.handle_min, self.patience_min or 1.0)
        if not np.isfinite(numbers).all() or self.calls_per_h < 0 or self.handle_min <= 0:
            raise InputError(
                "a phone desk needs 0 or more calls an hour and a handling time above 0 min, found "
                f"{self.calls_per_h} and {self.handle_min}"
            )
        if self.clinicians < 1 or (self.patience_min is not None and self.patience_min <= 0):
            raise InputError(
                "a phone desk needs 1 clinician or more, and patience above 0 min if callers hang "
                f"up, found {self.clinicians} and {self.patience_min}"
            )

    @property
    def offered_load(self) -> float:
        """Calls an hour times handling time: clinicians who would be busy if nobody had to wait."""
        return self.calls_per_h * self.handle_min / 60

    @property
    def overloaded(self) -> bool:
        """Whether the wait would grow without end: calls outrun the desk and nobody hangs up."""
        return self.patience_min is None and self.offered_load >= self.clinicians

    @property
    def share_waiting(self) -> float:
        """Share of calls that find all clinicians busy."""
        if self.patience_min is None:
            return erlang_c(self.offered_load, self.clinicians)
        lost = erlang_b(self.offered_load, self.clinicians)
        # chances relative to that of N calls at the desk: fewer, and N or more
        fewer, more = (1 - lost) / lost if lost > 0 else np.inf, 1 + self._queue()[0]
        return float(more / (more + fewer))

    @property
    def share_hung_up(self) -> float:
        """Share of calls that hang up before they are answered."""
        if self.patience_min is None or self.calls_per_h == 0:
            return 0.0
        return self.waiting / self.patience_min * 60 / self.calls_per_h

    @property
    def busy_share(self) -> float:
        """Share of their time that clinicians are on the phone; 1 where overloaded."""
        return min(self.offered_load * (1 - self.share_hung_up) / self.clinicians, 1.0)

    @property
    def waiting(self) -> float:
        """Mean number of callers who wait; inf where overloaded."""
        if self.overloaded:
            return np.inf
        if self.patience_min is None:
            load, n = self.offered_load, self.clinicians
            return self.share_waiting * load / (n - load)
        more, length = self._queue()
        return float(self.share_waiting * length / (1 + more))

    @property
    def mean_wait_s(self) -> float:
        """Mean seconds until a call is answered or hangs up, over all calls (Little's law)."""
        return self.waiting / self.calls_per_h * 3600 if self.calls_per_h else 0.0

    def share_within(self, limit_s: float) -> float:
        """Share of all calls that are answered within so many seconds."""
        if self.overloaded:
            return 0.0
        from scipy.integrate import quad  # noqa: PLC0415 - takes 0.1 s, and few cities have a desk

        at_once = 1 - self.share_waiting
        hang_ups, density = self._hang_ups_per_s, self._density()
        waited, _ = quad(
            lambda s: np.exp(-hang_ups * s) * density(s), 0, limit_s, epsabs=1e-12, limit=200
        )
        return float(min(at_once + waited, 1.0))

    def share_waiting_longer(self, limit_s: float) -> float:
        """Share of all calls that are neither answered nor hung up after so many seconds."""
        if self.overloaded:
            return 1.0
        from scipy.integrate import quad  # noqa: PLC0415 - as above

        capacity, density = self.clinicians / (self.handle_min * 60), self._density()
        rest, _ = quad(density, limit_s, limit_s + 60 / capacity, epsabs=1e-13, limit=400)
        if self.patience_min is None:
            rest = self.share_waiting * np.exp(-(capacity - self.calls_per_h / 3600) * limit_s)
        else:
            rest += quad(density, limit_s + 60 / capacity, np.inf, epsabs=1e-13)[0]
        return float(np.exp(-self._hang_ups_per_s * limit_s) * rest)

    @property
    def _hang_ups_per_s(self) -> float:
        return 0.0 if self.patience_min is None else 1 / (self.patience_min * 60)

    def _density(self) -> Callable[[float], float]:
        """Return the density of the wait that a caller with endless patience would have, at s > 0."""
        rate, capacity = self.calls_per_h / 3600, self.clinicians / (self.handle_min * 60)
        hang_ups, at_zero = self._hang_ups_per_s, capacity * self._all_busy

        def density(s: float) -> float:
            come = rate * s if hang_ups == 0 else rate / hang_ups * -np.expm1(-hang_ups * s)
            return float(at_zero * np.exp(come - capacity * s))

        return density

    @property
    def _all_busy(self) -> float:
        """Chance that just N calls are at the desk."""
        if self.patience_min is None:
            return self.share_waiting * (1 - self.offered_load / self.clinicians)
        return self.share_waiting / (1 + self._queue()[0])

    def _queue(self) -> tuple[float, float]:
        """Chance of a queue, and its mean length, relative to the chance that just N calls are at the desk."""
        hang_up = self.handle_min / (self.patience_min or np.inf)
        load, n = self.offered_load, self.clinicians
        chance, more, length, k = 1.0, 0.0, 0.0, 0
        while k < 1 or chance > NEGLIGIBLE * max(more, NEGLIGIBLE):
            k += 1
            chance *= load / (n + k * hang_up)
            more += chance
            length += k * chance
        return more, length


def clinicians_needed(
    calls_per_h: float,
    handle_min: float,
    *,
    within_s: float = 30.0,
    share: float = 0.9,
    patience_min: float | None = None,
    most_hung_up: float = 1.0,
) -> int:
    """Return the fewest clinicians who answer a share of all calls in time; 0 without calls.

    Parameters
    ----------
    within_s, share
        The standard: this share (0..1) of all calls within so many seconds.
    most_hung_up
        Share of calls that may hang up.

    Raises
    ------
    InputError
        If the standard cannot be met, such as a share of 1.
    """
    if calls_per_h == 0:
        return 0
    if not 0 < share < 1 or within_s < 0 or not 0 < most_hung_up <= 1:
        raise InputError(
            "a phone standard needs a share above 0 and below 1 of calls answered within 0 or more "
            f"seconds, and room for some to hang up, found {share}, {within_s} and {most_hung_up}"
        )

    def enough(clinicians: int) -> bool:
        desk = PhoneDesk(calls_per_h, handle_min, clinicians, patience_min)
        return desk.share_within(within_s) >= share and desk.share_hung_up <= most_hung_up

    high = 1
    while not enough(high):
        high *= 2
        if high > MOST_CLINICIANS:
            raise InputError(
                f"{calls_per_h:g} calls an hour need more than {MOST_CLINICIANS:,} clinicians"
            )
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
