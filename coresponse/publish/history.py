"""What may be told of a question, and of the past calls that it rests on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coresponse.coverage.demand import has_shares
from coresponse.coverage.few_calls import MIN_CALLS
from coresponse.coverage.hidden import codes_and_hidden
from coresponse.data.calls.history import ON_THE_NETWORK, FunnelStep
from coresponse.data.known_city import KnownCity
from coresponse.data.words import counted
from coresponse.optimize.case import Case
from coresponse.publish.disclosure import PUBLIC, Disclosure
from coresponse.publish.facts import Facts, HistoryPublication
from coresponse.publish.funnel import shown_funnel, shown_set_aside

# Fewer days of calls do not even tell the days of the week apart.
ENOUGH_DAYS = 28


def facts_of(case: Case) -> Facts:
    """Return what may be told of a case."""
    city = case.world
    own = {
        name: getattr(city, name)
        for name in (
            "name", "roads", "posts", "districts", "agencies", "today", "periods", "water",
            "parks", "landmarks", "attribution",
        )
    }  # fmt: skip
    return Facts(
        **own,
        notice=case.notice,
        program=case.program,
        limits=case.limits,
        goal=case.goal,
        floors=case.floors,
        target_min=case.target_s / 60,
        reach_min=case.reach_limit_min,
        standards=case.standards,
        solver=case.solver,
        evaluation=case.evaluation,
        seed=case.seed,
    )


def publish_history(city: KnownCity, disclosure: Disclosure = PUBLIC) -> HistoryPublication:
    """Return what may be shown of a city's past calls."""
    calls = city.calls
    steps: tuple[FunnelStep, ...] = calls.funnel.steps
    funnel = shown_funnel(steps, disclosure)
    days = round(calls.days)
    few = (
        f"Only {counted(days, 'day')} of calls: figures a year are rough, weeks and seasons unknown"
    )
    at_network = (step.count for step in funnel if step.name == ON_THE_NETWORK)
    received = calls.frame["received_at"]
    return HistoryPublication(
        funnel=funnel,
        set_aside=shown_set_aside(steps, len(calls.set_aside), disclosure),
        # to seconds it tells a call's time
        days=round(calls.days, 3) if disclosure.internal else max(1, round(calls.days)),
        timezone=calls.timezone,
        notes=tuple(disclosure.notes(calls.notes)),
        first_day=_day(received.min()),
        last_day=_day(received.max()),
        located=next(at_network, len(calls.frame)),
        few_days=few if calls.days < ENOUGH_DAYS and calls.assumed is None else "",
        codes=_codes(city, disclosure),
        assumed=str(calls.assumed or ""),
    )


def _day(moment: Any) -> str:
    """Return the day; '' where there is no call."""
    return "" if pd.isna(moment) else f"{moment:%Y-%m-%d}"


def _coarsen(table: pd.DataFrame, disclosure: Disclosure) -> None:
    """Round measured shares, and where they would tell of 1 to 10 calls give the range of so many."""
    if disclosure.internal:
        return
    for end in ("share_low", "share_high"):
        count = (table[end] * table["calls"]).round()
        few = (count > 0) & (count < MIN_CALLS)
        rest = (count < table["calls"]) & (table["calls"] - count < MIN_CALLS)
        most = (MIN_CALLS - 1) / table["calls"]
        share = table[end].round(2)
        share = share.where(~few, 0.0 if end == "share_low" else most.clip(upper=1.0).round(2))
        table[end] = share.where(~rest, 1.0 if end == "share_high" else (1 - most).round(2))


def _codes(city: KnownCity, disclosure: Disclosure) -> pd.DataFrame:
    """Return what codes say and hide; natures of 1 to 10 calls, and what would tell such a count, are not shown."""
    frame = city.calls.frame
    noted = "mental_health" in frame and bool((frame["mental_health"] != "").any())
    if not noted and not has_shares(city.program, frame):
        return pd.DataFrame()
    table = codes_and_hidden(city.calls, city.program)
    calls = table.drop_duplicates("nature").set_index("nature")["calls"]
    hide = disclosure.hides(calls.to_numpy())
    bands = pd.Series(disclosure.ranges(calls.to_numpy(), hide), index=calls.index)
    shown = table[~table["nature"].isin(calls.index[hide])].copy()
    if noted:
        _coarsen(shown, disclosure)
    return pd.DataFrame(
        {
            "nature": shown["nature"],
            "calls_band": shown["nature"].map(bands),
            "call_class": shown["call_class"],
            "says": shown["says"],
            "share_low": shown[["share_low", "share_high"]].min(axis=1),
            "share_high": shown[["share_low", "share_high"]].max(axis=1),
        }
    ).reset_index(drop=True)
