"""The first look for rings waits until all modules are there; later ones come seldom."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from coresponse.data.rings import OBJECTS_BETWEEN_LOOKS, OBJECTS_OF_A_START, look_seldom


@pytest.fixture
def as_before() -> Iterator[None]:
    threshold, callbacks = gc.get_threshold(), list(gc.callbacks)
    yield
    gc.set_threshold(*threshold)
    gc.callbacks[:] = callbacks


@pytest.mark.usefixtures("as_before")
def test_the_first_look_is_late_and_the_others_are_as_stated() -> None:
    others = len(gc.callbacks)
    look_seldom()
    look_seldom()
    assert gc.get_threshold()[0] == OBJECTS_OF_A_START > OBJECTS_BETWEEN_LOOKS[0]
    assert len(gc.callbacks) == others + 1
    gc.collect(0)
    assert gc.get_threshold() == OBJECTS_BETWEEN_LOOKS
    assert len(gc.callbacks) == others
