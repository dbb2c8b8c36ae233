"""The replay's oracle: the same city, rules and calls as SimPy processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from coresponse.coverage.replay.record import Record
from coresponse.data.programs.load import load_program
from coresponse.data.programs.model import Program
from coresponse.data.sourced import SourcedNumber
from tests.conftest import benchmark_module

world = benchmark_module("_replay_world")
simpy_replay = benchmark_module("_replay_simpy")

DAY = np.arange(168) % 24
PATTERNS = np.stack([np.ones(168, dtype=bool), (DAY >= 8) & (DAY < 18), (DAY >= 16) | (DAY < 2)])
"""Around the clock, by day, and from the afternoon into the night."""


def two_class_program(**standards: float) -> Program:
    """Two call classes that differ in their priority alone; some standards in minutes."""
    program = load_program("mixed")
    low = program.call_classes["crisis_low"]
    clocks = {name: SourcedNumber(value=value) for name, value in standards.items()}
    return program.model_copy(
        update={
            "call_classes": {"low": low, "high": low.model_copy(update={"priority": 1})},
            "standards": program.standards.model_copy(update=clocks),
        }
    )


def assert_same_events(record: Record, events: Sequence[Any], *, atol: float) -> None:
    """Every call has the same end, by the same unit, at the same times."""
    assert record.reason.tolist() == [event.reason for event in events]
    assert record.server.tolist() == [event.server for event in events]
    for ours, theirs in (
        ("sent_s", "sent"),
        ("arrived_s", "arrived"),
        ("contact_s", "contact"),
        ("cleared_s", "cleared"),
    ):
        np.testing.assert_allclose(
            getattr(record, ours), [getattr(e, theirs) for e in events], atol=atol, rtol=0
        )
