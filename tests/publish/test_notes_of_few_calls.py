"""What is said of the replay is the same, letter by letter, whether one call more or less came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coresponse.coverage.evaluation_setup import drawn_setup
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.city import City
from coresponse.data.roads.made import street_grid
from coresponse.publish.disclosure import PUBLIC

ROADS = street_grid(6, 6, seed=4)


def said_of(n: int) -> list[str]:
    """Return the notes on a replay drawn from so many calls in 25 days."""
    node = np.arange(n) % ROADS.n_nodes
    received = pd.Timestamp("2025-03-03") + pd.to_timedelta(np.linspace(0.0, 599.0, n), "h")
    calls = pd.DataFrame(
        {
            "received": received,
            "nature": "MENTAL HEALTH",
            "x": ROADS.node_x[node],
            "y": ROADS.node_y[node],
        }
    )
    posts = pd.DataFrame({"post_id": ["A"], "x": ROADS.node_x[:1], "y": ROADS.node_y[:1]})
    city = City(ROADS, calls, posts, "ride-along", timezone="UTC", crs=str(ROADS.crs))
    settings = EvaluationSettings(replications=2, weeks=2)
    return PUBLIC.notes(drawn_setup(city, settings, target_s=900, seed=1).notes)


def test_notes_do_not_tell_how_many_calls_there_were() -> None:
    """The plan's page said 770 calls a week and, under it, "from a history of 777.0 a week": 111 calls in a day."""
    said = said_of(300)
    assert said == said_of(299)
    assert any("drawn from the fitted arrivals" in note for note in said)
