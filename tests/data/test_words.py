"""Names in the order in which people list them."""

from __future__ import annotations

import pandas as pd

from coresponse.data.options import Deployment, Option
from coresponse.data.words import in_order, natural_order


def test_names_with_numbers_stand_in_their_order() -> None:
    """``Post 10`` stood before ``Post 2`` in tables and lists."""
    assert in_order(["Post 10", "Post 2", "Post 1b", "Post 1", "9", "10"]) == [
        "9", "10", "Post 1", "Post 1b", "Post 2", "Post 10",
    ]  # fmt: skip
    # equal numbers keep an order of their own, and no number is too long
    assert in_order(["P02", "P2"]) == in_order(["P2", "P02"])
    assert in_order(["1" + "0" * 5000, "9"])[0] == "9"
    column = pd.Series(["Post 10", "Post 2", "Post 10"])
    assert column.sort_values(key=natural_order).tolist() == ["Post 2", "Post 10", "Post 10"]
    counts = {Option("van", post, "day"): 1 for post in ("P10", "P2", "P1")}
    assert [option.post_id for option, _ in Deployment.of("plan", counts).counts] == [
        "P1", "P2", "P10",
    ]  # fmt: skip
